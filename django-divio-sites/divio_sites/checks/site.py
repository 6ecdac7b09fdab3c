"""Traps around `django.contrib.sites`: SITE_ID, the site's row, and the site's place in its estate."""

from divio_sites import environment
from divio_sites.checks.probe import MIRROR_DOMAIN, MIRROR_ID, Probe
from divio_sites.checks.traps import Findings

# They keep rows, `Site` among them, in a cache that other processes read.
_ROW_CACHES = ("multisite", "cachalot", "cacheops", "caching", "johnny")


def check_site(probe: Probe) -> Findings:
    """SITE_ID follows its variable and is 1 without it, and nothing else writes or keeps the site's row."""
    if not probe.installed("django.contrib.sites"):
        yield "E001", "INSTALLED_APPS lacks 'django.contrib.sites': no site finds its row in django_site."
    site_id, without = probe.mirror.get("SITE_ID"), probe.without_site_id
    if site_id != MIRROR_ID:
        said = "is text, not a number" if site_id == str(MIRROR_ID) else "does not follow the variable SITE_ID"
        yield "E002", f"SITE_ID {said}."
    elif isinstance(without, str):
        yield "E003", f"The settings cannot be loaded without the variable SITE_ID: {without}."
    elif without["SITE_ID"] != 1:
        yield "E003", "SITE_ID is not 1 where the variable SITE_ID is unset."
    rows = probe.mirror.get("ALDRYN_SITES_DOMAINS")
    if rows and probe.installed("aldryn_sites") and rows.get(str(MIRROR_ID), {}).get("domain") != MIRROR_DOMAIN:
        yield (
            "E013",
            "aldryn_sites writes ALDRYN_SITES_DOMAINS into django_site, and the domains in it do not follow DOMAIN.",
        )
    for app in probe.installed(*_ROW_CACHES):
        yield (
            "W007",
            f"{app} keeps rows of django_site in a cache, where another site's or a release's change is not seen.",
        )


def check_identity() -> Findings:
    """Where SITE_ID or DOMAIN says that this process runs on Divio, its slug and role are known too."""
    try:
        site = environment.read()
        if site.site_id or site.domain:
            site.require(*environment.IDENTITY_VARIABLES)
    except environment.EnvironmentProblem as problem:
        yield "W008", str(problem)
