"""Writing `SITE_ID`s into the text of a declaration, so that git remembers what a stack's state knows.

Text is only ever inserted: comments, layout and order stay as they are, byte for byte. (Loading the file, changing
the data and dumping it again would lay it out anew, whichever library does it.) What comes out is read again, and
must be the old declaration with the new ids and nothing else; where that fails, nothing is written and the person is
told what to write.
"""

import copy
from dataclasses import dataclass
from typing import Any

import yaml

from divio_provider.estate.declaration.document import Path, dotted
from divio_provider.estate.declaration.errors import SpecError
from divio_provider.estate.declaration.spec import Spec, declare, parse
from divio_provider.estate.declaration.yaml_source import compose, read
from divio_provider.estate.site_ids import FIRST, Register

_HEADING = "\n# SITE_IDs of sites that are gone: never another site's. Written by `divio-estate pin`.\n"


class PinError(Exception):
    """The ids cannot be inserted into this text. The text of the error says what to write by hand."""


@dataclass(frozen=True)
class Pinned:
    """The text with the ids, and what was added: ids by dotted key, empty where there was nothing to add."""

    text: str
    added: dict[str, int]


@dataclass(frozen=True)
class _Insertion:
    at: int
    text: str


def pinned(text: str, file: str, register: Register) -> Pinned:
    r"""The text of a declaration with every site's id pinned and every retired id reserved.

    Sites that the register does not know yet stay without a pin. Raises SpecError where the text is no declaration,
    PinError where ids cannot be inserted.

    >>> text = (
    ...     "organisation: Acme\nregion: Frankfurt\nplan: {original: L, mirror: S}\n"
    ...     "original: {slug: main, name: Main}\nmirrors:\n  blog:\n    name: Blog  # ours\n"
    ... )
    >>> result = pinned(text, "estate.yaml", Register({"main": 1, "blog": 2}, {}))
    >>> result.added
    {'mirrors.blog.site_id': 2}
    >>> print(result.text.removeprefix(text[:-len("    name: Blog  # ours\n")]))
        name: Blog  # ours
        site_id: 2
    <BLANKLINE>
    """
    spec = parse(text, file)
    pins, reserved = _missing_pins(spec, register), _missing_reservations(spec, register)
    if not pins and not reserved:
        return Pinned(text, {})
    added = {dotted((*_path(spec, slug), "site_id")): id_ for slug, id_ in pins.items()}
    added |= {f"site_ids.reserved.{key}": id_ for key, id_ in reserved.items()}
    by_hand = "; ".join(f"{key}: {id_}" for key, id_ in added.items())
    expected = _expected(text, file, spec, pins, reserved)
    if not text.endswith("\n"):
        text += "\r\n" if "\r\n" in text else "\n"
    root = compose(text)
    insertions = [_pin(text, root, slug, id_, spec) for slug, id_ in pins.items()]
    if reserved:
        insertions.append(_reservation(text, root, reserved))
    written = _inserted(text, insertions)
    if not _is(written, file, expected):
        raise PinError(f"{file}: the layout leaves no place for ids; write by hand: {by_hand}")
    return Pinned(written, added)


def _path(spec: Spec, slug: str) -> Path:
    return ("original",) if slug == spec.original.slug else ("mirrors", slug)


def _missing_pins(spec: Spec, register: Register) -> dict[str, int]:
    """Ids of sites without a pin. The original needs none while it has the id it would get anyway."""
    return {
        slug: register.ids[slug]
        for slug in spec.slugs
        if spec.site(slug).site_id is None
        and slug in register.ids
        and not (slug == spec.original.slug and register.ids[slug] == FIRST)
    }


def _missing_reservations(spec: Spec, register: Register) -> dict[str, int]:
    missing = {}
    for key, id_ in register.retired.items():
        slug = key.partition("/")[0]
        known = {name.partition("/")[0] for name, reserved in spec.site_ids.reserved.items() if reserved == id_}
        pinned_again = slug in spec.slugs and spec.site(slug).site_id == id_
        if slug not in known and not pinned_again:
            # Where the file keeps another id under this slug, both are that site's.
            missing[f"{slug}/{id_}" if key in spec.site_ids.reserved else key] = id_
    return missing


def _entry(node: yaml.Node | None, key: str) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            if isinstance(key_node, yaml.ScalarNode) and key_node.value == key:
                return key_node, value_node
    return None


