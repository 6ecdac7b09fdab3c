"""The editors' view: every site's downloads, since a file may be offered on several."""

from django.contrib import admin

from downloads.models import Download


@admin.register(Download)
class DownloadAdmin(admin.ModelAdmin):
    """All downloads."""

    list_display = ["title", "file"]
    list_filter = ["sites"]
    filter_horizontal = ["sites"]
