"""The health view: who this site is, as `rollout.verify` with `identity` asks, and whether its database answers."""

import os
import threading
import time

from django.conf import settings
from django.db import Error, connections, transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from divio_sites import environment, site_row

_TIMEOUT_S, _STUCK_S = 3.0, 10.0
_lock = threading.Lock()


class _Probe(threading.Thread):
    """One look at the database, in a thread and on a connection of its own: a driver waits minutes for a host that is gone."""

    latest: "_Probe | None" = None

    def __init__(self) -> None:
        super().__init__(name="divio-sites-health", daemon=True)
        self.reachable, self.row, self.began = False, "unknown", time.monotonic()

    def run(self) -> None:
        try:
            alias = site_row.database_of_sites()
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT 1")
            self.reachable = True
            self.row = site_row.state(environment.read(), alias)
        except (Error, LookupError, environment.EnvironmentProblem):
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
        probe = _Probe.latest
        # All wait for one look, so that threads do not pile up; one that hangs must not outlive the trouble.
        if probe is None or not probe.is_alive() or time.monotonic() - probe.began > _STUCK_S:
            probe = _Probe.latest = _Probe()
            probe.start()
    probe.join(_TIMEOUT_S)
    slug, release = os.environ.get("ESTATE_SLUG"), os.environ.get("ESTATE_RELEASE")
    who = {"slug": slug, "site_id": getattr(settings, "SITE_ID", None), "release": release}
    return JsonResponse({**who, "database": probe.reachable, "row": probe.row}, status=200 if probe.reachable else 503)


health.login_required = False  # type: ignore[attr-defined]  # LoginRequiredMiddleware of Django 5.1 reads it
