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
# What keeps others from writing django_site; readers go on. Not an advisory lock: what the Sites admin is writing must not
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
    connection = connections[alias or router.db_for_write(SiteOwner)]
    try:
        missing = {"django_site", "divio_sites_siteowner"}.difference(connection.introspection.table_names())
    except Error as error:
        raise CommandError(f"The database {connection.alias!r} cannot be reached.") from error
    if missing:
        raise CommandError(
            f"The database {connection.alias!r} has no table {min(missing)}: run manage.py migrateoriginal."
        )
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            for statement in _LOCKS.get(connection.vendor, ()):
                cursor.execute(statement)
            run = _Update(here, connection)
            if problem := next(run.problems(), ""):
                raise CommandError(problem)
            done = list(run.write())
    except (IntegrityError, OperationalError) as error:
        reason = f"another process changed django_site, or had it locked for {_WAIT_S} s"
        raise CommandError(f"The row could not be written, because {reason}: run updatesite again.") from error
    apps.get_model("sites", "Site").objects.clear_cache()
    return done


class _Update:
    """What one run of `update` finds in the database, and does there."""

    def __init__(self, here: SiteEnvironment, connection: Any) -> None:
        self._here, self._connection, self._site = here, connection, apps.get_model("sites", "Site")
        # Live's and Test's databases differ in their address, also when one holds a copy of the other.
        self._address = "{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)
        self._owners = SiteOwner.objects.using(connection.alias).in_bulk()
        self._rows = self._site.objects.using(connection.alias).in_bulk()
        self._owner, self._row = self._owners.get(here.site_id), self._rows.get(here.site_id)
        others = [row for key, row in self._rows.items() if key != here.site_id and row.domain.lower() == here.domain]
        self._holders: list[tuple[Any, Any]] = [(row, self._owners.get(row.pk)) for row in others]  # of our domain

    def problems(self) -> Iterator[str]:
        """Why the row may not be written, and what would be right."""
        here, key, me, domain, owner = self._here, self._here.site_id, self._here.slug, self._here.domain, self._owner
        succeeds_original = owner and owner.role == ORIGINAL and here.role == MIRROR
        for other in self._owners.values():
            if other.database == self._address and here.stage and other.environment not in {"", here.stage}:
                what = f"STAGE is {here.stage}, but {other.slug} has its row in this database, which is of {other.environment}"
                how = f"give {me} the database of {here.stage} (or, if STAGE was renamed, empty divio_sites_siteowner)"
                yield f"{what}: {how}."
            if other.slug == me and other.pk != key and other.pk in self._rows:
                what = f"{me} has row {other.pk} of django_site, but SITE_ID is {key}: pin site_id: {other.pk}"
                yield f"{what}, or delete that row in the Sites admin if nothing belongs to it."
        if owner and owner.slug != me and (owner.slug != here.predecessor or succeeds_original):
            what = f"Row {key} of django_site belongs to {owner.slug}: give {me} a SITE_ID of its own"
            yield f"{what}, or, where it carries on a retired {owner.slug}, the variable ESTATE_PREDECESSOR: {owner.slug}."
        for row, holder in self._holders:
            if holder is None:
                what = f"Row {row.pk} of django_site has the domain {domain}, but SITE_ID is {key}"
                how = f"deploy the site of row {row.pk} first, or delete the row in the Sites admin, or pin site_id: {row.pk}"
                yield f"{what}: {how}."
            elif not self._is_copy(holder) and here.role == MIRROR and holder.role == ORIGINAL:
                what = f"The domain {domain} is still that of the original, {holder.slug}: deploy {holder.slug} first"
                yield f"{what} if the domain moved, else correct DOMAIN on {me}."
            elif not self._is_copy(holder) and owner and owner.lost_domain == domain:
                what = f"{holder.slug} and {me} are both deployed with the domain {domain}"
                yield f"{what}: correct DOMAIN on one of the two, and deploy that one first."
        if self._row and not owner and not self._is_claimable(self._row.domain.lower()):
            what = f"Row {key} of django_site has the domain {self._row.domain} and may be another site's: give {me} another"
            yield f"{what} SITE_ID, or, if the row is its own, give it the domain {domain} in the Sites admin."

    def _is_copy(self, owner: SiteOwner) -> bool:
        elsewhere = owner.environment != self._here.stage or not self._here.stage
        return elsewhere and owner.database != self._address

    def _is_claimable(self, domain: str) -> bool:
        """Whether a row without an owner shows that it is ours, or a mistake would do no harm."""
        here, first = self._here, self._here.site_id == 1
        if domain in {here.domain, *here.other_domains}:
            return True
        # Django makes row 1, example.com, in a new database, and SITE_ID is 1 by default: both are the original's.
        if first or domain == "example.com":
            return not first or here.role == ORIGINAL
        return here.stage not in {"", "live"}  # rows of other stages are copies of Live's and have Live's domains

    def write(self) -> Iterator[str]:
        """Yield what is done, a sentence each."""
        here, key, alias = self._here, self._here.site_id, self._connection.alias
        SiteOwner.objects.using(alias).filter(slug=here.slug).exclude(pk=key).delete()
        if self._owner and self._owner.slug != here.slug:
            yield f"Row {key} passes from {self._owner.slug} to its successor {here.slug}."
        for row, holder in self._holders:
            holder.lost_domain, row.domain = "" if self._is_copy(holder) else here.domain, f"site-{row.pk}.invalid"
            holder.save(using=alias)
            row.save(using=alias)
            until = f"row {row.pk} is {row.domain} until {holder.slug} is deployed"
            yield f"{here.slug} takes the domain {here.domain} from {holder.slug}; {until}."
        if self._row and not self._owner:
            yield f"{here.slug} claims row {key}, which belonged to nobody."
        row, name = self._row or self._site(pk=key), here.name if len(here.name) <= 50 else f"{here.name[:49]}…"
        same = (row.domain, row.name) == (here.domain, name)
        was = "as before" if same else f"was {row.domain}, {row.name}" if self._row else "new"
        row.domain, row.name = here.domain, name
        row.save(using=alias)  # not update(): receivers of Site's signals hear of it
        SiteOwner(key, here.slug, here.role, here.stage, self._address, "").save(using=alias)
        with self._connection.cursor() as cursor:
            # A row with a given key does not advance the sequence: the Sites admin would give out the same id.
            for statement in self._connection.ops.sequence_reset_sql(no_style(), [self._site]):
                cursor.execute(statement)
        yield f"Row {key} of django_site is {here.slug}'s: {row.domain}, {row.name} ({was})."
