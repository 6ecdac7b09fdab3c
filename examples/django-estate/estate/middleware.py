"""Divio sends every domain of a site to its containers and redirects none of them: that is the application's part."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect


class PrimaryDomainMiddleware:
    """Redirects the hosts of DOMAIN_REDIRECTS to DOMAIN."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The redirect, or what the project answers."""
        if request.get_host() in settings.DOMAIN_REDIRECTS:
            return HttpResponsePermanentRedirect(f"{request.scheme}://{settings.DOMAIN}{request.get_full_path()}")
        return self.get_response(request)
