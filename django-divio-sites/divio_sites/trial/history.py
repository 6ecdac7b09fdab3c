"""What is applied where a change will run, and what the change adds to it."""

import hashlib
import subprocess
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.utils.module_loading import import_string

from divio_sites.trial.errors import TrialError
from divio_sites.trial.source import load_migration

Key = tuple[str, str]
"""An app's label and a migration's name: a row of `django_migrations`."""


@dataclass
class Applied:
    """What is applied before the change.

    Args:
        rows: rows of `django_migrations`.
        old: migrations that read differently where they were applied, by key: the classes of then.
        notices: what a reader has to know, each with a file ("" for none).
    """

    rows: set[Key]
    old: dict[Key, type[Migration]] = field(default_factory=dict)
    notices: list[tuple[str, str]] = field(default_factory=list)


class _Loader(MigrationLoader):
    """Django's loader with given rows instead of a database's."""

    def __init__(self, rows: Iterable[Key], old: dict[Key, type[Migration]]) -> None:
        self._rows = rows
        self._old = old
        super().__init__(None)

    @property
    def applied_migrations(self) -> dict[Key, Any]:
        return self._applied

    @applied_migrations.setter
    def applied_migrations(self, _: object) -> None:
        # With a squashed migration Django notes all that it replaces; a list of files may lack them.
        disk = self.disk_migrations or {}
        replaced = {other for key in self._rows if key in disk for other in disk[key].replaces}
        self._applied = dict.fromkeys({*self._rows, *replaced})

    def load_disk(self) -> None:
        super().load_disk()
        self.disk_migrations |= {(app, name): old(name, app) for (app, name), old in self._old.items()}


class History:
    """The order in which Django runs all migrations, parted into those that are applied and those that are not.

    Raises:
        TrialError: the migrations do not fit together.
    """

    def __init__(self, applied: Applied, *, as_applied: bool = False) -> None:
        """With `as_applied`, migrations read as they did where they were applied."""
        try:
            self._loader = _Loader(applied.rows, applied.old if as_applied else {})
            executor = MigrationExecutor.__new__(MigrationExecutor)
            executor.loader = self._loader
            plan = executor.migration_plan(self._loader.graph.leaf_nodes(), clean_start=True)
        except Exception as error:
            raise TrialError(
                f"The migrations cannot be loaded{_place(error)}: {type(error).__name__}: {error}"
            ) from error
        conflicts = self._loader.detect_conflicts()
        if conflicts and not as_applied:
            both = "; ".join(f"{app}: {', '.join(names)}" for app, names in sorted(conflicts.items()))
            raise TrialError(f"Several migrations of one app are its last ({both}): makemigrations --merge joins them.")
        self._plan = [migration for migration, _ in plan]
        for key in self._loader.graph.nodes:
            behind = [
                parent.key for parent in self._loader.graph.node_map[key].parents if not self.is_applied(parent.key)
            ]
            if behind and self.is_applied(key) and not as_applied:
                raise TrialError(
                    f"{'.'.join(key)} is applied, but {'.'.join(behind[0])}, which it needs, is not: rows are missing."
                )

    def is_applied(self, key: Key) -> bool:
        """Whether a migration is applied, by itself or by what it replaces."""
        return key in self._loader.applied_migrations

    @cached_property
    def applied(self) -> list[Migration]:
        """In their order."""
        return [one for one in self._plan if self.is_applied((one.app_label, one.name))]

    @cached_property
    def added(self) -> list[Migration]:
        """The change, in its order."""
        return [one for one in self._plan if not self.is_applied((one.app_label, one.name))]

    @property
    def unmigrated_apps(self) -> set[str]:
        """Apps whose tables Django makes without migrations."""
        return self._loader.unmigrated_apps

    def empty_state(self) -> ProjectState:
        """The models before any migration: those of apps without migrations."""
        return ProjectState(real_apps=self.unmigrated_apps)

    def old_state(self) -> ProjectState:
        """The models of the applied migrations."""
        state = self.empty_state()
        for migration in self.applied:
            state = migration.mutate_state(state, preserve=False)
        return state


