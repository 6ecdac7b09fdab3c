"""Each trap, planted alone in a project that has none, is found and nothing else is: by real runs of `manage.py check`."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from divio_sites.checks.traps import TRAPS

PACKAGE = Path(__file__).resolve().parent.parent

MANAGE = """
import sys
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""

CLEAN = """
import os
from urllib.parse import urlsplit

def listed(name):
    return [host for host in os.environ.get(name, "").split(",") if host]

SITE_ID = int(os.environ.get("SITE_ID", 1))
ROLE = os.environ.get("ESTATE_ROLE", "original")
SECRET_KEY = os.environ.get("SECRET_KEY", "on a laptop")
DOMAIN = os.environ.get("DOMAIN", "localhost")
ALLOWED_HOSTS = [DOMAIN, *listed("DOMAIN_ALIASES"), *listed("DOMAIN_REDIRECTS")]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DEFAULT_FROM_EMAIL = f"web@{DOMAIN}"
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.sites", "divio_sites",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "project_urls.middleware",
]
ROOT_URLCONF = "project_urls"
url = urlsplit(os.environ.get("DATABASE_URL", "postgres://localhost/shop"))
DATABASES = {
    "default": {"ENGINE": "django.db.backends.postgresql", "NAME": url.path[1:], "HOST": url.hostname, "OPTIONS": {}},
}
STORAGES = {
    "default": {"BACKEND": "media.Bucket", "OPTIONS": {"dsn": os.environ.get("DEFAULT_STORAGE_DSN", "")}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_dbcache", "KEY_PREFIX": f"site{SITE_ID}",
    },
    "local": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}
CELERY_BROKER_URL = os.environ.get("REDIS_URL", "memory://")
CELERY_TASK_DEFAULT_QUEUE = f"site{SITE_ID}"
CELERY_BEAT_SCHEDULE = {"tidy": {"task": "shop.tidy", "schedule": 60}} if ROLE == "original" else {}
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.solr_backend", "URL": f"http://solr:8983/site{SITE_ID}"}}
USE_TZ = True
"""

MEDIA = """
from django.core.files.storage import FileSystemStorage, Storage

class Bucket(Storage):
    def __init__(self, dsn="", location=""):
        self.dsn, self.location = dsn, location

    def url(self, name):
        return f"https://media.example/{name}"

class Folder(FileSystemStorage):
    pass
"""

URLS = """
from django.contrib.sites.shortcuts import get_current_site
from django.core.cache import cache

urlpatterns = []

def middleware(get_response):
    return get_response

def menu(request):
    site = get_current_site(request)
    return cache.get_or_set(f"menu-{site.pk}", lambda: [site.name])
"""

# Packages that the tests do not need as such: their names in INSTALLED_APPS are the trap.
STANDINS = (
    "aldryn_sites",
    "cachalot",
    "django_celery_beat",
    "django_cleanup",
    "django_crontab",
    "django_q",
    "post_office",
)

TEMPLATES = (
    "[{'BACKEND': 'django.template.backends.django.DjangoTemplates', "
    "'OPTIONS': {'context_processors': ['site_processor.site']}}]"
)
REDIS = '{"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://x"%s}'


def app(name):
    return f"INSTALLED_APPS += ['{name}']"


