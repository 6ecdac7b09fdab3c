"""A small project that reads its site from the environment, as Divio and the estate set it.

`DATABASE_URL` is `sqlite:////path` or `postgres://user@/name?host=FOLDER`; `OTHER_DATABASE_URL` adds the alias `other`;
`WITHOUT` is a comma-separated list of apps to leave out, `SHOP_MIGRATIONS` the module of shop's migrations.
"""

import os
from urllib.parse import parse_qs, urlsplit

import django


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": parts.path}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.removeprefix("/"),
        "USER": parts.username,
        "PASSWORD": parts.password or "",
        "HOST": parts.hostname or parse_qs(parts.query)["host"][0],
        "PORT": parts.port or "",
        "ATOMIC_REQUESTS": "ATOMIC_REQUESTS" in os.environ,
    }


SECRET_KEY = "of the tests"
SITE_ID = int(os.environ.get("SITE_ID") or 1)
ALLOWED_HOSTS = [os.environ.get("DOMAIN", "").partition(":")[0]]
DATABASES = {"default": _database(os.environ.get("DATABASE_URL", "sqlite:////nowhere/db.sqlite3"))}
if "OTHER_DATABASE_URL" in os.environ:
    DATABASES["other"] = _database(os.environ["OTHER_DATABASE_URL"])
if "ROUTER" in os.environ:
    DATABASE_ROUTERS = [os.environ["ROUTER"]]
INSTALLED_APPS = [
    app
    for app in (
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.sites",
        "divio_sites",
        "shop",
    )
    if app not in os.environ.get("WITHOUT", "").split(",")
]
MIGRATION_MODULES = {"shop": os.environ.get("SHOP_MIGRATIONS", "shop.migrations")}
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    *(["django.contrib.auth.middleware.LoginRequiredMiddleware"] if django.VERSION >= (5, 1) else []),
]
ROOT_URLCONF = "urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
