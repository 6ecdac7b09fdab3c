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
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, Error, IntegrityError, OperationalError, connections, router, transaction

from divio_sites.environment import MIRROR, ORIGINAL, SiteEnvironment
from divio_sites.models import SiteOwner

_LOCK_WAIT_S = 60


class RowRefused(Exception):
    """The row cannot be written: one sentence that says why, and what would be right."""


def database_of_sites() -> str:
    """The alias of the database where the project's routers keep `django_site`."""
    installed = apps.is_installed("django.contrib.sites")
    return router.db_for_write(apps.get_model("sites", "Site")) if installed else DEFAULT_DB_ALIAS


def update(here: SiteEnvironment, alias: str | None = None) -> list[str]:
    """Bring this site's row in line with its environment; safe beside other processes that do the same.

    Returns what was done, a sentence each. Raises EnvironmentProblem for a missing variable, and RowRefused.
    `alias` is the database, by default `database_of_sites()`.
    """
    here.require("SITE_ID", "ESTATE_SLUG", "ESTATE_ROLE", "DOMAIN")
    if not apps.is_installed("django.contrib.sites"):
        raise RowRefused("django.contrib.sites is not in INSTALLED_APPS: add it, then run manage.py migrate.")
    alias = alias or database_of_sites()
    try:
        tables = connections[alias].introspection.table_names()
    except Error as error:
        raise RowRefused(f"The database {alias!r} cannot be reached.") from error
    if missing := {"django_site", "divio_sites_siteowner"}.difference(tables):
        raise RowRefused(f"The database {alias!r} has no table {min(missing)}: run manage.py migrateoriginal first.")
    try:
        with _alone(alias):
            notices = _Update(here, alias).run()
    except (IntegrityError, OperationalError) as error:
        reason = f"another process changed django_site, or had it locked for {_LOCK_WAIT_S} s"
        raise RowRefused(f"The row could not be written, because {reason}: run updatesite again.") from error
    apps.get_model("sites", "Site").objects.clear_cache()
    return notices


def state(here: SiteEnvironment, alias: str) -> str:
    """Whose the row of SITE_ID is, in a word; raises `django.db.Error`.

    `own`, `outdated` (own, but its domain is not DOMAIN), `unclaimed` (nobody's), `foreign` (another's) or `missing`.
    """
    owner = SiteOwner.objects.using(alias).filter(pk=here.site_id).first()
    if owner and owner.slug != here.slug:
        return "foreign"
    row = _sites(alias).filter(pk=here.site_id).first()
    if row is None:
        return "missing"
    return "unclaimed" if owner is None else "own" if row.domain == here.domain else "outdated"


