"""What every template knows."""

from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject


def site(request: HttpRequest) -> dict[str, object]:
    """`site`: this site's row of django_site, read when a template asks for it."""
    return {"site": SimpleLazyObject(lambda: get_current_site(request))}
