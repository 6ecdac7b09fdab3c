"""The Django application."""

from django.apps import AppConfig


class NewsConfig(AppConfig):
    """`news` in INSTALLED_APPS."""

    name = "news"