# The id, what it is about, and lines that replace the clean ones of CLEAN by standing after them.
PLANTED = [
    ("E001", "no sites", "INSTALLED_APPS.remove('django.contrib.sites')"),
    ("E002", "fixed", "SITE_ID = 1"),
    ("E002", "text", "SITE_ID = os.environ.get('SITE_ID', '1')"),
    ("E002", "other name", "SITE_ID = int(os.environ.get('DJANGO_SITE_ID', 1))"),
    ("E002", "unset", "del SITE_ID"),
    ("E003", "other default", "SITE_ID = int(os.environ.get('SITE_ID', 2))"),
    ("E003", "None by default", "SITE_ID = int(os.environ['SITE_ID']) if 'SITE_ID' in os.environ else None"),
    ("E004", "no prefix", "del CACHES['default']['KEY_PREFIX']"),
    ("E004", "fixed prefix", "CACHES['default']['KEY_PREFIX'] = 'acme'"),
    ("E004", "another alias", "CACHES['select2'] = " + REDIS % ""),
    ("E004", "only with Redis", "if os.environ.get('REDIS_URL'): CACHES['sessions'] = " + REDIS % ""),
    ("E004", "key function", "CACHES['default']['KEY_FUNCTION'] = 'media.str'; CACHES['default'].pop('KEY_PREFIX')"),
    (
        "E004",
        "key function of its own",
        "import keys; CACHES['default'] |= {'KEY_PREFIX': f'{SITE_ID}', 'KEY_FUNCTION': 'keys.make'}",
    ),
    ("E005", "fixed", "ALLOWED_HOSTS = ['www.acme.example', '.acme.example']"),
    ("E005", "no aliases", "ALLOWED_HOSTS.remove(f'alias.{DOMAIN}') if len(ALLOWED_HOSTS) > 1 else None"),
    (
        "E006",
        "session",
        "SESSION_COOKIE_DOMAIN = '.acme.example'; SECRET_KEY = os.environ.get('SHARED_SECRET_KEY', 'x')",
    ),
    ("E006", "csrf", "CSRF_COOKIE_DOMAIN = 'acme.example'"),
    ("E007", "ssl host", "SECURE_SSL_HOST = 'www.acme.example'"),
    ("E007", "www", "PREPEND_WWW = True"),
    ("E008", "random", "import secrets; SECRET_KEY = secrets.token_hex()"),
    ("E008", "of the domain", "SECRET_KEY += DOMAIN"),
    ("E009", "celery", "del CELERY_TASK_DEFAULT_QUEUE"),
    ("E009", "rq", "RQ_QUEUES = {'default': {'URL': 'redis://x'}}"),
    (
        "E009",
        "channels",
        "CHANNEL_LAYERS = {'default': {'BACKEND': 'channels_redis.core.RedisChannelLayer', 'CONFIG': {}}}",
    ),
    ("E009", "index", "HAYSTACK_CONNECTIONS['default']['URL'] = 'http://solr:8983/acme'"),
    ("E009", "a huey that may be immediate", "HUEY = {'huey_class': 'huey.RedisHuey', 'immediate': False}"),
    ("E009", "huey", "HUEY = {'huey_class': 'huey.RedisHuey', 'name': 'acme'}"),
    (
        "E010",
        "other name",
        "DATABASES['default']['NAME'] = urlsplit(os.environ.get('DEFAULT_DATABASE_DSN', '/x')).path[1:]",
    ),
    ("E010", "fixed", "DATABASES['default'] = {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'db.sqlite3'}"),
    ("E011", "disk", "STORAGES['default'] = {'BACKEND': 'django.core.files.storage.FileSystemStorage'}"),
    ("E011", "a class on disk", "STORAGES['default'] = {'BACKEND': 'media.Folder'}"),
    ("E011", "other name", "STORAGES['default']['OPTIONS']['dsn'] = os.environ.get('MEDIA_DSN', '')"),
    (
        "E011",
        "left over",
        "STORAGES['default']['OPTIONS'] = {}; DEFAULT_STORAGE_DSN = os.environ.get('DEFAULT_STORAGE_DSN')",
    ),
    ("E011", "a folder each", "STORAGES['default']['OPTIONS']['location'] = f'site{SITE_ID}'"),
    ("E012", "cleanup", app("django_cleanup")),
    ("E013", "aldryn", app("aldryn_sites") + "; ALDRYN_SITES_DOMAINS = {1: {'domain': 'acme.example'}}"),
    ("E012", "by hand", "# deletes_files"),
    ("W002", "star", "ALLOWED_HOSTS = ['*']; CSRF_TRUSTED_ORIGINS = []"),
    ("W003", "fixed", "CSRF_TRUSTED_ORIGINS = ['https://www.acme.example']"),
    ("W003", "nothing", "CSRF_TRUSTED_ORIGINS = []; SECURE_PROXY_SSL_HEADER = None"),
    ("W004", "encrypted", app("vault")),
    ("W005", "beat", "CELERY_BEAT_SCHEDULE = {'tidy': {'task': 'shop.tidy', 'schedule': 60}}"),
    ("W005", "in code", "# starts_jobs"),
    ("W005", "in Celery's own configuration", "import celery, celery_app"),
    ("W005", "beat's database", app("django_celery_beat")),
    ("W005", "cron", app("django_crontab") + "; CRONJOBS = [('*/5 * * * *', 'shop.cron.tidy')]"),
    ("W005", "mail", app("post_office.apps.Config")),
    ("W006", "sender", "DEFAULT_FROM_EMAIL = 'web@acme.example'"),
    ("W006", "address", "SITE_URL = 'https://www.acme.example'"),
    ("W007", "rows in a cache", app("cachalot")),
    ("W007", "stored", "MIDDLEWARE.append('cached_site.Middleware')"),
    ("W007", "in the process", "MIDDLEWARE.append('cached_function.middleware')"),
    ("W007", "under another name", "# by_another_name"),
    ("W007", "in a context processor", "TEMPLATES = " + TEMPLATES),
]

VAULT = """
from django.db import models
from encrypted_fields import EncryptedTextField

class Secret(models.Model):
    id = models.AutoField(primary_key=True)
    text = EncryptedTextField()
"""

