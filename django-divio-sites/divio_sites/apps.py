"""The Django application."""

from django.apps import AppConfig


class DivioSitesConfig(AppConfig):
    """`divio_sites` in INSTALLED_APPS."""

    name = "divio_sites"

    def ready(self) -> None:
        """Register the system checks."""
        from divio_sites.checks import traps  # noqa: F401, PLC0415 - Django's registry must be ready before
