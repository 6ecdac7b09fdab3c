"""The editors' view: one admin a site, so each shows the articles of its own site."""

from django.contrib import admin
from django.contrib.sites.models import Site
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from news.models import Article


@admin.register(Article)
class ArticleAdmin(admin.ModelAdmin):
    """This site's articles."""

    exclude = ["site"]
    list_display = ["title", "author", "published_at"]
    prepopulated_fields = {"slug": ["title"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        """This site's only."""
        return super().get_queryset(request).filter(site=Site.objects.get_current(request))

    def save_model(self, request: HttpRequest, obj: Article, form: ModelForm, change: bool) -> None:
        """A new article belongs to the site whose admin made it."""
        if not change:
            obj.site = Site.objects.get_current(request)
        super().save_model(request, obj, form, change)
