"""Settings from the environment. What differs between the sites is in variables, never in code.

Divio sets DATABASE_URL, DEFAULT_STORAGE_DSN, DOMAIN, DOMAIN_ALIASES, DOMAIN_REDIRECTS, SECRET_KEY and STAGE; estate.yaml
sets SITE_ID, ESTATE_SLUG, ESTATE_ROLE and what else it declares. Without any of them the project runs on SQLite, so that
a Docker build and a fresh checkout need no services, and each package is needed only once its variable is set.
"""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def listed(name: str) -> list[str]:
    """The values of a comma-separated variable; none where it is not set."""
    return [value.strip() for value in os.environ.get(name, "").split(",") if value.strip()]


# The site. Its id is 1 where nobody says otherwise, which is the original's.
SITE_ID = int(os.environ.get("SITE_ID") or 1)
SLUG = os.environ.get("ESTATE_SLUG") or f"site-{SITE_ID}"
STAGE = os.environ.get("STAGE", "")  # test or live on Divio, empty elsewhere

DEBUG = os.environ.get("DEBUG", "").lower() in {"1", "true"}
# Divio's own key differs from application to application: estate.yaml declares one for all sites.
SECRET_KEY = os.environ.get("SECRET_KEY", "" if STAGE else "django-insecure-on-this-machine-only")

# The hosts this site answers to. Divio sends all of them here; middleware.py redirects to the primary one.
DOMAIN = os.environ.get("DOMAIN") or "localhost"
DOMAIN_REDIRECTS = listed("DOMAIN_REDIRECTS")
ALLOWED_HOSTS = [DOMAIN, *listed("DOMAIN_ALIASES"), *DOMAIN_REDIRECTS, *([] if STAGE else ["localhost", "127.0.0.1"])]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]
# No SESSION_COOKIE_DOMAIN or CSRF_COOKIE_DOMAIN: a cookie belongs to the host that set it, so each site has its own.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = bool(STAGE)
SECURE_REDIRECT_EXEMPT = ["^health/"]  # who asks from inside the container speaks HTTP

# Static files stay in the image, where `collectstatic` puts them; while DEBUG is on, `runserver` serves them.
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "static"
WHITENOISE = find_spec("whitenoise") is not None and not DEBUG

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sites",
    "django.contrib.staticfiles",
    "divio_sites",
    "news",
    "downloads",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    *(["whitenoise.middleware.WhiteNoiseMiddleware"] if WHITENOISE else []),
    "estate.middleware.PrimaryDomainMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "estate.urls"
WSGI_APPLICATION = "estate.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "estate" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "estate.context_processors.site",
            ],
        },
    },
]

# The database that all sites of an environment share.
if os.environ.get("DATABASE_URL"):
    try:
        import dj_database_url
    except ImportError as missing:
        raise ImproperlyConfigured("DATABASE_URL is set, which needs: pip install -r requirements.txt") from missing
    # Divio documents 60 connections for a database: close idle ones soon, since every site holds its own.
    DATABASES = {"default": dj_database_url.config(conn_max_age=60, conn_health_checks=True)}
else:
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Media, in the storage that all sites of an environment share.
DEFAULT_STORAGE_DSN = os.environ.get("DEFAULT_STORAGE_DSN", "")
MEDIA_URL = "/media/"
MEDIA_ROOT = BASE_DIR / "media"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if DEFAULT_STORAGE_DSN:
    STORAGES["default"] = {
        "BACKEND": "django_storage_url.dsn_configured_storage",
        "OPTIONS": {"setting_name": "DEFAULT_STORAGE_DSN"},
    }
if WHITENOISE:
    STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}

# A cache server may serve all sites and environments, so each has keys of its own.
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "KEY_PREFIX": f"{STAGE}-{SITE_ID}",
    },
}
if os.environ.get("REDIS_URL"):
    CACHES["default"] |= {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": os.environ["REDIS_URL"],
    }

# Mail: each site writes from its own domain. Without a server, letters go to the log.
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT") or 587)
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = True
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_SUBJECT_PREFIX = f"[{SLUG} {STAGE}] "
DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL") or f"web@{DOMAIN}"

# One line an event on standard output, where Divio collects it; the site's name is in each.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": f"{SLUG} %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL") or "INFO"},
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LANGUAGE_CODE = os.environ.get("LANGUAGE_CODE") or "en"
TIME_ZONE = "UTC"
USE_TZ = True
