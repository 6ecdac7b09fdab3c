"""Traps around host names: what each site answers to, where it sends visitors, and whose its cookies are."""

from fnmatch import fnmatchcase

from django.http.request import validate_host

from divio_sites.checks.probe import MIRROR_DOMAIN, Probe
from divio_sites.checks.traps import Findings

_COOKIES = ("SESSION_COOKIE_DOMAIN", "CSRF_COOKIE_DOMAIN", "LANGUAGE_COOKIE_DOMAIN")
# What Django, Wagtail, django-meta and many projects build addresses of, and Django's defaults.
_ADDRESSES = ("WAGTAILADMIN_BASE_URL", "META_SITE_DOMAIN", "SITE_DOMAIN", "SITE_URL", "BASE_URL", "CANONICAL_HOST")
_SENDERS = {"DEFAULT_FROM_EMAIL": "webmaster@localhost", "SERVER_EMAIL": "root@localhost"}


def check_hosts(probe: Probe) -> Findings:
    """Everything that names a host follows DOMAIN, DOMAIN_ALIASES and DOMAIN_REDIRECTS."""
    settings = probe.mirror
    allowed = settings["ALLOWED_HOSTS"]
    for variable, prefix in (("DOMAIN", ""), ("DOMAIN_ALIASES", "alias."), ("DOMAIN_REDIRECTS", "redirect.")):
        if not isinstance(allowed, list) or not validate_host(prefix + MIRROR_DOMAIN, allowed):
            yield "E005", f"ALLOWED_HOSTS does not follow the variable {variable}: visitors of these domains get a 400."
    if "*" in allowed:  # Divio's router sends a site only its own domains; but no setting should rest on that alone
        yield "W002", "ALLOWED_HOSTS takes every host, not the domains of the site."
    origins = settings["CSRF_TRUSTED_ORIGINS"]
    if not any(fnmatchcase(f"https://{MIRROR_DOMAIN}", origin) for origin in origins):
        if origins:
            yield "W003", "CSRF_TRUSTED_ORIGINS names other origins than the site's own: it does not follow DOMAIN."
        elif not settings["SECURE_PROXY_SSL_HEADER"] and any("Csrf" in name for name in settings["MIDDLEWARE"]):
            yield "W003", "Nothing tells Django of the https in front of it, so the CSRF check refuses every form."
    for name in _COOKIES:
        domain = (settings.get(name) or "").lstrip(".")
        if domain and not f".{MIRROR_DOMAIN}".endswith(f".{domain}"):
            yield "E006", f"{name} does not follow DOMAIN: sites share a cookie, or browsers refuse it."
    if settings["SECURE_SSL_HOST"] not in (None, "", MIRROR_DOMAIN):
        yield "E007", "SECURE_SSL_HOST does not follow DOMAIN: visitors of every site are sent to one of them."
    if settings["PREPEND_WWW"]:
        yield "E007", "PREPEND_WWW sends visitors to www. and the domain, which need not be a domain of the site."
    for name in (*_ADDRESSES, *_SENDERS):
        if settings.get(name) not in (None, "", _SENDERS.get(name)) and probe.same(name):
            yield "W006", f"{name} is the same on every site: what each sends and links to bears the name of one."
