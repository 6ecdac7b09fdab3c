"""Addresses of the news."""

from django.urls import path

from news.views import ArticleDetail, ArticleList

urlpatterns = [
    path("", ArticleList.as_view(), name="articles"),
    path("news/<slug:slug>/", ArticleDetail.as_view(), name="article"),
]