def _place(error: Exception) -> str:
    """Where in a migration's file an error arose, if it did in one."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "/migrations/" in frame.filename.replace("\\", "/")
    ]
    own = [frame for frame in frames if "/django/db/migrations/" not in frame.filename.replace("\\", "/")]
    return f" ({own[-1].filename}, line {own[-1].lineno})" if own else ""


def rows_on_disk() -> list[Key]:
    """Every migration that has a file in the installed apps, in a stable order."""
    try:
        disk = _Loader((), {}).disk_migrations
        return sorted({other for key, one in disk.items() for other in (key, *one.replaces)})
    except Exception as error:
        raise TrialError(f"The migrations cannot be loaded{_place(error)}: {type(error).__name__}: {error}") from error


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
        if not words or words[0].startswith("#"):
            continue
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
    repository = _Repository(revision)
    found = Applied(set())
    packages: set[str] = set()
    for config in apps.get_app_configs():
        folder = _folder(config.label)
        if folder is None:
            continue
        if not repository.holds(folder):
            packages.add(config.label)
            continue
        before = repository.migrations(folder)
        found.rows |= {(config.label, name) for name in before}
        for name, blob in before.items():
            key = (config.label, name)
            path = folder / f"{name}.py"
            if repository.same(path, blob):
                continue
            gone = not path.exists()
            if repository.changed_here(path):
                what = "is gone" if gone else "was edited"
                found.notices.append(
                    (
                        str(path),
                        f"{config.label}.{name} {what} although sites have applied it: that changes no database.",
                    )
                )
            module = f"{MigrationLoader.migrations_module(config.label)[0]}.{name}"
            try:
                found.old[key] = load_migration(repository.text(blob), str(path), module)
            except Exception as error:
                if gone:
                    raise TrialError(f"{config.label}.{name} as of {revision} cannot be loaded: {error}") from error
                found.notices.append(
                    (
                        str(path),
                        f"{config.label}.{name} as of {revision} cannot be loaded ({error}): read as it is now.",
                    )
                )
    found.rows |= {key for key in rows_on_disk() if key[0] in packages}
    if packages:
        names = ", ".join(sorted(packages))
        text = f"Git does not know which migrations of packages are applied: all count as applied, none is tried ({names})."
        found.notices.append(("", f"{text} --applied tries theirs too."))
    return found


def _folder(label: str) -> Path | None:
    name, _ = MigrationLoader.migrations_module(label)
    try:
        module = name and import_string(f"{name}.__path__")
    except ImportError:
        return None
    return Path(next(iter(module))) if module else None


class _Repository:
    """The repository of the current folder, at a revision."""

    def __init__(self, revision: str) -> None:
        top = self._git("rev-parse", "--show-toplevel", cwd=Path.cwd())
        self._top = Path(top.strip()).resolve()
        try:
            self._commit = self._git(
                "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
            ).strip()
        except TrialError:
            raise TrialError(
                f"--base {revision}: git knows no such revision here (a shallow clone has few: fetch it)."
            ) from None
        self._blobs = self._tree(self._commit)
        try:
            self._common = self._tree(self._git("merge-base", self._commit, "HEAD").strip())
        except TrialError:
            self._common = self._blobs

    def _git(self, *words: str, cwd: Path | None = None) -> str:
        try:
            done = subprocess.run(["git", *words], cwd=cwd or self._top, capture_output=True, check=False)  # noqa: S603, S607 - the user's git
        except FileNotFoundError:
            raise TrialError("--base needs git, which is not installed; --applied does not.") from None
        if done.returncode:
            raise TrialError(f"git {words[0]}: {done.stderr.decode(errors='replace').strip() or 'it failed'}")
        return done.stdout.decode(errors="surrogateescape")

    def _tree(self, commit: str) -> dict[str, str]:
        entries = (line.split("\t", 1) for line in self._git("ls-tree", "-r", "-z", commit).split("\0") if line)
        return {path: about.split()[2] for about, path in entries}

    def _inside(self, path: Path) -> str:
        return path.resolve().relative_to(self._top).as_posix()

    def holds(self, folder: Path) -> bool:
        """Whether the project's history, not an installer, brought a folder."""
        return folder.resolve().is_relative_to(self._top) and not {"site-packages", "dist-packages"} & set(folder.parts)

    def migrations(self, folder: Path) -> dict[str, str]:
        """The migrations of a folder at the revision, with their blobs; of its former place where it has moved since."""
        here = self._inside(folder)
        found = dict(self._within(here))
        if found:
            return found
        names = {path.stem for path in folder.glob("*.py")}
        places = {path.rpartition("/")[0] for path in self._blobs if path.endswith(f"/{folder.name}/__init__.py")}
        gone = {place: dict(self._within(place)) for place in places if not any((self._top / place).glob("*.py"))}
        known = {place: found for place, found in gone.items() if set(found) & names}
        # Which of several it was, nobody can tell.
        return next(iter(known.values())) if len(known) == 1 else {}

    def _within(self, folder: str) -> Iterator[tuple[str, str]]:
        for path, blob in self._blobs.items():
            parent, _, name = path.rpartition("/")
            if parent == folder and name.endswith(".py") and name[0] not in "_~":
                yield name.removesuffix(".py"), blob

    def same(self, path: Path, blob: str) -> bool:
        """Whether a file reads now as a blob does."""
        if not path.exists():
            return False
        content = path.read_bytes()
        made = hashlib.new("sha256" if len(blob) > 40 else "sha1", b"blob %d\0" % len(content) + content)
        return made.hexdigest() == blob or content.replace(b"\r\n", b"\n") == self.text(blob).encode().replace(
            b"\r\n", b"\n"
        )

    def changed_here(self, path: Path) -> bool:
        """Whether it was this change, not the revision's own history, that edited or removed a file."""
        blob = self._common.get(self._inside(path))
        return blob is not None and not self.same(path, blob)

    def text(self, blob: str) -> str:
        """What a blob holds."""
        return self._git("cat-file", "blob", blob)
