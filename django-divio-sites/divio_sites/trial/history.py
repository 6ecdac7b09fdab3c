"""What is applied where a change will run, and what the change adds to it."""

import subprocess
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.utils.module_loading import import_string

from divio_sites.trial import TrialError
from divio_sites.trial.source import load_migration

Key = tuple[str, str]
"""An app's label and a migration's name: a row of `django_migrations`."""


@dataclass
class Applied:
    """The applied rows, the classes of migrations that read otherwise there, and notices as (file, line, text)."""

    rows: set[Key]
    old: dict[Key, type[Migration]] = field(default_factory=dict)
    notices: list[tuple[str, int, str]] = field(default_factory=list)


class _Loader(MigrationLoader):
    """Django's loader with given rows instead of a database's."""

    def __init__(self, rows: Iterable[Key], old: dict[Key, type[Migration]]) -> None:
        self._rows, self._old = rows, old
        super().__init__(None)

    @property
    def applied_migrations(self) -> dict[Key, Any]:
        return self._applied

    @applied_migrations.setter
    def applied_migrations(self, _: object) -> None:
        # With a squashed migration Django notes all that it replaces; a list of files may lack them.
        disk = self.disk_migrations or {}
        self._applied = dict.fromkeys(self._rows)
        self._applied |= {other: None for key in self._rows if key in disk for other in disk[key].replaces}

    def load_disk(self) -> None:
        super().load_disk()
        self.disk_migrations |= {(app, name): old(name, app) for (app, name), old in self._old.items()}


class History:
    """The order in which Django runs all migrations: those that are `applied`, and those that the change `added`.

    Raises:
        TrialError: the migrations cannot be loaded or do not fit together.
    """

    def __init__(self, applied: Applied, *, as_applied: bool = False) -> None:
        """With `as_applied`, migrations read as they did where they were applied."""
        try:
            loader = _Loader(applied.rows, applied.old if as_applied else {})
            executor = MigrationExecutor.__new__(MigrationExecutor)
            executor.loader = loader
            plan = executor.migration_plan(loader.graph.leaf_nodes(), clean_start=True)
        except Exception as error:
            raise _unloadable(error) from error
        done = loader.applied_migrations
        self.applied = [one for one, _ in plan if (one.app_label, one.name) in done]
        self.added = [one for one, _ in plan if (one.app_label, one.name) not in done]
        self.unmigrated_apps = loader.unmigrated_apps
        if as_applied:
            return
        if conflicts := loader.detect_conflicts():
            both = "; ".join(f"{app}: {', '.join(names)}" for app, names in sorted(conflicts.items()))
            raise TrialError(f"Several migrations of one app are its last ({both}): makemigrations --merge joins them.")
        for key, node in loader.graph.node_map.items():
            behind = [".".join(parent.key) for parent in node.parents if parent.key not in done]
            if key in done and behind:
                raise TrialError(
                    f"{'.'.join(key)} is applied, but {behind[0]}, which it needs, is not: rows are missing."
                )

    def old_state(self) -> ProjectState:
        """The models of the applied migrations."""
        state = ProjectState(real_apps=self.unmigrated_apps)
        for migration in self.applied:
            state = migration.mutate_state(state, preserve=False)
        return state


def _unloadable(error: Exception) -> TrialError:
    files = [(one.filename, one.lineno) for one in traceback.extract_tb(error.__traceback__)]
    own = [one for one in files if "/migrations/" in one[0] and "/django/db/" not in one[0]]
    place = f" ({own[-1][0]}, line {own[-1][1]})" if own else ""
    return TrialError(f"The migrations cannot be loaded{place}: {type(error).__name__}: {error}")


def rows_on_disk() -> list[Key]:
    """Every migration that has a file in the installed apps, and what it replaces, in a stable order."""
    try:
        disk = _Loader((), {}).disk_migrations
    except Exception as error:
        raise _unloadable(error) from error
    return sorted({other for key, one in disk.items() for other in (key, *one.replaces)})


