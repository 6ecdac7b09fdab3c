"""The traps: what each is called in docs/guides/django.md, what to write instead, and what it looks like in a project."""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - Django's own name
from django.core.management.base import CommandError
from django.http.request import validate_host
from django.utils.text import slugify

from divio_sites.checks.probe import BUCKET, DATABASE_NAME, MIRROR_DOMAIN, MIRROR_ID, SECRET_KEY, Settings, load
from divio_sites.environment import SiteEnvironment

TRAPS = {
    "E001": ("The Sites framework is installed", "Write 'django.contrib.sites' into INSTALLED_APPS."),
    "E002": ("SITE_ID comes from the environment", "Write `SITE_ID = int(os.environ.get('SITE_ID') or 1)`."),
    "E003": ("SITE_ID is 1 by default", "Make 1 its default: the original's is 1, and a build has no variables."),
    "E004": ("Each site has a cache prefix", "Write `'KEY_PREFIX': f'site{SITE_ID}'` beside the cache's BACKEND."),
    "E005": ("ALLOWED_HOSTS follows the domains", "Write `ALLOWED_HOSTS = [DOMAIN, *aliases, *redirects]`, of these variables."),
    "E006": ("Cookies stay on their site", "Remove the setting: a cookie then belongs to the host that set it."),
    "E007": ("No site redirects to another", "Remove it, or write `SECURE_SSL_HOST = os.environ.get('DOMAIN')`."),
    "E008": ("SECRET_KEY is not made in the settings", "Write `SECRET_KEY = os.environ['SECRET_KEY']`."),
    "E009": ("Each site has its queue and its index", "Name it by site: `CELERY_TASK_DEFAULT_QUEUE = f'site{SITE_ID}'`."),
    "E010": ("The database follows DATABASE_URL", "Write `DATABASES = {'default': dj_database_url.config('DATABASE_URL')}`."),
    "E011": ("Media follow DEFAULT_STORAGE_DSN", "Use `django_storage_url.dsn_configured_storage`, one location for all."),
    "E012": ("Nothing deletes shared media", "Remove it; delete files by a command on the original, once all sites are level."),
    "E013": ("One program writes a site's row", "Remove ALDRYN_SITES_DOMAINS: `manage.py updatesite` writes the row."),
    "W001": ("The settings can be loaded", "Check where all packages of the project are, by --settings of the module for Divio."),
    "W002": ("ALLOWED_HOSTS is not a star", "Name the site's own: `[DOMAIN, *aliases, *redirects]`."),
    "W003": ("CSRF_TRUSTED_ORIGINS follows the domain", "Make it of ALLOWED_HOSTS; set SECURE_PROXY_SSL_HEADER."),
    "W004": ("Sites that share have one SECRET_KEY", "Declare `SECRET_KEY: {secret: true}` in estate.yaml; then silence this."),
    "W005": ("Jobs and queued mail run on the original", "Have them only `if os.environ.get('ESTATE_ROLE') != 'mirror'`."),
    "W006": ("Addresses and senders follow the domain", "Make it of DOMAIN: `f\"web@{os.environ['DOMAIN']}\"`."),
    "W007": ("No cache keeps a Site", "Call `Site.objects.get_current()` where it is needed; Django keeps it meanwhile."),
    "W008": ("Each site knows its role", "Write `identity_variables: true` in estate.yaml."),
}  # fmt: skip
"""By id (E: wrong on every estate, W: on most): the heading in docs/guides/django.md, and a sentence with the code to write."""

