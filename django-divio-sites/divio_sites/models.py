"""Whose a row of `django_site` is."""

from django.db import models


class SiteOwner(models.Model):
    """The site that a row of `django_site` belongs to, as that site's last `updatesite` wrote it.

    No foreign key: a row that somebody deletes in the Sites admin still belongs to its site, which makes it again.
    """

    site_id = models.IntegerField(primary_key=True)
    slug = models.CharField(max_length=100, unique=True)
    role = models.CharField(max_length=8)
    environment = models.CharField(max_length=100, blank=True)  # STAGE
    database = models.TextField()  # its address: in a copy of Live's data on Test it is still Live's
