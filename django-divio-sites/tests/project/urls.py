"""The health view, as a project includes it."""

from django.urls import include, path

urlpatterns = [path("health/", include("divio_sites.health"))]
