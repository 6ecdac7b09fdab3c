"""Traps around host names: what each site answers to, where it sends visitors, and whose its cookies are."""

from fnmatch import fnmatchcase

from django.http.request import validate_host

from divio_sites.checks.probe import MIRROR_DOMAIN, Probe
from divio_sites.checks.traps import Findings

# Settings that name a host, by the trap that one value for all sites is, and what then happens.
_NAMING = {
    ("E006", "sites share a cookie, or browsers refuse it"): ("SESSION_COOKIE_DOMAIN", "CSRF_COOKIE_DOMAIN"),
    ("E007", "visitors are sent to a host that is not the site's"): ("SECURE_SSL_HOST", "PREPEND_WWW"),
    ("W006", "mail and links of each bear the name of one"): (
        *("DEFAULT_FROM_EMAIL", "SERVER_EMAIL", "WAGTAILADMIN_BASE_URL", "META_SITE_DOMAIN", "SITE_DOMAIN", "SITE_URL"),
        *("BASE_URL", "CANONICAL_HOST"),
    ),
}
_UNSET = (None, "", False, "webmaster@localhost", "root@localhost")  # Django's defaults


def check(probe: Probe) -> Findings:
    """Everything that names a host follows DOMAIN, DOMAIN_ALIASES and DOMAIN_REDIRECTS."""
    settings, allowed = probe.mirror, list(probe.mirror["ALLOWED_HOSTS"])
    hosts = {"DOMAIN": "", "DOMAIN_ALIASES": "alias.", "DOMAIN_REDIRECTS": "redirect."}
    lacking = [name for name, prefix in hosts.items() if not validate_host(prefix + MIRROR_DOMAIN, allowed)]
    if lacking:
        yield "E005", f"ALLOWED_HOSTS does not follow {', '.join(lacking)}: visitors of these domains get a 400."
    if "*" in allowed:  # Divio's router sends a site only its own domains; but no setting should rest on that alone
        yield "W002", "ALLOWED_HOSTS takes every host, not the domains of the site."
    origins = settings["CSRF_TRUSTED_ORIGINS"]
    if not any(fnmatchcase(f"https://{MIRROR_DOMAIN}", origin) for origin in origins):
        if origins:
            yield "W003", "CSRF_TRUSTED_ORIGINS names other origins than the site's own: it does not follow DOMAIN."
        elif not settings["SECURE_PROXY_SSL_HEADER"] and any("Csrf" in name for name in settings["MIDDLEWARE"]):
            yield "W003", "Nothing tells Django of the https in front of it, so the CSRF check refuses every form."
    for (trap, harm), names in _NAMING.items():
        for name in names:
            if settings.get(name) not in _UNSET and probe.same(name):
                yield trap, f"{name} is the same on every site: {harm}."
