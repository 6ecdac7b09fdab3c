"""Addresses of the project."""

from django.conf import settings
from django.conf.urls.static import static
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("health/", include("divio_sites.health")),  # what `rollout.verify` of estate.yaml asks
    path("downloads/", include("downloads.urls")),
    path("", include("news.urls")),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),  # with DEBUG only
]
