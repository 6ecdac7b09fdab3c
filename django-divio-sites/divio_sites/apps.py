"""The Django application."""

from django.apps import AppConfig


class DivioSitesConfig(AppConfig):
    """`divio_sites` in INSTALLED_APPS."""

    name = "divio_sites"
    verbose_name = "Divio sites"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks."""
        from divio_sites import checks  # noqa: F401, PLC0415 - Django's registry must be ready before
