"""Print a project's settings as Django loads them in this process's environment: one JSON object.

`probe.py` runs this file as a program of its own, with `sys.path` and the settings module's name on stdin, so that the
settings of another site can be looked at without touching those of the process that checks. What is printed may hold
secrets and goes to that process alone; what the settings themselves print goes nowhere.
"""

import json
import os
import re
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

_CELERY = ("broker_url", "task_default_queue", "broker_transport_options", "task_always_eager", "beat_schedule")


def plain(value: object) -> Any:  # noqa: ANN401 - JSON is of any type
    """A setting as JSON keeps it: an object that is no text, number or collection becomes the name of its class."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    named = value if hasattr(value, "__qualname__") else type(value)
    return f"{named.__module__}.{named.__qualname__}"


def dump(module: str) -> dict[str, Any]:
    """The settings of `module` by name, and beside them what only Django and Celery can tell.

    `STORAGES` also holds what Django 4.2 reads from DEFAULT_FILE_STORAGE. `DEFAULT_STORAGE` is what that storage, once
    made, has come to, and `CACHE_KEYS` how each cache writes one and the same key, where the backend can be made here.
    `CELERY_*` is what the project's Celery application says, if the settings load it, whatever its namespace.
    """
    os.environ["DJANGO_SETTINGS_MODULE"] = module
    from django.conf import settings  # noqa: PLC0415 - only now is it known where they are
    from django.core.cache import caches  # noqa: PLC0415
    from django.core.files.storage import FileSystemStorage, storages  # noqa: PLC0415

    found: dict[str, Any] = {name: plain(getattr(settings, name)) for name in dir(settings) if name.isupper()}
    found |= {"STORAGES": plain(storages.backends), "DEFAULT_STORAGE": None, "CACHE_KEYS": {}}
    with suppress(Exception):  # a backend may fail in any way; then its settings are compared instead
        storage = storages["default"]
        made = {"url": storage.url("key"), "options": plain(vars(storage)), "disk": isinstance(storage, FileSystemStorage)}
        found["DEFAULT_STORAGE"] = made
    for alias in settings.CACHES:
        with suppress(Exception):
            found["CACHE_KEYS"][alias] = str(caches[alias].make_key("key"))
    celery = sys.modules.get("celery")
    if celery and celery.current_app.main != "default":  # "default" is Celery's own, where a project made none
        found |= {f"CELERY_{name.upper()}": plain(celery.current_app.conf.get(name)) for name in _CELERY}
    return found


def _failure(error: BaseException) -> str:
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415

    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path.cwd() in Path(frame.filename).parents]
    where = f" in {Path(frames[-1].filename).relative_to(Path.cwd())}:{frames[-1].lineno}" if frames else ""
    # An error's text may quote a secret, so only these are shown, and only without a word of any variable's value.
    words = set(re.findall(r"\w{4,}", str(error)))
    quotes = words & set(re.findall(r"\w{4,}", " ".join(os.environ.values())))
    shown = isinstance(error, (ImportError, KeyError, ImproperlyConfigured)) and not quotes
    return f"{type(error).__name__}{where}" + (f": {str(error).rstrip('.')}" if shown else "")


if __name__ == "__main__":
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    asked = json.load(sys.stdin)
    sys.path[:] = asked["path"]
    try:
        said = {"settings": dump(asked["module"])}
    except BaseException as error:  # noqa: BLE001 - settings may end in any way, sys.exit() included
        said = {"failure": _failure(error)}
    json.dump(said, answer)
    answer.close()
    os._exit(0)  # nothing that the settings started, such as an error reporter, says good-bye to anybody
