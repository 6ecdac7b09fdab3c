"""Articles. All sites share the table; the column `site` says whose an article is."""

from django.contrib.sites.managers import CurrentSiteManager
from django.contrib.sites.models import Site
from django.db import models
from django.urls import reverse
from django.utils import timezone


class PublishedArticles(CurrentSiteManager):
    """This site's articles whose day has come."""

    use_in_migrations = False

    def get_queryset(self) -> "models.QuerySet[Article]":
        """As CurrentSiteManager's, by SITE_ID, without drafts."""
        return super().get_queryset().filter(published_at__lte=timezone.now())


class Article(models.Model):
    """An article of one site."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="articles")
    title = models.CharField(max_length=200)
    slug = models.SlugField(max_length=200)
    author = models.CharField(max_length=100, blank=True)
    body = models.TextField()
    # NULL where an older release wrote the row: a column that old code does not know may not be required.
    cover = models.FileField(upload_to="news/%Y", blank=True, null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(blank=True, null=True, help_text="Empty: a draft.")

    objects = models.Manager()
    published = PublishedArticles()

    class Meta:
        ordering = ["-published_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["site", "slug"], name="news_article_slug_per_site")]
        indexes = [models.Index(fields=["site", "-published_at"], name="news_article_by_day")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The article's address on its site."""
        return reverse("article", args=[self.slug])
