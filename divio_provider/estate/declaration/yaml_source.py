"""YAML text as plain data that remembers where each value stands and how it was written.

PyYAML composes the nodes; turning them into data is done here, for two reasons. Errors need line numbers. And PyYAML
reads YAML 1.1, where `no` is false, `010` is eight and `12:30:00` is 45000, while editors and `divio-estate pin`
(ruamel.yaml) read YAML 1.2: whatever the two do not agree on becomes `Unquoted`, which no field accepts, instead of
a guess.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from divio_provider.estate.declaration.document import Document, Path, Unquoted, dotted
from divio_provider.estate.declaration.errors import Problem, SpecError

MOST_VALUES = 500_000
"""Values one file may hold. Aliases can multiply a few lines into billions; no estate comes near this."""

_TAG = "tag:yaml.org,2002:"
# What YAML 1.1 takes words without quotes for, in words for people.
_READINGS = {"bool": "true or false", "int": "a number", "float": "a number", "timestamp": "a date", "null": "nothing"}
_INTEGER = re.compile(r"0|-?[1-9][0-9]*")
# What YAML 1.2 takes for a number and PyYAML (YAML 1.1) for text, such as 1e3.
_NUMBER_ELSEWHERE = re.compile(r"0o[0-7]+|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
# The C loader is the same and ten times faster, but PyYAML can be built without it.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(text: str, file: str) -> Document:
    r"""The one mapping that a YAML text holds.

    Raises SpecError where there is none: not YAML, empty, a list. Duplicate keys, tags and aliases inside themselves
    are `problems` of the document, so that they can be told together with whatever else is wrong.

    >>> document = read("plan:\n  original: Standard\n", "estate.yaml")
    >>> document.data, document.lines["plan", "original"]
    ({'plan': {'original': 'Standard'}}, 2)
    """
    try:
        node = compose(text)
    except yaml.YAMLError as error:
        raise SpecError([_not_yaml(error, text, file)]) from error
    if node is None:
        sentence = "is empty; an estate needs at least organisation, region, plan and original"
        raise SpecError([Problem(file, 0, "", sentence)])
    if not isinstance(node, yaml.MappingNode):
        found = "a list" if isinstance(node, yaml.SequenceNode) else "a single value"
        sentence = f"holds {found}; an estate is keys with values, such as organisation: Acme"
        raise SpecError([Problem(file, node.start_mark.line + 1, "", sentence)])
    reader = _Reader(Document(file, {}))
    reader.document.lines[()] = node.start_mark.line + 1
    reader.document.data.update(reader.mapping(node, ()))
    return reader.document


def compose(text: str) -> yaml.Node | None:
    """The nodes of a text, with the place of each. Raises yaml.YAMLError where it is not YAML."""
    node: yaml.Node | None = yaml.compose(text, Loader=_Loader)
    return node


def _not_yaml(error: yaml.YAMLError, text: str, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
    line = 0
    if mark is not None:
        line = mark.line + 1
    elif isinstance(getattr(error, "position", None), int):
        line = text.count("\n", 0, error.position) + 1  # type: ignore[attr-defined]  # ReaderError has it
    if "another document" in str(what):
        return Problem(file, line, "", "a second document begins here; an estate is one document: remove the line ---")
    if "\t" in "".join(text.split("\n")[line - 1 : line]).split("#")[0]:
        what = f"{what}: a tab stands here, and YAML is indented by blanks"
    return Problem(file, line, "", f"is not YAML: {what}")


class _Reader:
    """Turns nodes into data, and notes what is wrong on the way."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._open: list[int] = []
        self._count = 0

    def _complain(self, node: yaml.Node, path: Path, message: str) -> None:
        self.document.problems.append(Problem(self.document.file, node.start_mark.line + 1, dotted(path), message))

    def _value(self, node: yaml.Node, path: Path) -> Any:  # noqa: ANN401 - YAML holds anything
        self._count += 1
        if self._count > MOST_VALUES:
            message = f"holds more than {MOST_VALUES} values, aliases counted; write them out, or declare fewer"
            raise SpecError([Problem(self.document.file, node.start_mark.line + 1, dotted(path), message)])
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        if id(node) in self._open:
            self._complain(node, path, "an alias stands inside what it stands for; write the value out")
            return None
        self._open.append(id(node))
        try:
            if isinstance(node, yaml.MappingNode):
                return self.mapping(node, path)
            return self._sequence(node, path)
        finally:
            self._open.pop()

    def _sequence(self, node: yaml.Node, path: Path) -> list[Any]:
        items = []
        self._tagged(node, path)
        for index, item in enumerate(node.value):
            self.document.lines[(*path, index)] = item.start_mark.line + 1
            items.append(self._value(item, (*path, index)))
        return items

    def mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        """A mapping's data. What `<<` merges in comes first, so that the mapping's own keys win."""
        self._tagged(node, path)
        data: dict[str, Any] = {}
        for merged in self._merged(node, path):
            for key, value in self._value(merged, path).items():
                data.setdefault(key, value)
        own: dict[str, int] = {}
        for key_node, value_node in node.value:
            if key_node.tag == f"{_TAG}merge":
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                self._complain(key_node, path, "a key must be a word; a list or mapping stands here as one")
                continue
            key = key_node.value
            place, line = (*path, key), key_node.start_mark.line + 1
            if key in own:
                self._complain(key_node, place, f"is declared twice, first in line {own[key]}; keep one of the two")
                continue
            own[key] = line
            self._forget(place)
            self.document.lines[place] = line
            data.pop(key, None)
            data[key] = self._value(value_node, place)
        return data

    def _merged(self, node: yaml.MappingNode, path: Path) -> Iterator[yaml.MappingNode]:
        for key_node, value_node in node.value:
            if key_node.tag != f"{_TAG}merge":
                continue
            merged = value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]
            for source in merged:
                if isinstance(source, yaml.MappingNode) and id(source) not in self._open:
                    yield source
                else:
                    self._complain(key_node, path, "<< takes a mapping or a list of them, such as <<: *name")

    def _forget(self, place: Path) -> None:
        """An own key replaces all of a merged one, with the positions inside it."""
        if place in self.document.lines:
            for known in [path for path in self.document.lines if path[: len(place)] == place]:
                del self.document.lines[known]
                self.document.texts.pop(known, None)

    def _tagged(self, node: yaml.Node, path: Path) -> None:
        if node.tag not in {f"{_TAG}map", f"{_TAG}seq"}:
            self._complain(node, path, f"the tag {_shown(node.tag)} means nothing here; remove it")

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> Any:  # noqa: ANN401
        text, kind = str(node.value), node.tag.removeprefix(_TAG)
        if node.style or kind in {"str", "value", "merge"}:
            if kind not in {"str", "value", "merge"}:
                self._complain(node, path, f"the tag {_shown(node.tag)} means nothing here; remove it")
            plain_number = not node.style and _NUMBER_ELSEWHERE.fullmatch(text)
            return Unquoted(text, "a number") if plain_number else text
        if kind not in _READINGS:
            self._complain(node, path, f"the tag {_shown(node.tag)} means nothing here; remove it")
            return text
        self.document.texts[path] = text
        if kind == "null":
            return None
        if kind == "int" and _INTEGER.fullmatch(text):
            return int(text)
        if kind == "bool" and text in {"true", "false"}:
            return text == "true"
        return Unquoted(text, _READINGS[kind])


def _shown(tag: str) -> str:
    return tag.replace(_TAG, "!!")