# What a mirror must not have as the original has it, jobs (W005) not at all. An application counts as a setting of its name.
_SHARED = {
    "E004": "CACHES",
    "E006": ".*_COOKIE_DOMAIN",
    "E007": "SECURE_SSL_HOST|PREPEND_WWW",
    "E009": ".*BROKER(_URL)?|HUEY|Q_CLUSTER|RQ_QUEUES|CHANNEL_LAYERS|TASKS|HAYSTACK_CONNECTIONS"
    "|.*SEARCH_(BACKENDS|DSL|INDEX.*)|.*INDEX_(NAME|PREFIX)|ALGOLIA|MEILISEARCH|TYPESENSE",
    "E012": r"(django_cleanup|(django_)?unused_media|orphaned)\b.*",
    "E013": "ALDRYN_SITES_DOMAINS",
    "W005": "CELERY_?BEAT_SCHEDULE|CRONJOBS|CRON_CLASSES|(django_(celery_beat|apscheduler|crontab|cron|q|yubin)|kronos"
    r"|background_task|procrastinate|mailer|mailqueue|post_office)\b.*",
    "W006": "DEFAULT_FROM_EMAIL|SERVER_EMAIL|(WAGTAILADMIN_)?BASE_URL|(META_)?SITE_DOMAIN|SITE_URL|CANONICAL_HOST",
    "W007": r"(multisite|cachalot|cacheops|caching|johnny)\b.*",
}
# No other site reaches what is in the container, or (Wagtail's index) beside shared rows; the last are Django's defaults.
_OWN = re.compile(
    "(?i)locmem|dummy|filebased|memory(:|ch|huey)|immediate(': True|backend)|stub|simple_backend|whoosh"
    "|search.backends.database|^(webmaster|root)@localhost"
)
_CRYPTO = ("django_cryptography", "encrypted_fields", "fernet_fields", "mirage")  # they encrypt with SECRET_KEY
# How a function's text begins. A Site gets old in a cache under any key; what is made of one belongs under a site's own.
_OF_SITE = r"(?=.*\b(get_current_site|Site\.objects)\b).*"
_OWN_KEY = r"([^,\n]*[.{(+% ])?(id|pk|site_id|SITE_ID|site|domain|slug)\b"
_CODE = (
    ("W005", r"(?!.*ROLE).*(Background|Blocking|AsyncIO)Scheduler\("),
    ("E012", r"@[^\n]*receiver\([^\n]*_(save|delete)\b.*(\.delete\((save=)?False|storage\.delete\(|os\.remove\()"),
    ("W007", _OF_SITE + r"(@[\w.]*\b(lru_cache|cache|cached|memoize)\b|\n +global )"),
    ("W007", _OF_SITE + rf"\bcaches?\b[^\n]*\.a?(set|add|get_or_set)\((?!{_OWN_KEY})"),
    ("W007", r".*\b(?P<s>\w+) = (Site\.objects\.\w+|get_current_site)\(.*\bcaches?\b[^\n]*\.a?set\([^\n]*, (?P=s)\b"),
)
_TEXTS = (ast.Constant, ast.JoinedStr, ast.BinOp, ast.Subscript)
_Findings = Iterator[tuple[str, str]]  # a trap's id, and a sentence without a secret that says what is so


@register("divio")
def check_traps(**_: Any) -> list[CheckMessage]:
    """Every trap that the environment, the settings and the project's code show.

    Django runs all checks before most commands. There only the environment is looked at: the rest loads the settings in
    three processes of their own, which is work for `manage.py check`, in CI.
    """
    messages: list[CheckMessage] = []
    for trap, sentence in (*_check_identity(), *(_check_project() if sys.argv[1:2] == ["check"] else ())):
        title, remedy = TRAPS[trap]
        hint = f"{remedy} See docs/guides/django.md#{slugify(title)}."
        messages.append((Error if trap < "W" else Warning)(sentence, hint=hint, id=f"divio_sites.{trap}"))
    return messages


def _check_identity() -> _Findings:
    try:
        here = SiteEnvironment()
        SiteEnvironment(*(("ESTATE_SLUG", "ESTATE_ROLE") if here.site_id or here.domain else ()))  # set: this is Divio
    except CommandError as problem:
        yield "W008", str(problem)


def _check_project() -> _Findings:
    unseen, original, mirror, without = load(settings.SETTINGS_MODULE)
    if unseen:
        yield "W001", f"The settings cannot be loaded with all that Divio gives a site: {unseen}."
    if "failure" not in original | mirror:
        yield from (*_check_settings(original, mirror, without, unseen), *_check_shared(original, mirror))
    yield from _check_code()


