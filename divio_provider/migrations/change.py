"""A change between two revisions: the migrations that it adds, each operation judged, and what else one should know."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import starmap

from divio_provider.migrations.apps import in_order, migrations_of, worlds
from divio_provider.migrations.database import Database
from divio_provider.migrations.differences import (
    Migrations,
    Notice,
    deleted,
    edited,
    renamed,
    requirements,
    squashed,
    stray,
)
from divio_provider.migrations.migration import Migration, Operation
from divio_provider.migrations.own_fields import OwnFields
from divio_provider.migrations.reading import File
from divio_provider.migrations.replay import Judged, Replay, needed, run
from divio_provider.migrations.situation import Situation
from divio_provider.migrations.state import State
from divio_provider.migrations.trees import Tree
from divio_provider.migrations.verdict import Phase, undecided


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
    old, parted = _moved(old, new), _moved(parted, new)
    failed = {path: why for path, why in unreadable.items() if base.files.get(path) != head.files[path]}
    notices = [
        Notice("it is no UTF-8 text, so that nobody could look for migrations in it", path) for path in head.unreadable
    ]
    added = {path: item for path, item in new.items() if path not in old}
    edits, told = edited(old, parted, new)
    notices += told + deleted(old, parted, new)
    told, left_out = squashed(old, new, added)
    notices += told
    for path in left_out:
        added.pop(path)
    notices += renamed(old, parted, new, added)
    notices += requirements(changed)
    judged = [
        item
        for before, fresh in worlds(old, {**added, **edits})
        for item in _judged(before, fresh, head.files, project, tell)
    ]
    judged += starmap(_unreadable, failed.items())
    notices += [
        Notice(stray(complete=note.counts), item.path, note.line)
        for item in added.values()
        for note in (*item.stray_notes, *(op.note for op in item.operations if op.note and not op.note.counts))
    ]
    return Change(tuple(judged), tuple(notices), len(added) + len(failed))


def _moved(old: Migrations, new: Migrations) -> dict[str, Migration]:
    """The old migrations, those whose app's folder moved under their new paths: to Django they are the same."""
    places = {item.key: path for path, item in new.items() if path not in old}
    found: dict[str, Migration] = {}
    for path, item in old.items():
        place = path if path in new else places.get(item.key, path)
        found[place] = item if place == path else replace(item, path=place)
    return found


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
