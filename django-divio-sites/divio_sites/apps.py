"""The Django application."""

import sys

from django.apps import AppConfig, apps


class DivioSitesConfig(AppConfig):
    """`divio_sites` in INSTALLED_APPS."""

    name = "divio_sites"

    def import_models(self) -> None:
        """Register the system checks, and have them speak first where the next model may fail for want of a `Site`."""
        from divio_sites.checks import traps  # noqa: PLC0415 - Django's registry must be ready before

        if sys.argv[1:2] == ["check"] and not apps.is_installed("django.contrib.sites"):
            sys.exit("\n\n".join(map(str, traps.check_traps())))
        super().import_models()