class _Update:
    """One run of `update`, in its transaction."""

    def __init__(self, here: SiteEnvironment, alias: str) -> None:
        self._here, self._alias, self._address = here, alias, _address(alias)
        self._owners = {owner.site_id: owner for owner in SiteOwner.objects.using(alias)}
        self._owner = self._owners.get(here.site_id)
        self._row = _sites(alias).filter(pk=here.site_id).first()
        self._notices: list[str] = []

    def run(self) -> list[str]:
        for owner in self._owners.values():
            self._compare(owner)
        for holder in _sites(self._alias).filter(domain__iexact=self._here.domain).exclude(pk=self._here.site_id):
            self._take_domain(holder, self._owners.get(holder.pk))
        if self._row and not self._owner:
            self._claim(self._row.domain)
        self._write()
        return self._notices

    def _compare(self, owner: SiteOwner) -> None:
        """Refuse what contradicts a row's owner."""
        here, key, slug = self._here, owner.site_id, owner.slug
        if owner.database == self._address and here.stage and owner.environment not in {"", here.stage}:
            raise RowRefused(
                f"STAGE is {here.stage}, but this is the database of {owner.environment}, where {slug} has its row: give "
                f"{here.slug} the database of {here.stage} (or, if STAGE was renamed, empty divio_sites_siteowner)."
            )
        if owner is self._owner and slug != here.slug:
            if slug != here.predecessor or (owner.role == ORIGINAL and here.role == MIRROR):
                raise RowRefused(
                    f"Row {key} of django_site belongs to {slug}: give {here.slug} a SITE_ID of its own, or, where it "
                    f"carries on a retired {slug}, the variable ESTATE_PREDECESSOR: {slug}."
                )
            self._notices.append(f"Row {key} passes from {slug} to its successor {here.slug}.")
        if owner is not self._owner and slug == here.slug:
            if _sites(self._alias).filter(pk=key).exists():
                raise RowRefused(
                    f"{slug} has row {key} of django_site, but SITE_ID is {here.site_id}: pin site_id: {key}, or delete "
                    f"that row in the Sites admin if nothing belongs to it."
                )
            owner.delete(using=self._alias)

    def _take_domain(self, holder: Any, other: SiteOwner | None) -> None:
        here, key, domain = self._here, holder.pk, self._here.domain
        if other is None:
            raise RowRefused(
                f"Row {key} of django_site has the domain {domain}, but SITE_ID is {here.site_id}: deploy the site of row "
                f"{key} first, or delete the row in the Sites admin, or pin site_id: {key}."
            )
        copied = other.database != self._address and (other.environment != here.stage or not here.stage)
        if not copied and here.role == MIRROR and other.role == ORIGINAL:
            raise RowRefused(
                f"The domain {domain} is still that of the original, {other.slug}: deploy {other.slug} first if the domain "
                f"moved, else correct DOMAIN on {here.slug}."
            )
        if not copied and self._owner and self._owner.lost_domain == domain:
            raise RowRefused(
                f"{other.slug} and {here.slug} are both deployed with the domain {domain}: correct DOMAIN on one of the "
                f"two, and deploy that one first."
            )
        other.lost_domain = "" if copied else domain
        other.save(using=self._alias)
        holder.domain = f"site-{key}.invalid"
        holder.save(using=self._alias)
        until = f"row {key} is {holder.domain} until {other.slug} is deployed"
        self._notices.append(f"{here.slug} takes the domain {domain} from {other.slug}; {until}.")

    def _claim(self, domain: str) -> None:
        """Take a row without an owner where it shows that it is ours, or where a mistake does no harm."""
        here, original, first, default = self._here, self._here.role == ORIGINAL, self._here.site_id == 1, "example.com"
        ours = domain.lower() in {here.domain, *here.other_domains}
        # Django makes row 1, example.com, in a new database, and SITE_ID is 1 by default: both are the original's.
        expected = (original and first) or (domain == default and (original or not first))
        # Outside Live, rows are copies of Live's and have Live's domains.
        if not (ours or expected or (here.stage not in {"", "live"} and (original or not first))):
            raise RowRefused(
                f"Row {here.site_id} of django_site has the domain {domain} and may be another site's: give {here.slug} "
                f"another SITE_ID, or, if the row is its own, give it the domain {here.domain} in the Sites admin."
            )
        self._notices.append(f"{here.slug} claims row {here.site_id}, which belonged to nobody.")

    def _write(self) -> None:
        here, alias, site = self._here, self._alias, apps.get_model("sites", "Site")
        name = here.name or here.slug
        name = name if len(name) <= 50 else name[:49] + "…"  # Site.name.max_length
        row = self._row or site(pk=here.site_id)
        was = f"was {row.domain}, {row.name}" if self._row else "new"
        if (row.domain, row.name) == (here.domain, name):
            was = "as before"
        else:
            row.domain, row.name = here.domain, name
            row.save(using=alias)  # not update(): receivers of Site's signals hear of it
        SiteOwner(here.site_id, here.slug, here.role, here.stage, self._address, "").save(using=alias)
        with connections[alias].cursor() as cursor:
            # A row with a given key does not advance the sequence: the Sites admin would give out the same id.
            for statement in connections[alias].ops.sequence_reset_sql(no_style(), [site]):
                cursor.execute(statement)
        self._notices.append(f"Row {here.site_id} of django_site is {here.slug}'s: {row.domain}, {row.name} ({was}).")


def _sites(alias: str) -> Any:
    return apps.get_model("sites", "Site").objects.using(alias)


def _address(alias: str) -> str:
    """Where the database is: Live's and Test's differ in it, also when one holds a copy of the other."""
    given = connections[alias].settings_dict
    if connections[alias].vendor == "sqlite":
        return str(Path(given["NAME"]).absolute())
    return f"{given['HOST']}:{given['PORT']}/{given['NAME']}"


@contextmanager
def _alone(alias: str) -> Iterator[None]:
    """A transaction in which no other process writes `django_site`; readers go on."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA busy_timeout = {_LOCK_WAIT_S * 1000}")
        with transaction.atomic(using=alias):
            if connection.vendor == "postgresql":
                cursor.execute(f"SET LOCAL lock_timeout = '{_LOCK_WAIT_S}s'")
                # Not an advisory lock: what the Sites admin is writing must not be overtaken by the sequence's reset.
                cursor.execute("LOCK TABLE django_site IN SHARE ROW EXCLUSIVE MODE")
            else:
                _sites(alias).filter(pk=0).update(name="")  # SQLite takes its lock with the first write, and only then
            yield