def _value(node: yaml.Node | None, *keys: str | int) -> yaml.Node | None:
    for key in keys:
        entry = _entry(node, str(key))
        node = entry[1] if entry else None
    return node


def _line_after(text: str, index: int) -> int:
    """Where the next line begins."""
    end = text.find("\n", index)
    return len(text) if end < 0 else end + 1


def _pin(text: str, root: yaml.Node | None, slug: str, id_: int, spec: Spec) -> _Insertion:
    path = _path(spec, slug)
    site = _value(root, *path)
    place = f"{spec.file}:{spec.positions.get(dotted(path), 0)}: {dotted(path)}"
    if not isinstance(site, yaml.MappingNode) or not site.value:
        raise PinError(f"{place}: has no keys of its own; write site_id: {id_} there by hand")
    if _entry(site, "site_id"):
        line = spec.positions.get(dotted((*path, "site_id")), 0)
        raise PinError(f"{spec.file}:{line}: {dotted(path)}.site_id: has no value; write {id_}")
    first = site.value[0][0]
    name = _entry(site, "name")
    # An alias has the place of what it stands for, so only what follows its key was written here.
    if name and isinstance(name[1], yaml.ScalarNode) and name[1].start_mark.index > name[0].end_mark.index:
        if site.flow_style:
            return _Insertion(name[1].end_mark.index, f", site_id: {id_}")
        if name[1].style not in {"|", ">"}:
            after = _line_after(text, name[1].end_mark.index)
            return _Insertion(after, f"{' ' * name[0].start_mark.column}site_id: {id_}\n")
    between = ", " if site.flow_style else "\n" + " " * first.start_mark.column
    return _Insertion(first.start_mark.index, f"site_id: {id_}{between}")


def _reservation(text: str, root: yaml.Node | None, reserved: dict[str, int]) -> _Insertion:
    lines = [f"{key}: {id_}" for key, id_ in reserved.items()]
    section = _entry(root, "site_ids")
    if section is None:
        return _Insertion(
            len(text), _HEADING + _block(["site_ids:", "  reserved:", *(f"    {line}" for line in lines)])
        )
    table = _entry(section[1], "reserved")
    if table is None:
        if isinstance(section[1], yaml.MappingNode):
            return _Insertion(section[1].start_mark.index + 1, f"reserved: {{{', '.join(lines)}}}")
        return _Insertion(
            _line_after(text, section[0].end_mark.index), _block(["  reserved:", *(f"    {line}" for line in lines)])
        )
    key, value = table
    if not isinstance(value, yaml.MappingNode):
        indent = " " * (key.start_mark.column + 2)
        return _Insertion(_line_after(text, key.end_mark.index), _block([f"{indent}{line}" for line in lines]))
    if not value.value:
        return _Insertion(value.start_mark.index + 1, ", ".join(lines))
    last = value.value[-1][1].end_mark.index
    if value.flow_style:
        return _Insertion(last, "".join(f", {line}" for line in lines))
    indent = " " * value.value[0][0].start_mark.column
    return _Insertion(_line_after(text, last), _block([f"{indent}{line}" for line in lines]))


def _inserted(text: str, insertions: list[_Insertion]) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    pieces, done = [], 0
    for insertion in sorted(insertions, key=lambda one: one.at):
        pieces += [text[done : insertion.at], insertion.text.replace("\n", newline)]
        done = insertion.at
    return "".join(pieces) + text[done:]


def _block(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _expected(text: str, file: str, spec: Spec, pins: dict[str, int], reserved: dict[str, int]) -> dict[str, Any]:
    data = copy.deepcopy(read(text, file).data)
    for slug, id_ in pins.items():
        site = data["original"] if slug == spec.original.slug else data["mirrors"][slug]
        site["site_id"] = id_
    if reserved:
        data["site_ids"] = data.get("site_ids") or {}
        data["site_ids"]["reserved"] = {**(data["site_ids"].get("reserved") or {}), **reserved}
    try:
        declare(data)
    except SpecError as error:
        raise PinError(f"{file}: does not go with the stack's SITE_IDs: {error.problems[0]}") from None
    return data


def _is(text: str, file: str, data: dict[str, Any]) -> bool:
    try:
        parse(text, file)
        return read(text, file).data == data
    except SpecError:
        return False
