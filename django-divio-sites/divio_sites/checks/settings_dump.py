"""Print a project's settings as Django loads them in this process's environment: one JSON object.

`probe.py` runs this file as a program of its own, with the settings module's name and `sys.path` as arguments, so that
nobody's settings but this process's are touched. What is printed may hold secrets, and only `probe.py` reads it; what the
settings themselves print goes nowhere.
"""

import json
import os
import sys
import traceback
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

_CELERY = ("broker_url", "task_default_queue", "broker_transport_options", "task_always_eager", "beat_schedule")


def dump(module: str) -> dict[str, Any]:
    """The settings of `module` by name, and beside them what only Django and Celery can tell.

    `DEFAULT_STORAGE` is what that storage, once made, has come to, and `CACHE_KEYS` how each cache writes one and the same
    key, where the backend can be made here. `CELERY_*` is what the project's Celery says, if the settings load it.
    """
    os.environ["DJANGO_SETTINGS_MODULE"] = module
    if "DJANGO_CONFIGURATION" in os.environ:  # django-configurations: settings are a class
        import_module("configurations.importer").install()
    from django.conf import settings  # noqa: PLC0415 - only now is it known where they are
    from django.core.cache import caches  # noqa: PLC0415
    from django.core.files.storage import FileSystemStorage, storages  # noqa: PLC0415

    found = {name: getattr(settings, name) for name in dir(settings) if name.isupper()}
    found |= {"STORAGES": storages.backends, "DEFAULT_STORAGE": None, "CACHE_KEYS": {}}  # 4.2: DEFAULT_FILE_STORAGE too
    with suppress(Exception):  # a backend may fail in any way; then its settings are compared instead
        storage = storages["default"]
        made = found["DEFAULT_STORAGE"] = {"options": vars(storage), "disk": isinstance(storage, FileSystemStorage)}
        made["url"] = storage.url("key")
    for alias in settings.CACHES:
        with suppress(Exception):
            found["CACHE_KEYS"][alias] = caches[alias].make_key("key")
    celery = sys.modules.get("celery")
    if celery and celery.current_app.main != "default":  # "default" is Celery's own, where a project made none
        found |= {f"CELERY_{name.upper()}": celery.current_app.conf.get(name) for name in _CELERY}
    return found


def _plain(value: object) -> object:
    """What JSON keeps of an object that it does not know: a set's items, a path, else the name of its class."""
    if isinstance(value, (set, frozenset)):
        return sorted(map(str, value))
    named = value if hasattr(value, "__qualname__") else type(value)
    return os.fspath(value) if isinstance(value, os.PathLike) else f"{named.__module__}.{named.__qualname__}"


def _failure(error: BaseException) -> str:
    """The error's kind, what it names and its line in the project; never its text, which may quote a secret."""
    kind, name, here = type(error).__name__, getattr(error, "name", None), Path.cwd()
    lines = [f for f in traceback.extract_tb(error.__traceback__) if here in Path(f.filename).parents]
    where = [f"in {Path(line.filename).relative_to(here)}:{line.lineno}" for line in lines[-1:]]
    return " ".join([kind, *([f"({name})"] if name else []), *where])


if __name__ == "__main__":
    answer = os.dup(1)
    os.dup2(2, 1)
    sys.path[:] = sys.argv[2:]
    try:
        said = json.dumps({"settings": dump(sys.argv[1])}, default=_plain, skipkeys=True)
    except BaseException as error:  # noqa: BLE001 - settings may end in any way, sys.exit() included
        said = json.dumps({"failure": _failure(error)})
    with os.fdopen(answer, "w") as out:
        out.write(said)
    os._exit(0)  # nothing that the settings started, such as an error reporter, says good-bye to anybody
