"""What differs between the migrations of base and those of a change, besides operations that are new."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from divio_provider.migrations.apps import same_operations, shapes
from divio_provider.migrations.migration import Migration

Migrations = Mapping[str, Migration]
"""Migrations by path."""

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


def edited(old: Migrations, parted: Migrations, new: Migrations) -> tuple[dict[str, Migration], list[Notice]]:
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


def deleted(old: Migrations, parted: Migrations, new: Migrations) -> list[Notice]:
    """Migrations of base that are gone, unless a squash stands for them or another file has the same operations."""
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


def squashed(old: Migrations, new: Migrations, added: Migrations) -> tuple[list[Notice], list[str]]:
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


def renamed(old: Migrations, parted: Migrations, new: Migrations, added: Migrations) -> list[Notice]:
    """Migrations of base that have another name in the change."""
    gone = [item for path, item in old.items() if path not in new and path in parted]
    found: list[Notice] = []
    for path, item in added.items():
        for before in gone:
            if before.app == item.app and item.operations and same_operations(before, item):
                text = f"this is {before.path} under another name: databases that ran it run it again under this one"
                found.append(Notice(text, path, item.line))
    return found


def requirements(changed: tuple[str, ...]) -> list[Notice]:
    """The first files that say which packages are installed, of the paths that differ."""
    text = "packages may bring migrations of their own, which are not seen here: manage.py migrate --plan lists them"
    return [Notice(text, path) for path in changed if _REQUIREMENTS.search(path)][:3]


def stray(*, complete: bool) -> str:
    """A comment that counts for nothing; `complete`: it says all that it has to."""
    if complete:
        return "this comment is about no operation; it belongs right above one"
    return "this comment does not count; it has to be: # estate: expand, REASON"
