"""The health view: who this site is, as `rollout.verify` with `identity` asks, and whether its database answers."""

import os
import threading
import time

from django.conf import settings
from django.core.management.base import CommandError
from django.db import Error, connections, router, transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from divio_sites import site_row
from divio_sites.models import SiteOwner

_TIMEOUT_S, _STUCK_S = 3.0, 10.0
_lock = threading.Lock()


class _Look(threading.Thread):
    """One look at the database, on a connection of its own: a driver waits minutes for a host that is gone."""

    latest: "_Look | None" = None
    began, reachable, row = 0.0, False, "unknown"

    def run(self) -> None:
        try:
            alias = router.db_for_read(SiteOwner)
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT 1")
            self.reachable = True
            self.row = site_row.state(alias)
        except (Error, LookupError, CommandError):
            pass  # no text of a driver leaves the process
        finally:
            connections.close_all()


@never_cache
@require_safe
@transaction.non_atomic_requests  # else ATOMIC_REQUESTS asks the database before the view can say that it is gone
def health(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - Django calls it so
    """JSON: `slug`, `site_id` (settings.SITE_ID, which Django uses), `release`, `database`, `row`.

    `database` is whether it answered within 3 seconds (if not, the status is 503), `row` whose the row of SITE_ID is
    (`site_row.state`, or `unknown`). The view needs no session, user or row.
    """
    with _lock:
        look = _Look.latest
        # All wait for one look, so that threads do not pile up; one that hangs must not outlive the trouble.
        if look is None or not look.is_alive() or time.monotonic() - look.began > _STUCK_S:
            look = _Look.latest = _Look(daemon=True)
            look.began = time.monotonic()
            look.start()
    look.join(_TIMEOUT_S)
    who = {"slug": os.environ.get("ESTATE_SLUG"), "site_id": getattr(settings, "SITE_ID", None)}
    found = {"release": os.environ.get("ESTATE_RELEASE"), "database": look.reachable, "row": look.row}
    return JsonResponse(who | found, status=200 if look.reachable else 503)


health.login_required = False  # type: ignore[attr-defined]  # LoginRequiredMiddleware of Django 5.1 reads it
