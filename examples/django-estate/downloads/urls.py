"""Addresses of the downloads."""

from django.urls import path

from downloads.views import DownloadList

urlpatterns = [path("", DownloadList.as_view(), name="downloads")]
