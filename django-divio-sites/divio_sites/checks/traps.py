"""The traps by id: what each is called in docs/guides/django.md, and what to write instead."""

from collections.abc import Iterator

from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's own name

Findings = Iterator[tuple[str, str]]
"""What a check yields: a trap's id, and one sentence that says what the settings do, without a secret."""

_SITE_ID = "Write `SITE_ID = int(os.environ.get('SITE_ID', 1))`"
_HOSTS = "Write `ALLOWED_HOSTS = [DOMAIN, *aliases, *redirects]`, from DOMAIN, DOMAIN_ALIASES and DOMAIN_REDIRECTS."
_STORAGE = "Write `dsn_configured_storage_class('DEFAULT_STORAGE_DSN')`, of django-storage-url"
_ORIGINS = "Write `CSRF_TRUSTED_ORIGINS = [f'https://{host}' for host in ALLOWED_HOSTS]`"
_SHARED_KEY = "Declare SHARED_SECRET_KEY for all sites in estate.yaml: `SECRET_KEY = os.environ['SHARED_SECRET_KEY']`"
_ROLE = "Declare and install them only `if os.environ.get('ESTATE_ROLE') != 'mirror'`"
TRAPS = {
    "E001": ("The Sites framework is installed", "Write 'django.contrib.sites' into INSTALLED_APPS."),
    "E002": ("SITE_ID comes from the environment", f"{_SITE_ID}."),
    "E003": ("SITE_ID is 1 by default", f"{_SITE_ID}: the original's is 1, and a build has no variables."),
    "E004": ("Each site has a cache prefix", "Write `'KEY_PREFIX': f'site{SITE_ID}'` beside the cache's BACKEND."),
    "E005": ("ALLOWED_HOSTS follows the domains", _HOSTS),
    "E006": ("Cookies stay on their site", "Remove the setting: a cookie then belongs to the host that set it."),
    "E007": ("No site redirects to another", "Remove it, or write `SECURE_SSL_HOST = os.environ.get('DOMAIN')`."),
    "E008": ("SECRET_KEY is not made in the settings", "Write `SECRET_KEY = os.environ['SECRET_KEY']`."),
    "E009": ("Each site has its queue and its index", "Name it by site: `CELERY_TASK_DEFAULT_QUEUE = f'site{SITE_ID}'`."),
    "E010": ("The database follows DATABASE_URL", "Write `DATABASES = {'default': dj_database_url.config('DATABASE_URL')}`."),
    "E011": ("Media follow DEFAULT_STORAGE_DSN", f"{_STORAGE}, with one location for all sites."),
    "E012": ("Nothing deletes shared media", "Remove it; delete files by a command on the original, once all sites are level."),
    "E013": ("One program writes a site's row", "Remove ALDRYN_SITES_DOMAINS: `manage.py updatesite` writes the row."),
    "W001": ("The settings can be loaded", "Check where all packages of the project are, by --settings of the module for Divio."),
    "W002": ("ALLOWED_HOSTS is not a star", _HOSTS),
    "W003": ("CSRF_TRUSTED_ORIGINS follows the domain", f"{_ORIGINS} and SECURE_PROXY_SSL_HEADER."),
    "W004": ("Sites that share have one SECRET_KEY", f"{_SHARED_KEY}."),
    "W005": ("Jobs and queued mail run on the original", f"{_ROLE}; where a start command sees to it, silence this."),
    "W006": ("Addresses and senders follow the domain", "Make it of DOMAIN: `f\"web@{os.environ['DOMAIN']}\"`."),
    "W007": ("No cache keeps a Site", "Call `Site.objects.get_current()` where it is needed; Django keeps it meanwhile."),
    "W008": ("Each site knows its role", "Write `identity_variables: true` in estate.yaml."),
}  # fmt: skip
"""By id (E: wrong on every estate, W: on most): the heading in docs/guides/django.md, and a sentence with the code to write."""


def message(trap: str, sentence: str) -> CheckMessage:
    """Django's message of one of the `Findings`; its hint names the heading's anchor, as GitHub makes it."""
    title, remedy = TRAPS[trap]
    anchor = title.lower().replace(" ", "-").replace("'", "")
    kind = Error if trap.startswith("E") else Warning
    return kind(sentence, hint=f"{remedy} See docs/guides/django.md#{anchor}.", id=f"divio_sites.{trap}")
