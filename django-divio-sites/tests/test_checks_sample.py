"""Who plants traps in the sample project, as real projects have them, is told of each; the sample itself has none."""

import re

import pytest

from tests.sample import CMS, copy_sample, python_with

SITE_ID = 'SITE_ID = int(os.environ.get("SITE_ID") or 1)'
PREFIX = 'f"{STAGE}-{SITE_ID}"'
CACHED_SITE = """
from django.core.cache import cache
from django.contrib.sites.models import Site

def current_site():
    site = cache.get("site")
    if site is None:
        site = Site.objects.get_current()
        cache.set("site", site, None)
    return site
"""

# What is found; the file; what is replaced there ("" for the end of the file) by what.
PLANTED = {
    "a fixed SITE_ID": ("E002", "settings", SITE_ID, "SITE_ID = 1"),
    "another default": ("E003", "settings", SITE_ID, 'SITE_ID = int(os.environ.get("SITE_ID", 2))'),
    "one prefix for all sites": ("E004", "settings", PREFIX, "STAGE"),
    "a second cache": (
        "E004",
        "settings",
        "",
        'CACHES["pages"] = {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "pages"}',
    ),
    "fixed hosts": ("E005", "settings", "", 'ALLOWED_HOSTS = ["acme.example"]'),
    "all hosts": ("W002", "settings", "", 'ALLOWED_HOSTS = ["*"]'),
    "fixed origins": ("W003", "settings", "", 'CSRF_TRUSTED_ORIGINS = ["https://acme.example"]'),
    "sessions of all sites": ("E006", "settings", "", 'SESSION_COOKIE_DOMAIN = ".acme.example"'),
    "sessions of the parent domain": (
        "E006",
        "settings",
        "",
        'SESSION_COOKIE_DOMAIN = "." + DOMAIN.split(".", 1)[-1]',
    ),
    "a key of each site": ("E008", "settings", "", 'SECRET_KEY = f"{SECRET_KEY}{SLUG}"'),
    "one queue": ("E009", "settings", "", 'CELERY_BROKER_URL = os.environ.get("REDIS_URL", "redis://redis:6379")'),
    "one index": (
        "E009",
        "settings",
        "",
        'HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.solr_backend.SolrEngine", "URL": "http://solr"}}',
    ),
    "jobs everywhere": (
        "W005",
        "settings",
        "",
        'CELERY_BEAT_SCHEDULE = {"digest": {"task": "news.tasks.digest", "schedule": 3600}}',
    ),
    "mail in one name": ("W006", "settings", "", 'DEFAULT_FROM_EMAIL = "web@acme.example"'),
    "another variable's database": (
        "E010",
        "settings",
        "dj_database_url.config(",
        'dj_database_url.config("DEFAULT_DATABASE_DSN", ',
    ),
    "another variable's storage": (
        "E011",
        "settings",
        'os.environ.get("DEFAULT_STORAGE_DSN", "")',
        'os.environ.get("MEDIA_DSN", "")',
    ),
    "media deleted": ("E012", "settings", "", 'INSTALLED_APPS += ["django_cleanup.apps.CleanupConfig"]'),
    "a cached Site": ("W007", "middleware", "", CACHED_SITE),
}


@pytest.fixture(scope="module")
def python():
    return python_with("requirements-cms.txt", "django-cleanup")


def found(sample, **variables):
    done = sample.manage("check", "--tag", "divio", code=None, **variables)
    ids = set(re.findall(r"\(divio_sites\.(\w+)\)", done.stderr))
    assert ids or "no issues" in done.stdout, done.stderr
    return ids


@pytest.mark.parametrize(
    "variables", [pytest.param({}, id="plain"), pytest.param(CMS, id="cms", marks=pytest.mark.slow)]
)
def test_the_sample_has_no_trap(tmp_path, python, variables):
    sample = copy_sample(tmp_path, python, **variables)
    assert found(sample) == set()
    assert found(sample, DEBUG="1", REDIS_URL="redis://localhost") == set()
    assert (
        found(
            sample,
            SITE_ID="2",
            ESTATE_SLUG="acme-blog",
            ESTATE_ROLE="mirror",
            DOMAIN="b.example",
            STAGE="test",
            SECRET_KEY="x",
        )
        == set()
    )


@pytest.mark.slow
@pytest.mark.parametrize("about", PLANTED)
def test_a_trap_in_the_sample_is_found(tmp_path, python, about):
    trap, file, before, after = PLANTED[about]
    sample = copy_sample(tmp_path, python)
    path = sample.folder / "estate" / f"{file}.py"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1) if before else f"{text}\n{after}\n")
    # What follows from a trap may be found too: without a SITE_ID of its own no site has a prefix of its own.
    assert trap in found(sample)
