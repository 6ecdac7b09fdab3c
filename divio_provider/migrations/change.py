"""A change between two revisions: the migrations that it adds, each operation judged, and what else one should know."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import starmap

from divio_provider.migrations.apps import in_order, migrations_of, same_operations, shapes
from divio_provider.migrations.database import Database
from divio_provider.migrations.migration import Migration, Operation
from divio_provider.migrations.own_fields import OwnFields
from divio_provider.migrations.reading import File
from divio_provider.migrations.replay import Judged, Replay, needed, run
from divio_provider.migrations.situation import Situation
from divio_provider.migrations.state import State
from divio_provider.migrations.trees import Tree
from divio_provider.migrations.verdict import Phase, undecided

_REQUIREMENTS = re.compile(
    r"(^|/)(requirements[^/]*\.(txt|in)|requirements/[^/]+\.(txt|in)|pyproject\.toml|setup\.(py|cfg)|Pipfile(\.lock)?|"
    r"poetry\.lock|uv\.lock|pdm\.lock)$"
)


@dataclass(frozen=True)
class Notice:
    """Something about the change that is no operation's verdict.

    Args:
        text: one sentence.
        path: the file that it is about; empty for none.
        line: where in it, 0 for nowhere in particular.
    """

    text: str
    path: str = ""
    line: int = 0


@dataclass(frozen=True)
class Change:
    """What a change does.

    Args:
        judged: its operations, in the order in which Django runs them.
        notices: what else one should know.
        migrations: how many migrations it adds.
    """

    judged: tuple[Judged, ...]
    notices: tuple[Notice, ...]
    migrations: int

    @property
    def needs(self) -> Phase:
        """The phase that it needs."""
        return needed(list(self.judged))


def read_change(
    base: Tree,
    common: Tree,
    head: Tree,
    changed: tuple[str, ...],
    project: str = "",
    tell: Callable[[int, int], None] = lambda _done, _total: None,
) -> Change:
    """Judge what `head` adds to `base`.

    Args:
        base: the files that old code runs with.
        common: those where the two parted; deletions and edits are told by them, so that what base alone went on
            to do is not taken for the change's.
        head: the files with the change.
        changed: all paths of the repository that differ between common and head.
        project: the project's folder.
        tell: is called now and then with how many of how many migrations are done.
    """
    cache: dict[tuple[str, str], Migration | None] = {}
    old, _ = migrations_of(base, project, cache, tell)
    parted, _ = migrations_of(common, project, cache)
    new, unreadable = migrations_of(head, project, cache, tell)
    failed = {path: why for path, why in unreadable.items() if base.files.get(path) != head.files[path]}
    notices = [
        Notice("it is no UTF-8 text, so that nobody could look for migrations in it", path) for path in head.unreadable
    ]
    added = {path: item for path, item in new.items() if path not in old}
    edits, edited = _edited(old, parted, new)
    notices += edited + _deleted(old, parted, new)
    squashed, squashes = _squashed(old, new, added)
    notices += squashed
    for path in squashes:
        added.pop(path)
    notices += _renamed(old, parted, new, added)
    notices += _requirements(changed)
    judged = [*_judged(old, {**added, **edits}, head.files, project, tell), *starmap(_unreadable, failed.items())]
    notices += [
        Notice(_stray(note.counts), item.path, note.line)
        for item in added.values()
        for note in (*item.stray_notes, *(op.note for op in item.operations if op.note and not op.note.counts))
    ]
    return Change(tuple(judged), tuple(notices), len(added) + len(failed))


def _unreadable(path: str, why: str) -> Judged:
    """A migration that is no Python that we read is one operation that nobody can judge."""
    folder, _, name = path.removesuffix(".py").rpartition("/")
    item = Migration(folder.removesuffix("/migrations").rpartition("/")[2], name, path, 1, (), (), (), ())
    operation = Operation("", {}, 1, 1, None, File(path, ""))
    return Judged(item, operation, undecided(f"it cannot be read ({why})"))


def _judged(
    old: Mapping[str, Migration],
    added: Mapping[str, Migration],
    files: Mapping[str, str],
    project: str,
    tell: Callable[[int, int], None],
) -> list[Judged]:
    own = OwnFields(files, project)
    base, database = State(own), Database()
    before = in_order(old.values())
    for done, item in enumerate(before):
        tell(done, len(before) + len(added))
        for operation in item.operations:
            run(item.app, operation, base, database)
    database = database.at_base()
    # In one graph with those of base: a new migration may have to wait for an old one, and for a new one of another app.
    wanted = {item.key for item in added.values()}
    order = [
        item
        for item in in_order([*(item for item in old.values() if item.key not in wanted), *added.values()])
        if item.key in wanted
    ]
    final, final_database = base.copy(), database.copy()
    for item in order:
        for operation in item.operations:
            run(item.app, operation, final, final_database)
    situation = Situation(
        "", base, base, database, base, database, final, final_database, sources=files, project=project
    )
    replay = Replay(situation)
    return [judged for item in order for judged in replay.judge(item)]


def _edited(
    old: Mapping[str, Migration], parted: Mapping[str, Migration], new: Mapping[str, Migration]
) -> tuple[dict[str, Migration], list[Notice]]:
    """Migrations that base has too: what an edit adds to them runs only where they were not run yet."""
    edits: dict[str, Migration] = {}
    notices: list[Notice] = []
    for path, item in new.items():
        before = old.get(path)
        if before is None or parted.get(path) is item or same_operations(before, item):
            continue
        known = shapes(before)
        fresh = [
            operation for operation, shape in zip(item.operations, shapes(item), strict=True) if shape not in known
        ]
        gone = len([shape for shape in known if shape not in shapes(item)])
        if fresh:
            edits[path] = replace(item, operations=tuple(fresh))
        what = f"{len(fresh)} added or changed, {gone} gone or changed"
        notices.append(
            Notice(
                f"this migration is there at base and was edited (operations: {what}): databases that ran it will not run "
                "it again; a new migration would",
                path,
                item.line,
            )
        )
    return edits, notices


def _deleted(
    old: Mapping[str, Migration], parted: Mapping[str, Migration], new: Mapping[str, Migration]
) -> list[Notice]:
    covered = {key for item in new.values() for key in item.replaces}
    squashes = {
        key for item in old.values() if any(item.key == other.key for other in new.values()) for key in item.replaces
    }
    twins = [item for path, item in new.items() if path not in old]
    found: list[Notice] = []
    for path, item in old.items():
        if path in new or path not in parted or item.key in covered | squashes:
            continue
        if any(twin.app == item.app and same_operations(twin, item) for twin in twins):
            continue
        found.append(
            Notice("this migration is there at base and was deleted: databases that ran it stay as they are", path)
        )
    return found


def _squashed(
    old: Mapping[str, Migration], new: Mapping[str, Migration], added: Mapping[str, Migration]
) -> tuple[list[Notice], list[str]]:
    """Squashed migrations that run nothing, or whose parts run instead; and replaced ones of squashes that run."""
    at_base = {item.key for item in old.values()}
    at_base |= {key for item in old.values() for key in item.replaces}
    at_head = {item.key for item in new.values()}
    notices: list[Notice] = []
    left_out: list[str] = []
    for path, item in added.items():
        if not item.replaces:
            continue
        there = [key for key in item.replaces if key in at_base]
        if len(there) == len(item.replaces):
            notices.append(
                Notice(f"replaces {len(there)} migrations, all of them there at base: it runs nothing", path, item.line)
            )
            left_out.append(path)
        elif there and all(key in at_head | at_base for key in item.replaces):
            text = "replaces some migrations that are there at base and some that are not: those run themselves instead"
            notices.append(Notice(text, path, item.line))
            left_out.append(path)
        elif there:
            missing = ", ".join(".".join(key) for key in item.replaces if key not in at_head | at_base)
            text = f"replaces migrations that are there at base and others that are nowhere ({missing}): Django cannot run it"
            notices.append(Notice(text, path, item.line))
    # Of what is new altogether Django runs the squash.
    runs = {key for path, item in added.items() if path not in left_out for key in item.replaces}
    left_out += [path for path, item in added.items() if item.key in runs]
    return notices, left_out


def _renamed(
    old: Mapping[str, Migration],
    parted: Mapping[str, Migration],
    new: Mapping[str, Migration],
    added: Mapping[str, Migration],
) -> list[Notice]:
    gone = [item for path, item in old.items() if path not in new and path in parted]
    found: list[Notice] = []
    for path, item in added.items():
        for before in gone:
            if before.app == item.app and item.operations and same_operations(before, item):
                text = f"this is {before.path} under another name: databases that ran it run it again under this one"
                found.append(Notice(text, path, item.line))
    return found


def _requirements(changed: tuple[str, ...]) -> list[Notice]:
    text = "packages may bring migrations of their own, which are not seen here: manage.py migrate --plan lists them"
    return [Notice(text, path) for path in changed if _REQUIREMENTS.search(path)][:3]


def _stray(complete: bool) -> str:
    if complete:
        return "this comment is about no operation; it belongs right above one"
    return "this comment does not count; it has to be: # estate: expand, REASON"