def read_rows(file: Path) -> Applied:
    """The rows in a file: an app's label and a migration's name on each line, apart by a space, comma, bar, dot or tab.

    Raises:
        TrialError: the file is not there, or a line holds something else.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TrialError(f"--applied {file}: {getattr(error, 'strerror', None) or 'this is no text'}.") from None
    rows: set[Key] = set()
    for number, line in enumerate(lines, 1):
        words = line.replace(",", " ").replace("|", " ").replace(".", " ", 1).split()
        if words and not words[0].startswith("#"):
            if len(words) != 2:
                raise TrialError(f"{file}, line {number}: «{line.strip()[:60]}» is no row; write: shop 0001_initial")
            rows.add((words[0], words[1]))
    if not rows:
        raise TrialError(f"{file} has no rows; manage.py appliedmigrations prints them.")
    return Applied(rows)


def rows_at(revision: str) -> Applied:
    """The migrations that the project has at a git revision; packages count as applied with all that is installed now.

    Raises:
        TrialError: this is no git repository, or there is no such revision.
    """
    top = Path(_git(Path.cwd(), "rev-parse", "--show-toplevel").strip()).resolve()
    try:
        commit = _git(top, "rev-parse", "--verify", "-q", "--end-of-options", f"{revision}^{{commit}}").strip()
    except TrialError:
        text = f"--base {revision}: git knows no such revision here (a shallow clone has few: fetch it)."
        raise TrialError(text) from None
    tree = set(_git(top, "ls-tree", "-r", "-z", "--name-only", commit).split("\0"))
    edited = set(_git(top, "diff", "-z", "--name-only", "--no-renames", commit).split("\0"))
    found, packages = Applied(set()), set()
    for config in apps.get_app_configs():
        module, _ = MigrationLoader.migrations_module(config.label)
        try:
            folder = Path(next(iter(import_string(f"{module}.__path__")))).resolve() if module else None
        except ImportError:
            continue
        if folder is None:
            continue
        if not folder.is_relative_to(top) or {"site-packages", "dist-packages"} & set(folder.parts):
            packages.add(config.label)
            continue
        for path in _files(top, tree, folder):
            key, now = (config.label, path.stem), folder / path.name
            found.rows.add(key)
            old = _git(top, "show", f"{commit}:{path}") if path.as_posix() in edited else ""
            if not old or (now.exists() and now.read_text(encoding="utf-8") == old):
                continue
            text = f"{'.'.join(key)} reads otherwise at {revision} and is taken as it was: an edit changes no database."
            found.notices.append((str(now), 0, text))
            try:
                found.old[key] = load_migration(old, str(now), f"{module}.{path.stem}")
            except Exception as error:
                raise TrialError(f"{'.'.join(key)} as of {revision} cannot be loaded: {error}") from error
    found.rows |= {key for key in rows_on_disk() if key[0] in packages}
    if packages:
        text = "Git does not know which migrations of packages are applied: all count as applied, none is tried"
        found.notices.append(("", 0, f"{text} ({', '.join(sorted(packages))}). --applied tries theirs too."))
    return found


def _files(top: Path, tree: Iterable[str], folder: Path) -> list[Path]:
    """An app's migrations at a revision; where the folder was not there, those of the one place that it may have had."""
    places: dict[Path, list[Path]] = {}
    for path in map(Path, sorted(tree)):
        if path.suffix == ".py" and path.parent.name == folder.name and path.name[0] not in "_~":
            places.setdefault(path.parent, []).append(path)
    if found := places.get(folder.relative_to(top)):
        return found
    former = [found for place, found in places.items() if not any((top / place).glob("*.py"))]
    moved = [found for found in former if any((folder / path.name).exists() for path in found)]
    return moved[0] if len(moved) == 1 else []


def _git(folder: Path, *words: str) -> str:
    try:
        done = subprocess.run(["git", *words], cwd=folder, capture_output=True, check=False)  # noqa: S603, S607 - the user's git
    except FileNotFoundError:
        raise TrialError("--base needs git, which is not installed; --applied does not.") from None
    if done.returncode:
        raise TrialError(f"git {words[0]}: {done.stderr.decode(errors='replace').strip() or 'it failed'}")
    return done.stdout.decode(errors="surrogateescape")
