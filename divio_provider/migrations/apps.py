"""The migrations of a project: found in its files, and put in the order in which Django runs them."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import PurePosixPath

from divio_provider.migrations.class_body import is_migration, migration
from divio_provider.migrations.migration import Migration
from divio_provider.migrations.reading import File
from divio_provider.migrations.trees import Tree

Migrations = dict[str, Migration]

_LABEL = re.compile(r"^\s+label\s*(?::\s*\w+\s*)?=\s*[\"'](\w+)[\"']", re.MULTILINE)
_NAME = re.compile(r"^\d{4}")


def module_of(path: str, project: str) -> str:
    """The dotted name by which a project imports a file of its own."""
    inner = path.removeprefix(f"{project}/") if project else path
    return inner.removeprefix("src/").removesuffix(".py").replace("/", ".")


def migrations_of(
    tree: Tree,
    project: str,
    cache: dict[tuple[str, str], Migration | None] | None = None,
    tell: Callable[[int, int], None] = lambda _done, _total: None,
) -> tuple[dict[str, Migration], dict[str, str]]:
    """The migrations by path, and for each file that could not be read, why.

    Args:
        tree: the project's files.
        project: its folder.
        cache: what was read already, by path and text: most files are the same at two revisions.
        tell: is called with how many of how many were read.
    """
    cache = {} if cache is None else cache
    folders: dict[str, list[str]] = {}
    for path, text in tree.files.items():
        pure = PurePosixPath(path)
        # Elsewhere a class of this name is a test's or an example's.
        likely = pure.parent.name == "migrations" or "migrations" in pure.parts or _NAME.match(pure.name)
        if likely and pure.name != "__init__.py" and is_migration(text):
            folders.setdefault(str(pure.parent), []).append(path)
    found: dict[str, Migration] = {}
    unreadable: dict[str, str] = {}
    for folder, paths in folders.items():
        label = _label(tree.files, folder, paths)
        for path in sorted(paths):
            tell(len(found), sum(map(len, folders.values())))
            key = (f"{label}:{path}", tree.files[path])
            if key not in cache:
                try:
                    file = File(path, tree.files[path], module_of(path, project))
                    cache[key] = migration(file, label, PurePosixPath(path).stem)
                except (SyntaxError, ValueError, RecursionError) as error:
                    line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
                    unreadable[path] = f"{getattr(error, 'msg', None) or 'it is too deep'}{line}"
                    continue
            read = cache[key]
            if read is not None:
                found[path] = read
    return found, unreadable


def _label(files: Mapping[str, str], folder: str, paths: list[str]) -> str:
    """An app's label: its AppConfig's, else the one by which its migrations name each other, else its folder's name."""
    pure = PurePosixPath(folder)
    parent = pure.parent.name if pure.name == "migrations" else pure.name
    declared = _LABEL.search(files.get(str(pure.parent / "apps.py"), "")) if pure.name == "migrations" else None
    if declared:
        return declared[1]
    names = {PurePosixPath(path).stem for path in paths}
    votes: Counter[str] = Counter()
    for path in paths:
        for label, name in re.findall(r"\(\s*[\"'](\w+)[\"']\s*,\s*[\"'](\w+)[\"']\s*,?\s*\)", files[path]):
            # Every app has a 0001_initial: naming one tells nothing.
            if name in names and name != "0001_initial":
                votes[label] += 1
    if not votes or parent in votes:
        return parent
    return votes.most_common(1)[0][0]


def in_order(migrations: Iterable[Migration]) -> list[Migration]:
    """Migrations so that each comes after those that it depends on; by name where nothing else decides.

    Where squashed and replaced migrations are both there, the replaced ones are taken: they are what was run.
    """
    known = {item.key: item for item in migrations}
    standing = chosen(known)
    stands_for = {key: squash.key for squash in standing.values() for key in squash.replaces}
    taken = {key for key in known if key not in standing}
    last_of = {key: known[key].replaces for key in taken}

    def named(key: tuple[str, str]) -> list[tuple[str, str]]:
        if key in standing:
            return [key]
        if key in last_of:
            return [inner for inner in last_of[key] if inner in standing]
        if key[1] in {"__first__", "__latest__"}:
            same = sorted(other for other in standing if other[0] == key[0])
            return same[:1] if key[1] == "__first__" else same[-1:]
        return [stands_for[key]] if key in stands_for else []

    graph: dict[tuple[str, str], set[tuple[str, str]]] = {key: set() for key in standing}
    for key, item in standing.items():
        for needed in item.dependencies:
            graph[key].update(inner for inner in named(needed) if inner != key)
        for later in item.run_before:
            for inner in named(later):
                graph[inner].add(key)
    return [standing[key] for key in _sorted(graph)]


def chosen(known: Mapping[tuple[str, str], Migration]) -> dict[tuple[str, str], Migration]:
    """The migrations that count: not a squash whose replaced ones are all there, nor replaced ones of another squash."""
    standing = dict(known)
    for key, item in known.items():
        if not item.replaces:
            continue
        if all(replaced in known for replaced in item.replaces):
            standing.pop(key, None)
        else:
            for replaced in item.replaces:
                standing.pop(replaced, None)
    return standing


def worlds(old: Mapping[str, Migration], added: Mapping[str, Migration]) -> list[tuple[Migrations, Migrations]]:
    """Old and added migrations, apart where a repository has several projects.

    In one project Django refuses two apps of the same label; where there are two, they are of different projects, and
    neither knows the other's models.
    """
    folders: dict[str, set[str]] = {}
    for path, item in (*old.items(), *added.items()):
        folders.setdefault(item.app, set()).add(path.rpartition("/")[0])
    number = max((len(listed) for listed in folders.values()), default=0)
    found: list[tuple[Migrations, Migrations]] = []
    for world in range(number):
        chosen_ones = {label: sorted(listed)[min(world, len(listed) - 1)] for label, listed in folders.items()}
        before, fresh = (
            {path: item for path, item in some.items() if path.rpartition("/")[0] == chosen_ones[item.app]}
            for some in (old, added)
        )
        # What stands in every world is judged in the first one.
        seen = {path for _, earlier in found for path in earlier}
        fresh = {path: item for path, item in fresh.items() if path not in seen}
        found.append((before, fresh))
    return [(before, fresh) for before, fresh in found if fresh]


def _sorted(graph: Mapping[tuple[str, str], set[tuple[str, str]]]) -> list[tuple[str, str]]:
    sorter = TopologicalSorter({key: graph[key] for key in sorted(graph)})
    try:
        sorter.prepare()
    except CycleError:
        return sorted(graph)
    found: list[tuple[str, str]] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        found += ready
        sorter.done(*ready)
    return found


def same_operations(one: Migration, other: Migration) -> bool:
    """Whether two files do the same."""
    return shapes(one) == shapes(other)


def shapes(item: Migration) -> list[str]:
    """What each operation is, without its place and without comments."""
    return [operation.text for operation in item.operations]
