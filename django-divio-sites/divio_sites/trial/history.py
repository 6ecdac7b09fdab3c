"""What is applied where a change will run, and what the change adds to it."""

import re
import subprocess
import sys
import traceback
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from divio_sites.trial import TrialError, one_line
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
    """Django's loader with given rows instead of a database's, and some migrations as they were where they were applied."""

    applied_migrations = property(lambda loader: loader.rows, lambda *_: None)

    def __init__(self, rows: Iterable[Key] = (), old: dict[Key, type[Migration]] | None = None) -> None:
        self.rows, self._old = dict.fromkeys(rows), old or {}
        try:
            super().__init__(None)
        except Exception as error:
            calls = [(one.filename, one.lineno) for one in traceback.extract_tb(error.__traceback__)]
            own = [f" ({file}, line {line})" for file, line in calls if re.search("(?<!/db)/migrations/", file)]
            raise TrialError(f"The migrations cannot be loaded{''.join(own[-1:])}: {one_line(error)}") from error

    def load_disk(self) -> None:
        super().load_disk()
        self.disk_migrations |= {(app, name): old(name, app) for (app, name), old in self._old.items()}
        # With a squashed migration Django notes all that it replaces; a list of files may lack them.
        for key in self.rows.keys() & self.disk_migrations.keys():
            self.rows |= dict.fromkeys(self.disk_migrations[key].replaces)


class History:
    """The order in which Django runs all migrations: those `applied`, if wanted as they read there, and those `added`."""

    def __init__(self, applied: Applied, *, as_applied: bool = False) -> None:
        self._loader = loader = _Loader(applied.rows, applied.old if as_applied else {})
        graph, done = loader.graph, loader.rows
        plan = dict.fromkeys(key for leaf in graph.leaf_nodes() for key in graph.forwards_plan(leaf))
        self.applied = [graph.nodes[key] for key in plan if key in done]
        self.added = [graph.nodes[key] for key in plan if key not in done]
        self.unmigrated_apps = loader.unmigrated_apps
        replaced = {key for one in loader.disk_migrations.values() for key in one.replaces}
        gone = sorted(".".join(key) for key in applied.rows - loader.disk_migrations.keys() - replaced)
        text = f"{len(gone)} applied rows match no migration here and count for nothing: {', '.join(gone[:3])} …"
        self.notices = [*applied.notices, *([("", 0, text)] if gone else [])]
        for key in done.keys() & plan.keys():
            if behind := [".".join(parent.key) for parent in graph.node_map[key].parents if parent.key not in done]:
                text = f"{'.'.join(key)} is applied, but {behind[0]}, which it needs, is not: rows are missing."
                raise TrialError(text)

    def old_state(self) -> ProjectState:
        """The models of the applied migrations."""
        state: ProjectState = self._loader.project_state([(one.app_label, one.name) for one in self.applied])
        return state


def rows_on_disk() -> list[Key]:
    """Every migration that has a file in the installed apps, and what it replaces, in a stable order."""
    return sorted({other for key, one in _Loader().disk_migrations.items() for other in (key, *one.replaces)})


def read_text(option: str, file: Path) -> str:
    """The text of a file that an option names; TrialError where it is not there, or no text."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TrialError(f"{option} {file}: {getattr(error, 'strerror', None) or 'this is no text'}.") from None


def read_rows(file: Path) -> Applied:
    """The rows in a file: an app's label and a migration's name on each line, apart by a space, comma, bar, dot or tab."""
    rows: set[Key] = set()
    for number, line in enumerate(read_text("--applied", file).splitlines(), 1):
        if row := re.fullmatch(r"[\s|]*(\w+)[\s,|.]+([\w.-]+)[\s|]*", line):
            rows.add((row[1], row[2]))
        elif line.strip() and not line.lstrip().startswith("#"):
            raise TrialError(f"{file}, line {number}: «{line.strip()[:60]}» is no row; write: shop 0001_initial")
    if not rows:
        raise TrialError(f"{file} has no rows; manage.py appliedmigrations prints them.")
    return Applied(rows)


def rows_at(revision: str) -> Applied:
    """The migrations that the project has at a git revision; packages count as applied with all that is installed now."""
    top = Path(_git(Path.cwd(), "rev-parse", "--show-toplevel").strip()).resolve()
    text = f"--base {revision}: git knows no such revision here (a shallow clone has few: fetch it)."
    commit = _git(top, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}", failing=text).strip()
    tree = _git(top, "ls-tree", "-r", "-z", "--name-only", commit).split("\0")
    edited = _git(top, "diff", "-z", "--name-only", "--no-renames", commit).split("\0")
    found, packages, loader = Applied(set()), set(), _Loader()
    for app in sorted(loader.migrated_apps):
        module = loader.migrations_module(app)[0] or app
        folder = Path(sys.modules[module].__path__[0]).resolve()
        if not folder.is_relative_to(top) or {"site-packages", "dist-packages"} & set(folder.parts):
            packages.add(app)
            continue
        for path in _files(top, tree, folder):
            key, now = (app, path.stem), folder / path.name
            found.rows.add(key)
            old = _git(top, "show", f"{commit}:{path}") if path.as_posix() in edited else ""
            if old and not (now.exists() and now.read_text(encoding="utf-8") == old):
                found.old[key] = load_migration(old, str(now), f"{module}.{path.stem}")
                text = f"{'.'.join(key)} at {revision} reads otherwise and is taken as it was: an edit changes no database."
                found.notices.append((str(now), 0, text))
    found.rows |= {key for key in rows_on_disk() if key[0] in packages}
    if packages:
        text = "Git does not know which migrations of packages are applied: all count as applied, none is tried"
        found.notices.append(("", 0, f"{text} ({', '.join(sorted(packages))}). --applied tries theirs too."))
    return found


def _files(top: Path, tree: Iterable[str], folder: Path) -> list[Path]:
    """An app's migrations at a revision; where the folder was not there, those of the one place that it may have had."""
    places: dict[Path, list[Path]] = defaultdict(list)
    for path in map(Path, tree):
        if path.suffix == ".py" and path.parent.name == folder.name and path.name[0] not in "_~":
            places[path.parent].append(path)
    if found := places.get(folder.relative_to(top)):
        return found
    former = [found for place, found in places.items() if not any((top / place).glob("*.py"))]
    moved = [found for found in former if any((folder / path.name).exists() for path in found)]
    return moved[0] if len(moved) == 1 else []


def _git(folder: Path, *words: str, failing: str = "") -> str:
    try:
        done = subprocess.run(["git", *words], cwd=folder, capture_output=True, check=False)  # noqa: S603, S607 - the user's git
    except FileNotFoundError:
        raise TrialError("--base needs git, which is not installed; --applied does not.") from None
    if done.returncode:
        raise TrialError(failing or f"git {words[0]}: {done.stderr.decode(errors='replace').strip() or 'it failed'}")
    return done.stdout.decode(errors="surrogateescape")
