"""The site's own row of `django_site`: made, kept right, and never another site's.

- A row belongs to the slug that `SiteOwner` names. It passes to another only where that names its predecessor. A row
  that nobody owns, from before this package, is claimed where it shows that it is this site's.
- `Site.domain` is unique, and a host name stands on one application of Divio at a time. So a site takes its domain from
  the row of the site that had it before, says so, and that row is `site-ID.invalid` until its own site is deployed: this
  ends well in any order, also where two sites exchange domains. What no order of Divio needs is refused: a mirror takes
  nothing from the original, which is deployed first, and nothing back that was taken while both sites claim it.
- In a copy of Live's data on Test the rows say that they were written elsewhere, and give way.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.management.base import CommandError
from django.core.management.color import no_style
from django.db import Error, IntegrityError, OperationalError, connections, router, transaction

from divio_sites.environment import MIRROR, ORIGINAL, SiteEnvironment
from divio_sites.models import SiteOwner

_WAIT_S = 60
# They keep others from writing django_site; readers go on. Not an advisory lock: what the Sites admin is writing must not
# be overtaken by the sequence's reset. SQLite takes its lock with the first write, and only then.
_LOCKS = {
    "postgresql": (f"SET LOCAL lock_timeout = '{_WAIT_S}s'", "LOCK TABLE django_site IN SHARE ROW EXCLUSIVE MODE"),
    "sqlite": (f"PRAGMA busy_timeout = {_WAIT_S * 1000}", "UPDATE django_site SET name = '' WHERE id = 0"),
}


def state(alias: str) -> str:
    """Whose the row of SITE_ID is, in a word; raises CommandError and `django.db.Error`.

    `own`, `outdated` (own, but its domain is not DOMAIN), `unclaimed` (nobody's), `foreign` (another's) or `missing`.
    """
    here = SiteEnvironment()
    owner = SiteOwner.objects.using(alias).filter(pk=here.site_id).first()
    if owner and owner.slug != here.slug:
        return "foreign"
    row = apps.get_model("sites", "Site").objects.using(alias).filter(pk=here.site_id).first()
    if not row or not owner:
        return "unclaimed" if row else "missing"
    return "own" if row.domain == here.domain else "outdated"


def update(alias: str | None = None) -> list[str]:
    """Bring this site's row in line with its environment; safe beside other processes that do the same.

    Returns what was done, a sentence each; raises CommandError. `alias` is the database, else where routers write.
    """
    here = SiteEnvironment("SITE_ID", "ESTATE_SLUG", "ESTATE_ROLE", "DOMAIN")
    if not apps.is_installed("django.contrib.sites"):
        raise CommandError("django.contrib.sites is not in INSTALLED_APPS: add it, then run manage.py migrate.")
    alias = alias or router.db_for_write(SiteOwner)
    connection, site = connections[alias], apps.get_model("sites", "Site")
    try:
        missing = {"django_site", "divio_sites_siteowner"}.difference(connection.introspection.table_names())
    except Error as error:
        raise CommandError(f"The database {alias!r} cannot be reached.") from error
    if missing:
        raise CommandError(f"The database {alias!r} has no table {min(missing)}: run manage.py migrateoriginal first.")
    try:
        with transaction.atomic(using=alias), connection.cursor() as cursor:
            for statement in _LOCKS.get(connection.vendor, ()):
                cursor.execute(statement)
            done = list(_Update(here, alias, site.objects.using(alias)).run())
            # A row with a given key does not advance the sequence: the Sites admin would give out the same id.
            for statement in connection.ops.sequence_reset_sql(no_style(), [site]):
                cursor.execute(statement)
    except (IntegrityError, OperationalError) as error:
        reason = f"another process changed django_site, or had it locked for {_WAIT_S} s"
        raise CommandError(f"The row could not be written, because {reason}: run updatesite again.") from error
    site.objects.clear_cache()
    return done


class _Update:
    """What one run of `update` finds in the database, and does there."""

    def __init__(self, here: SiteEnvironment, alias: str, sites: Any) -> None:
        self._here, self._alias, self._rows = here, alias, sites.in_bulk()
        self._owners = SiteOwner.objects.using(alias).in_bulk()
        self._owner, self._row = self._owners.get(here.site_id), self._rows.get(here.site_id)
        same = [row for key, row in self._rows.items() if key != here.site_id and row.domain.lower() == here.domain]
        self._holders: list[tuple[Any, Any]] = [(row, self._owners.get(row.pk)) for row in same]  # of this domain
        # Live's and Test's databases differ in their address, also when one holds a copy of the other.
        self._address = "{HOST}:{PORT}/{NAME}".format(**connections[alias].settings_dict)

    def run(self) -> Iterator[str]:
        """Yield what is done, a sentence each, or raise CommandError."""
        if problem := next(self._problems(), None):
            raise CommandError(problem)
        here, key, owner = self._here, self._here.site_id, self._owner
        SiteOwner.objects.using(self._alias).filter(slug=here.slug).exclude(pk=key).delete()
        if owner and owner.slug != here.slug:
            yield f"Row {key} passes from {owner.slug} to its successor {here.slug}."
        for other, holder in self._holders:
            holder.lost_domain, other.domain = "" if self._is_copy(holder) else here.domain, f"site-{other.pk}.invalid"
            holder.save(using=self._alias)
            other.save(using=self._alias)
            until = f"row {other.pk} is {other.domain} until {holder.slug} is deployed"
            yield f"{here.slug} takes the domain {here.domain} from {holder.slug}; {until}."
        if self._row and not owner:
            yield f"{here.slug} claims row {key}, which belonged to nobody."
        row = self._row or apps.get_model("sites", "Site")(pk=key)
        name = here.name if len(here.name) <= 50 else f"{here.name[:49]}…"  # Site.name.max_length
        as_before = (row.domain, row.name) == (here.domain, name)
        was = "as before" if as_before else f"was {row.domain}, {row.name}" if self._row else "new"
        row.domain, row.name = here.domain, name
        row.save(using=self._alias)  # not update(): receivers of Site's signals hear of it
        SiteOwner(key, here.slug, here.role, here.stage, self._address, "").save(using=self._alias)
        yield f"Row {key} of django_site is {here.slug}'s: {row.domain}, {row.name} ({was})."

    def _problems(self) -> Iterator[str]:
        here, key, me, domain, owner = self._here, self._here.site_id, self._here.slug, self._here.domain, self._owner
        for other in self._owners.values():
            if other.database == self._address and here.stage and other.environment not in {"", here.stage}:
                place = f"this is the database of {other.environment}, where {other.slug} has its row"
                yield f"STAGE is {here.stage}, but {place}: give {me} the database of {here.stage}."
            if other.slug == me and other.pk != key and other.pk in self._rows:
                yield f"{me} has row {other.pk}, but SITE_ID is {key}: pin site_id: {other.pk}, or delete row {other.pk}."
        no_heir = owner and (owner.slug != here.predecessor or (owner.role == ORIGINAL and here.role == MIRROR))
        if owner and owner.slug != me and no_heir:
            ways = f"a SITE_ID of its own, or, if {owner.slug} is retired, ESTATE_PREDECESSOR: {owner.slug}"
            yield f"Row {key} of django_site belongs to {owner.slug}: give {me} {ways}."
        for row, holder in self._holders:
            if holder is None:
                ways = f"deploy its own site first, delete it in the Sites admin, or pin site_id: {row.pk}"
                yield f"Row {row.pk} of django_site has the domain {domain}, but SITE_ID is {key}: {ways}."
            elif not self._is_copy(holder) and holder.role == ORIGINAL and here.role == MIRROR:
                ways = f"deploy {holder.slug} first if the domain moved, else correct DOMAIN on {me}"
                yield f"The domain {domain} is still that of the original, {holder.slug}: {ways}."
            elif not self._is_copy(holder) and owner and owner.lost_domain == domain:
                both = f"{holder.slug} and {me} are both deployed with the domain {domain}"
                yield f"{both}: correct DOMAIN on one of the two, and deploy that one first."
        if self._row and not owner and not self._is_claimable(self._row.domain.lower()):
            ways = f"give {me} another SITE_ID, or the row the domain {domain} in the Sites admin, if it is its own"
            yield f"Row {key} of django_site has the domain {self._row.domain} and may be another site's: {ways}."

    def _is_copy(self, owner: SiteOwner) -> bool:
        elsewhere = owner.environment != self._here.stage or not self._here.stage
        return elsewhere and owner.database != self._address

    def _is_claimable(self, domain: str) -> bool:
        """Whether a row without an owner shows that it is ours, or a mistake would do no harm."""
        first, live = self._here.site_id == 1, self._here.stage in {"", "live"}
        # Django makes row 1, example.com, in a new database, and SITE_ID is 1 by default: both are the original's. Outside
        # Live, rows are copies of Live's and have Live's domains.
        harmless = self._here.role == ORIGINAL if first else not live or domain == "example.com"
        return harmless or domain in self._here.domains