def _check_settings(original: Settings, mirror: Settings, without: Settings, unseen: str) -> _Findings:
    site_id, hosts, origins = mirror.get("SITE_ID"), list(mirror["ALLOWED_HOSTS"]), mirror["CSRF_TRUSTED_ORIGINS"]
    domains = {"DOMAIN": "", "DOMAIN_ALIASES": "alias.", "DOMAIN_REDIRECTS": "redirect."}
    lacking = [name for name, part in domains.items() if not validate_host(part + MIRROR_DOMAIN, hosts)]
    own_origin = any(fnmatchcase(f"https://{MIRROR_DOMAIN}", origin) for origin in origins)
    told = mirror["SECURE_PROXY_SSL_HEADER"] or not any("Csrf" in name for name in mirror["MIDDLEWARE"])
    seen, disk, media = not unseen, mirror["ON_DISK"], str(mirror["MEDIA"])
    database, installed = mirror["DATABASES"].get("default", {}).get("NAME"), str(mirror["INSTALLED_APPS"])
    unset, key = without.get("failure", f"it is {without.get('SITE_ID')}"), mirror["SECRET_KEY"]
    # Divio gives each environment of each application a SECRET_KEY of its own. That does no harm where cookies stay on
    # their site: each then reads only sessions and links that it made itself.
    cookie = mirror["SESSION_COOKIE_DOMAIN"] and mirror["SESSION_COOKIE_DOMAIN"] == original["SESSION_COOKIE_DOMAIN"]
    fields = [field for model in apps.get_models() for field in model._meta.local_fields] if apps.models_ready else []
    shared = [str(field) for field in fields if any(c.__module__.startswith(_CRYPTO) for c in type(field).__mro__)]
    shared += ["SESSION_COOKIE_DOMAIN"] * bool(cookie) + [name for name in mirror if re.match(r"django_q\b", name)]
    for trap, wrong, sentence in (
        ("E001", "django.contrib.sites" not in installed, "INSTALLED_APPS lacks django.contrib.sites."),
        ("E002", site_id != MIRROR_ID, "SITE_ID is not the number in the variable SITE_ID."),
        ("E003", site_id == MIRROR_ID and without.get("SITE_ID") != 1, f"SITE_ID is not 1 by default: {unset}."),
        ("E005", lacking, f"ALLOWED_HOSTS does not follow {', '.join(lacking)}: visitors of these domains get a 400."),
        ("E008", key != original["SECRET_KEY"], "Each site or process makes a SECRET_KEY of its own."),
        ("E010", seen and database != DATABASE_NAME, "DATABASES['default'] does not follow DATABASE_URL."),
        ("E011", seen and disk, "Media are kept on the container's disk."),
        ("E011", seen and not disk and BUCKET not in media, "The default storage does not follow DEFAULT_STORAGE_DSN."),
        ("E011", seen and media != str(original["MEDIA"]), "The default storage differs between sites."),
        # Divio's router sends a site only its own domains; but no setting should rest on that alone.
        ("W002", "*" in hosts, "ALLOWED_HOSTS takes every host, not the domains of the site."),
        ("W003", origins and not own_origin, "CSRF_TRUSTED_ORIGINS does not follow DOMAIN."),
        ("W003", not origins and not told, "Nothing tells Django of the https in front of it: it refuses every form."),
        ("W004", shared and key == SECRET_KEY, f"Each site has its own SECRET_KEY, but shares {', '.join(shared)}."),
    ):
        if wrong:
            yield trap, sentence


def _check_shared(original: Settings, mirror: Settings) -> _Findings:
    # One broker may serve all sites where each has a queue of its own, or where tasks run at once.
    queues = [n for n in mirror if mirror[n] != original.get(n) and n.endswith(("DEFAULT_QUEUE", "TRANSPORT_OPTIONS"))]
    apart = queues or mirror.get("CELERY_TASK_ALWAYS_EAGER")
    for trap, names in _SHARED.items():
        for name in mirror:
            if re.fullmatch(names, name) and not (apart and name.endswith("BROKER_URL")):
                there = _entries(name, original.get(name))
                for entry, value in _entries(name, mirror[name]).items():
                    if value and (value == there.get(entry) or trap == "W005") and not _OWN.search(str(value)):
                        yield trap, f"{TRAPS[trap][0]}, but {entry} is the same on every site."


def _entries(name: str, value: Any) -> dict[str, Any]:
    """A setting, or its aliases where it is a table of them."""
    several = isinstance(value, dict) and all(isinstance(entry, dict) for entry in value.values())
    return {f"{name}[{alias!r}]": entry for alias, entry in value.items()} if several else {name: value}


def _check_code() -> _Findings:
    """What the project's Python files do, below the folder that the settings are imported from; they are read, not run."""
    module, file = settings.SETTINGS_MODULE, Path(str(sys.modules[settings.SETTINGS_MODULE].__file__))
    root = file.parents[module.count(".") + (file.stem == "__init__")]
    for path in sorted(path for path in root.rglob("*.py") if "-packages" not in str(path)):
        with suppress(SyntaxError, ValueError, OSError):  # where such a file matters, Python says so
            tree = ast.parse(path.read_text())
            functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
            for function in functions:
                text = ast.unparse(function)
                for name, value in _values([*tree.body, *ast.walk(function)]):
                    text = re.sub(rf"\b{re.escape(name)}\b(?! =)", value.replace("\\", r"\\"), text)[:20_000]
                for trap in sorted({trap for trap, pattern in _CODE if re.match(pattern, text, re.DOTALL)}):
                    where = f"{path.relative_to(root)}:{function.lineno}"
                    yield trap, f"{TRAPS[trap][0]}, but {function.name}() in {where} does otherwise."


def _values(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, str]]:
    """Names that stand for another, for a text or for an item, such as `caches["default"]`."""
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((alias.asname, alias.name) for alias in node.names if alias.asname)
        elif isinstance(node, ast.Assign) and isinstance(node.value, _TEXTS):
            yield ast.unparse(node.targets[0]), ast.unparse(node.value)
