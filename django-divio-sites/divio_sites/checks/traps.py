"""The traps by id: what each is called, what to write instead, and where the documents explain it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's own name

Findings = Iterator[tuple[str, str]]
"""What a check yields: a trap's id, and one sentence that says what the settings do, without a secret."""


@dataclass(frozen=True)
class Trap:
    """One trap; an `E` is wrong on every estate, a `W` on most.

    Attributes:
        id: `E001`; users silence it as `divio_sites.E001`.
        title: its heading in docs/django.md.
        remedy: what to write instead: a sentence with code.
    """

    id: str
    title: str
    remedy: str

    @property
    def page(self) -> str:
        """Where the documents explain it.

        >>> TRAPS["E003"].page
        'docs/django.md#site_id-is-1-by-default'
        """
        anchor = "".join(c for c in self.title.lower().replace(" ", "-") if c.isalnum() or c in "-_")
        return f"docs/django.md#{anchor}"

    def message(self, sentence: str) -> CheckMessage:
        """Django's message of a finding."""
        kind = Error if self.id.startswith("E") else Warning
        return kind(sentence, hint=f"{self.remedy} See {self.page}.", id=f"divio_sites.{self.id}")


_SITE_ID = "Write `SITE_ID = int(os.environ.get('SITE_ID', 1))`."
_HOSTS = "Write `ALLOWED_HOSTS = [host for name in ('DOMAIN', 'DOMAIN_ALIASES', 'DOMAIN_REDIRECTS') for host in os.environ.get(name, '').split(',') if host]`."
_TABLE = (
    ("E001", "The Sites framework is installed", "Add 'django.contrib.sites' to INSTALLED_APPS."),
    ("E002", "SITE_ID comes from the environment", _SITE_ID),
    ("E003", "SITE_ID is 1 by default", f"{_SITE_ID} The original's is 1, and a build has no variables."),
    ("E004", "Each site has a cache prefix", "Write `'KEY_PREFIX': f'site{SITE_ID}'` beside the cache's LOCATION."),
    ("E005", "ALLOWED_HOSTS follows the domains", _HOSTS),
    ("E006", "Cookies stay on their site", "Remove the setting: a cookie then belongs to the host that set it."),
    ("E007", "No site redirects to another", "Remove the setting, or write `SECURE_SSL_HOST = os.environ.get('DOMAIN')`."),
    ("E008", "SECRET_KEY is not made in the settings", "Write `SECRET_KEY = os.environ['SECRET_KEY']`."),
    ("E009", "Each site has its queue and its index", "Put SITE_ID into the queue's or index's name or prefix, such as `CELERY_TASK_DEFAULT_QUEUE = f'site{SITE_ID}'` or `'INDEX_NAME': f'site{SITE_ID}'`."),
    ("E010", "The database follows DATABASE_URL", "Write `DATABASES = {'default': dj_database_url.config('DATABASE_URL')}`: every site is given the original's."),
    ("E011", "Media follow DEFAULT_STORAGE_DSN", "Write `dsn_configured_storage_class('DEFAULT_STORAGE_DSN')` (django-storage-url), with one location for all sites."),
    ("E012", "Nothing deletes shared media", "Remove the application; delete files by a command on the original, once all sites run the same code."),
    ("E013", "One program writes a site's row", "Remove ALDRYN_SITES_DOMAINS: `manage.py updatesite` writes the row, from DOMAIN."),
    ("W001", "The settings can be loaded", "Name the module that runs on Divio by --settings, where the packages are that it needs there; it must load without a service that answers."),
    ("W002", "ALLOWED_HOSTS is not a star", _HOSTS),
    ("W003", "CSRF_TRUSTED_ORIGINS follows the domain", "Write `SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')` and `CSRF_TRUSTED_ORIGINS = [f'https://{host}' for host in ALLOWED_HOSTS]`."),
    ("W004", "Sites that share have one SECRET_KEY", "Declare `variables: {SHARED_SECRET_KEY: {secret: true}}` in estate.yaml and write `SECRET_KEY = os.environ['SHARED_SECRET_KEY']`."),
    ("W005", "Jobs and queued mail run on the original", "Declare jobs and install their scheduler only `if os.environ.get('ESTATE_ROLE') != 'mirror'`. Where a start command sees to it, silence this warning."),
    ("W006", "Addresses and senders follow the domain", "Build it of DOMAIN, as in `f\"no-reply@{os.environ['DOMAIN']}\"`."),
    ("W007", "No cache keeps a Site", "Call `Site.objects.get_current()` where it is needed: Django keeps it for this process alone."),
    ("W008", "Each site knows its role", "Write `identity_variables: true` in estate.yaml."),
)  # fmt: skip
TRAPS = {row[0]: Trap(*row) for row in _TABLE}
"""Every trap by its id, errors first: the headings that docs/django.md has."""
