"""The health view: who this site is, as `rollout.verify` with `identity` asks, and whether its database answers."""

import os
from contextlib import closing, suppress

from django.conf import settings
from django.db import connections, router, transaction
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from divio_sites.models import SiteOwner

_SECONDS = 3  # a driver would wait minutes for a host that is gone


@never_cache
@require_safe
@transaction.non_atomic_requests  # else ATOMIC_REQUESTS asks the database before the view can say that it is gone
def health(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - Django calls it so
    """JSON: `slug`, `site_id` (settings.SITE_ID), `release`, `database`: whether it answers in 3 seconds, else with 503."""
    found = {"slug": os.environ.get("ESTATE_SLUG"), "site_id": getattr(settings, "SITE_ID", None)}
    found |= {"release": os.environ.get("ESTATE_RELEASE"), "database": False}
    # A connection of its own, because one that is kept may lead to a host that no longer answers.
    with closing(connections.create_connection(router.db_for_read(SiteOwner))) as connection, suppress(Exception):
        if connection.vendor == "postgresql":
            limits = {"connect_timeout": _SECONDS, "tcp_user_timeout": _SECONDS * 1000}
            kept = {name: value for name, value in connection.settings_dict["OPTIONS"].items() if name != "pool"}
            connection.settings_dict = {**connection.settings_dict, "OPTIONS": kept | limits}
        connection.cursor().execute("SELECT 1")
        found["database"] = True
    return JsonResponse(found, status=200 if found["database"] else 503)


health.login_required = False  # type: ignore[attr-defined]  # LoginRequiredMiddleware of Django 5.1 reads it
urlpatterns = [path("", health, name="divio-sites-health")]
