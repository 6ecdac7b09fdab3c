"""The Django application."""

from django.apps import AppConfig


class DownloadsConfig(AppConfig):
    """`downloads` in INSTALLED_APPS."""

    name = "downloads"
