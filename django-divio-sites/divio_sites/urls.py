"""`path("health/", include("divio_sites.urls"))` in the project's urls."""

from django.urls import path

from divio_sites.health import health

urlpatterns = [path("", health, name="divio-sites-health")]
