"""`manage.py updatesite`, a release command of every site: the site's own row of `django_site`, never another's.

A row belongs to the slug that `SiteOwner` names; where nobody owns it, from before this package, it is claimed by whom it
shows to be its site. `Site.domain` is unique, and a host name stands on one application of Divio at a time: so a site takes
its domain from the row of the site that had it before, which is `site-ID.invalid` until that one is deployed. This ends
well in any order. Only from the original, which is deployed first, a mirror takes nothing; a copy of Live's data on Test,
whose rows say that they were written elsewhere, does not count as the original's.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.management.color import no_style
from django.db import Error, connections, router, transaction

from divio_sites.environment import MIRROR, ORIGINAL, SiteEnvironment
from divio_sites.models import SiteOwner

# They keep others from writing django_site; readers go on. Not an advisory lock: what the Sites admin is writing must not
# be overtaken by the sequence's reset. SQLite takes its lock with the first write, and only then.
_LOCKS = {
    "postgresql": ("SET LOCAL lock_timeout = '60s'", "LOCK TABLE django_site IN SHARE ROW EXCLUSIVE MODE"),
    "sqlite": ("PRAGMA busy_timeout = 60000", "UPDATE django_site SET name = '' WHERE id = 0"),
}


class Command(BaseCommand):
    help = "Make or update this site's row in django_site, from SITE_ID, DOMAIN, SITE_NAME and ESTATE_SLUG."
    requires_system_checks = ()  # what is missing is said in one sentence

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--database", choices=tuple(connections), help="default: where your routers keep SiteOwner")

    def handle(self, *, database: str | None, **_: Any) -> None:
        here = SiteEnvironment("SITE_ID", "ESTATE_SLUG", "ESTATE_ROLE", "DOMAIN")
        if not apps.is_installed("django.contrib.sites"):
            raise CommandError("django.contrib.sites is not in INSTALLED_APPS: add it, then run manage.py migrate.")
        alias = database or router.db_for_write(SiteOwner)
        connection, site = connections[alias], apps.get_model("sites", "Site")
        try:
            missing = {"django_site", "divio_sites_siteowner"}.difference(connection.introspection.table_names())
        except (Error, ImproperlyConfigured) as error:
            raise CommandError(f"The database {alias!r} cannot be reached, or DATABASE_URL is not set.") from error
        if missing:
            raise CommandError(f"The database {alias!r} has no table {min(missing)}: run migrateoriginal first.")
        try:
            with transaction.atomic(using=alias), connection.cursor() as cursor:
                for statement in _LOCKS.get(connection.vendor, ()):
                    cursor.execute(statement)
                done = list(_write(here, alias, site))
                # A row with a given key does not advance the sequence: the Sites admin would give out the same id.
                for statement in connection.ops.sequence_reset_sql(no_style(), [site]):
                    cursor.execute(statement)
        except Error as error:
            reason = str(error).partition("\n")[0]
            raise CommandError(f"The row could not be written ({reason}); where it was locked, try again.") from error
        site.objects.clear_cache()
        self.stdout.write("\n".join(done))


def _write(here: SiteEnvironment, alias: str, site: Any) -> Iterator[str]:
    """Yield what is done, a sentence each, or raise CommandError for what is another site's."""
    me, key, domain = here.slug, here.site_id, here.domain
    rows, owners = site.objects.using(alias).in_bulk(), SiteOwner.objects.using(alias).in_bulk()
    row, owner = rows.pop(key, None), owners.get(key)
    # Live's and Test's databases differ in their address, also when one holds a copy of the other.
    address = "{HOST}:{PORT}/{NAME}".format(**connections[alias].settings_dict)
    for other in owners.values():
        if other.database == address and other.environment not in {"", here.stage}:
            wrong = f"this is the database of {other.environment}, where {other.slug} has its row"
            raise CommandError(f"STAGE is {here.stage or 'not set'}, but {wrong}: correct DATABASE_URL on {me}.")
        if other.slug == me and other.pk in rows:
            raise CommandError(f"{me} has row {other.pk}, but SITE_ID is {key}: pin site_id: {other.pk}, or delete it.")
    if owner and owner.slug != me:
        if owner.slug != here.predecessor or (owner.role, here.role) == (ORIGINAL, MIRROR):
            ways = f"a SITE_ID of its own, or, if {owner.slug} is retired, ESTATE_PREDECESSOR: {owner.slug}"
            raise CommandError(f"Row {key} of django_site belongs to {owner.slug}: give {me} {ways}.")
        yield f"Row {key} passes from {owner.slug} to its successor {me}."
    if row and not owner:
        # Django makes row 1, example.com, in a new database, and SITE_ID is 1 by default: both are the original's. Outside
        # Live, rows are copies of Live's and have Live's domains: a mistake would do no harm.
        ours = here.role == ORIGINAL if key == 1 else here.stage not in {"", "live"} or row.domain == "example.com"
        if not ours and row.domain.lower() not in here.domains:
            ways = f"give {me} another SITE_ID, or the row the domain {domain} in the Sites admin, if it is its own"
            raise CommandError(f"Row {key} has the domain {row.domain} and may be another site's: {ways}.")
        yield f"{me} claims row {key}, which belonged to nobody."
    for other in (other for other in rows.values() if other.domain.lower() == domain):
        holder = owners.get(other.pk)
        if not holder:
            ways = f"deploy its own site first, delete it in the Sites admin, or pin site_id: {other.pk}"
            raise CommandError(f"Row {other.pk} of django_site has the domain {domain}, but SITE_ID is {key}: {ways}.")
        if (holder.role, here.role, holder.database) == (ORIGINAL, MIRROR, address):
            ways = f"deploy {holder.slug} first if the domain moved, else correct DOMAIN on {me}"
            raise CommandError(f"The domain {domain} is still that of the original, {holder.slug}: {ways}.")
        other.domain = f"site-{other.pk}.invalid"
        other.save(using=alias)
        until = f"row {other.pk} is {other.domain} until {holder.slug} is deployed"
        yield f"{me} takes the domain {domain} from {holder.slug}; {until}."
    SiteOwner.objects.using(alias).filter(slug=me).exclude(pk=key).delete()
    name = here.name if len(here.name) <= 50 else f"{here.name[:49]}…"  # Site.name.max_length
    now, before = f"{domain}, {name}", row and f"{row.domain}, {row.name}"
    was = "new" if not row else "as before" if before == now else f"was {before}"
    site(key, domain, name).save(using=alias)  # not update(): receivers of Site's signals hear of it
    SiteOwner(key, me, here.role, here.stage, address).save(using=alias)
    yield f"Row {key} of django_site is {me}'s: {now} ({was})."
