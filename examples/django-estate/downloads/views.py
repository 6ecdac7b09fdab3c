"""What visitors see of the downloads."""

from django.views.generic import ListView

from downloads.models import Download


class DownloadList(ListView):
    """What this site offers."""

    queryset = Download.on_site.all()
