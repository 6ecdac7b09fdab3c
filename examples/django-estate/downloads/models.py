"""Files that several sites offer."""

from django.contrib.sites.managers import CurrentSiteManager
from django.contrib.sites.models import Site
from django.db import models


class Download(models.Model):
    """A file, and the sites that offer it. The file itself is in the storage that all sites share."""

    sites = models.ManyToManyField(Site, related_name="downloads")
    title = models.CharField(max_length=200)
    file = models.FileField(upload_to="downloads/%Y")

    objects = models.Manager()
    on_site = CurrentSiteManager()

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title