CACHED_SITE = """
from django.contrib.sites.models import Site
from django.core.cache import cache

class Middleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.site = cache.get("site") or self.read()
        return self.get_response(request)

    def read(self):
        site = Site.objects.get_current()
        cache.set("site", site)
        return site
"""

CACHED_FUNCTION = """
from functools import lru_cache
from django.contrib.sites.models import Site

@lru_cache
def current_site():
    return Site.objects.get_current()

def middleware(get_response):
    return get_response
"""

SITE_PROCESSOR = """
from django.contrib.sites.shortcuts import get_current_site
from django.core.cache import cache

def site(request):
    return {"site": cache.get_or_set("site", lambda: get_current_site(request))}
"""


CELERY_APP = """
from celery import Celery
app = Celery("shop", beat_schedule={"tidy": {"task": "shop.tidy", "schedule": 60}})
"""

# Celery as far as the checks look at it.
CELERY = """
class Celery:
    def __init__(self, main, **conf):
        keys = "broker_url", "broker_transport_options", "task_default_queue", "task_always_eager", "beat_schedule"
        self.main, self.conf = main, type("Conf", (), dict.fromkeys(keys) | conf)
        globals()["current_app"] = self
"""

# Files that stand in the project where a line of its settings names them, or a test plants them by name.
CODE = {
    "cached_site": CACHED_SITE,
    "site_processor": SITE_PROCESSOR,
    "cached_function": CACHED_FUNCTION,
    "celery": CELERY,
    "celery_app": CELERY_APP,
    "keys": "def make(key, prefix, version):\n    return key\n",
    "by_another_name": """
from django.contrib.sites.models import Site
from django.core.cache import cache as store, caches
other = caches["default"]

def by_id(site_id):
    site = Site.objects.get(pk=site_id)
    store.set(f"site-{site_id}", site)

def domain():
    other.set("domain", Site.objects.get_current().domain)
""",
    "deletes_files": """
from django.db.models.signals import post_delete
from django.dispatch import receiver

@receiver(post_delete)
def remove(sender, instance, **kwargs):
    instance.file.delete(save=False)
""",
    "starts_jobs": """
def ready():
    from apscheduler.schedulers.background import BackgroundScheduler
    BackgroundScheduler().start()
""",
    "harmless": """
from django.contrib.sites.models import Site
from django.core.cache import cache
from django.db.models.signals import post_delete
from django.dispatch import receiver

@receiver(post_delete)
def forget(sender, instance, **kwargs):
    cache.delete(f"menu-{instance.site_id}")

def menu(pages):
    site = Site.objects.get_current()
    key = f"menu-{site.pk}"
    found = cache.get(key) or list(pages.filter(site=site))
    cache.set(key, found)
    return found
""",
}


