"""Addresses of the variant with django CMS: pages at the root, everything else where it was."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.conf.urls.static import static
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("health/", include("divio_sites.health")),
    path("downloads/", include("downloads.urls")),
    path("articles/", include("news.urls")),
    path("filer/", include("filer.urls")),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
    *i18n_patterns(path("", include("cms.urls"))),
]