@pytest.fixture
def project(tmp_path):
    files = {
        "manage.py": MANAGE,
        "settings.py": CLEAN,
        "media.py": MEDIA,
        "project_urls.py": URLS,
        "vault/models.py": VAULT,
    }
    files["vault/__init__.py"] = ""
    files["encrypted_fields.py"] = (
        "from django.db import models\nclass EncryptedTextField(models.TextField):\n    pass\n"
    )
    files |= {f"{name}/__init__.py": "" for name in STANDINS}
    files["post_office/apps.py"] = (
        "from django.apps import AppConfig\nclass Config(AppConfig):\n    name = 'post_office'\n"
    )
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def manage(project, *arguments, **variables):
    """Run `manage.py` with nothing of Divio's in the environment but `variables`."""
    environ = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(PACKAGE), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=project,
        env={**environ, "DJANGO_SETTINGS_MODULE": "settings", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def plant(project, *lines):
    for name, text in CODE.items():
        if any(name in line for line in lines):
            (project / f"{name}.py").write_text(text)
    with (project / "settings.py").open("a") as settings:
        settings.writelines(f"{line}\n" for line in lines)


def found(project, *arguments, **variables):
    """The ids that the checks print; a run that ended in any other way than by findings fails."""
    done = manage(project, "check", "--tag", "divio", *arguments, **variables)
    ids = sorted(set(re.findall(r"\(divio_sites\.([EW]\d+)\)", done.stderr)))
    assert "no issues" in done.stdout or ids, done.stderr
    assert done.returncode == any(i.startswith("E") for i in ids), done.stderr
    return ids


def test_a_project_without_traps_has_no_finding(project):
    assert found(project) == []
    assert found(project, SITE_ID="4", ESTATE_SLUG="acme-blog", ESTATE_ROLE="mirror", DOMAIN="blog.acme.example") == []


def test_what_looks_like_a_trap_and_is_none_has_no_finding(project):
    plant(project, "# harmless", "FILES = 'django.core.cache.backends.filebased.FileBasedCache'")
    plant(project, "CACHES['files'] = {'BACKEND': FILES, 'LOCATION': '/tmp/cache'}", "HUEY = {'immediate': True}")
    assert found(project) == []


@pytest.mark.parametrize(
    ("trap", "about", "lines"),
    [
        pytest.param(trap, *rest, id=f"{trap} {rest[0]}", marks=[pytest.mark.slow] * bool(number % 6))
        for number, (trap, *rest) in enumerate(PLANTED)
    ],
)
def test_a_planted_trap_is_found_and_nothing_else(project, trap, about, lines):
    plant(project, lines)
    assert found(project) == [trap]


def test_settings_that_need_site_id_are_found_where_it_is_set(project):
    plant(project, "SITE_ID = int(os.environ['SITE_ID'])")
    assert found(project, SITE_ID="4", ESTATE_SLUG="acme-blog", ESTATE_ROLE="mirror") == ["E003"]


@pytest.mark.slow
def test_a_site_that_does_not_know_its_role_is_told_before_every_command(project):
    assert found(project, SITE_ID="4") == ["W008"]
    assert found(project, DOMAIN="acme.example", ESTATE_SLUG="acme") == ["W008"]
    assert "divio_sites.W008" in manage(project, "showmigrations", "--plan", SITE_ID="4").stderr


@pytest.mark.slow
def test_other_commands_than_check_do_not_load_the_settings_again(project):
    plant(project, "SITE_ID = 1", "print('loaded in', os.getpid(), flush=True)", "open('loads', 'a').write('x')")
    assert "divio_sites" not in manage(project, "sqlmigrate", "sites", "0001").stderr
    assert (project / "loads").read_text() == "x"
    assert found(project) == ["E002"]
    assert len((project / "loads").read_text()) == 1 + 4


def test_settings_that_load_nowhere_else_are_said_not_to_be_seen(project):
    plant(project, "if STAGE: raise ValueError(os.environ['SMTP_PASSWORD'])")
    (project / "settings.py").write_text(
        "import os\nSTAGE = os.environ.get('STAGE')\n" + (project / "settings.py").read_text()
    )
    done = manage(project, "check", "--tag", "divio", SMTP_PASSWORD="hidden-in-smtp")
    assert re.findall(r"\(divio_sites\.(\w+)\)", done.stderr) == ["W001"]
    assert "ValueError in settings.py:" in done.stderr
    assert "hidden-in-smtp" not in done.stdout + done.stderr


def test_what_needs_no_service_is_checked_where_settings_fail_with_one(project):
    plant(project, "if os.environ.get('REDIS_URL'): import redis_that_is_not_here", "ALLOWED_HOSTS = ['*']")
    done = manage(project, "check", "--tag", "divio")
    assert sorted(re.findall(r"\(divio_sites\.(\w+)\)", done.stderr)) == ["W001", "W002"]
    assert "ModuleNotFoundError (redis_that_is_not_here) in settings.py:" in done.stderr


def test_settings_that_print_wait_and_end_the_process_do_no_harm(project):
    plant(project, "print('{}')", "import sys", "if STAGE: sys.exit(3)")
    (project / "settings.py").write_text(
        "import os\nSTAGE = os.environ.get('STAGE')\n" + (project / "settings.py").read_text()
    )
    assert found(project) == ["W001"]


def test_no_secret_of_the_settings_is_printed(project):
    plant(project, "SECRET_KEY += DOMAIN", "ALLOWED_HOSTS = ['*']", "del CACHES['default']['KEY_PREFIX']")
    done = manage(
        project,
        "check",
        "--tag",
        "divio",
        "--verbosity",
        "3",
        SECRET_KEY="hidden-key",
        DATABASE_URL="postgres://u:hidden@h/d",
    )
    assert "E008" in done.stderr
    assert "hidden" not in done.stdout + done.stderr


def test_a_trap_is_silenced_as_any_check_of_django(project):
    plant(project, "PREPEND_WWW = True", "SILENCED_SYSTEM_CHECKS = ['divio_sites.E007']")
    assert "(1 silenced)" in manage(project, "check", "--tag", "divio").stdout


def test_each_hint_leads_to_a_heading_of_the_documents(project):
    plant(project, "SITE_ID = 1")
    hint = re.search(r"HINT: (.*)", manage(project, "check", "--tag", "divio").stderr)
    assert hint[1].endswith("See docs/guides/django.md#site_id-comes-from-the-environment.")
    page = (PACKAGE.parent / "docs" / "guides" / "django.md").read_text()
    for trap, (title, _) in TRAPS.items():
        assert f"### {title}\n\n`{trap}`." in page


def test_every_trap_is_planted_here():
    elsewhere = {"W001", "W008"}
    assert {trap for trap, _, _ in PLANTED} | elsewhere == set(TRAPS)
