"""YAML text as plain data that remembers where each value stands.

PyYAML composes the nodes; turning them into data is done here, for two reasons. Errors need line numbers. And PyYAML
reads YAML 1.1, where `no` is false, `010` is eight and `12:30:00` is 45000, while editors and `divio-estate pin`
(ruamel.yaml) read YAML 1.2: whatever the two do not agree on becomes `Unquoted`, which no field accepts, instead of
a guess.
"""

import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from divio_provider.estate.declaration.errors import Path, Problem, SpecError, dotted

MOST_VALUES = 500_000
"""Values one file may hold. Aliases can multiply a few lines into billions; no estate comes near this."""
DEEPEST = 50
"""Lists and mappings that may stand in one another. PyYAML crashes where there are some ten thousand."""

_TAG = "tag:yaml.org,2002:"
_TEXT = {"str", "value", "merge"}
# What YAML 1.1 takes words without quotes for, in words for people.
_READINGS = {"bool": "true or false", "int": "a number", "float": "a number", "timestamp": "a date", "null": "nothing"}
# Python refuses to read integers of more than 4,300 digits.
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,99}")
# What YAML 1.2 takes for a number and PyYAML (YAML 1.1) for text, such as 1e3.
_NUMBER_ELSEWHERE = re.compile(r"0o[0-7]+|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
# The C loader is the same and ten times faster, but PyYAML can be built without it.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_Entries = dict[str | int, tuple[yaml.Node, yaml.Node]]
"""By key or index: the node with its line, and the value's node."""


@dataclass(frozen=True)
class Unquoted:
    """A value that YAML's versions read differently: its text as written, and what one of them takes it for."""

    text: str
    reading: str


@dataclass(frozen=True)
class Document:
    """The data of one file and what is wrong with its YAML that still can be read.

    `lines` has the line of every key and list item, `nulls` how each value that YAML takes for nothing is written.
    """

    file: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[Path, int] = field(default_factory=dict)
    nulls: dict[Path, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, path: Path, message: str) -> Problem:
        """A problem at a path, with the line of the nearest thing around it that has one."""
        around = path
        while around and around not in self.lines:
            around = around[:-1]
        return Problem(self.file, self.lines.get(around, 0), dotted(path), message)


def read(text: str, file: str) -> Document:
    r"""The one mapping that a YAML text holds.

    Raises SpecError where there is none: not YAML, empty, a list. Duplicate keys, tags and aliases inside themselves
    are `problems` of the document, so that they can be told together with every wrong shape.

    >>> document = read("plan:\n  original: Standard\n", "estate.yaml")
    >>> document.data, document.lines["plan", "original"]
    ({'plan': {'original': 'Standard'}}, 2)
    """
    reader = _Reader(Document(file))
    try:
        depth = 0
        for event in yaml.parse(text, Loader=_Loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            reader.check_depth(depth, event, ())
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise SpecError([_not_yaml(error, text, file)]) from error
    if node is None:
        reader.stop(None, (), "is empty; an estate needs at least organisation, region, plan and original")
    if not isinstance(node, yaml.MappingNode):
        found = "a list" if isinstance(node, yaml.SequenceNode) else "a single value"
        reader.stop(node, (), f"holds {found}; an estate is keys with values, such as organisation: Acme")
    reader.document.lines[()] = _line(node)
    reader.document.data.update(reader.value(node, ()))
    return reader.document


def _line(node: yaml.Node | yaml.Event | None) -> int:
    return node.start_mark.line + 1 if node is not None and node.start_mark is not None else 0


def _not_yaml(error: yaml.YAMLError, text: str, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
    line = 0
    if mark is not None:
        line = mark.line + 1
    elif isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
    if "another document" in str(what):
        return Problem(file, line, "", "a second document begins here; an estate is one document: remove the line ---")
    if "\t" in "".join(text.split("\n")[line - 1 : line]).split("#")[0]:
        what = f"{what}: a tab stands here, and YAML is indented by blanks"
    return Problem(file, line, "", f"is not YAML: {what}")


class _Reader:
    """Turns nodes into data, and notes what is wrong on the way."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._count = 0

    def _report(self, node: yaml.Node, path: Path, message: str) -> None:
        self.document.problems.append(Problem(self.document.file, _line(node), dotted(path), message))

    def stop(self, node: yaml.Node | yaml.Event | None, path: Path, message: str) -> NoReturn:
        """Refuse the file as a whole. Raises SpecError."""
        raise SpecError([Problem(self.document.file, _line(node), dotted(path), message)])

    def check_depth(self, depth: int, node: yaml.Node | yaml.Event, path: Path) -> None:
        """Stop where lists and mappings stand in one another deeper than anybody needs. Raises SpecError."""
        if depth > DEEPEST:
            self.stop(node, path, f"more than {DEEPEST} lists and mappings stand in one another here; use fewer")

    def value(self, node: yaml.Node, path: Path, around: tuple[yaml.Node, ...] = ()) -> Any:  # noqa: ANN401
        """The data of a node that stands in the nodes `around` it."""
        if not self._enter(node, path, around):
            return None
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        if isinstance(node, yaml.MappingNode):
            inner = self._entries(node, path, around)
        else:
            inner = {index: (item, item) for index, item in enumerate(node.value)}
        data = {}
        for step, (place, value) in inner.items():
            self.document.lines[(*path, step)] = _line(place)
            data[step] = self.value(value, (*path, step), (*around, node))
        return data if isinstance(node, yaml.MappingNode) else list(data.values())

    def _enter(self, node: yaml.Node, path: Path, around: tuple[yaml.Node, ...]) -> bool:
        """Whether a node can be read; aliases must not make it endless."""
        self._count += 1
        if self._count > MOST_VALUES:
            self.stop(node, path, f"holds more than {MOST_VALUES} values, aliases counted; declare fewer")
        if node in around:
            self._report(node, path, "an alias stands inside what it stands for; write the value out")
            return False
        if isinstance(node, yaml.CollectionNode):
            self.check_depth(len(around) + 1, node, path)
            if node.tag not in {f"{_TAG}map", f"{_TAG}seq"}:
                self._report_tag(node, path)
        return True

    def _entries(self, node: yaml.MappingNode, path: Path, around: tuple[yaml.Node, ...]) -> _Entries:
        """What a mapping holds by key; its own keys and the first of several `<<` count before what is merged in."""
        merged: _Entries = {}
        own: _Entries = {}
        for key, value in node.value:
            if key.tag == f"{_TAG}merge":
                for source in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    if not isinstance(source, yaml.MappingNode):
                        self._report(key, path, "<< takes a mapping or a list of them, such as <<: *name")
                    elif self._enter(source, path, (*around, node)):
                        merged = self._entries(source, path, (*around, node)) | merged
            elif not isinstance(key, yaml.ScalarNode):
                self._report(key, path, "a key must be a word; a list or mapping stands here as one")
            elif key.value in own:
                first = _line(own[key.value][0])
                self._report(key, (*path, key.value), f"is declared twice, first in line {first}; keep one of the two")
            else:
                own[key.value] = key, value
        return merged | own

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> Any:  # noqa: ANN401 - YAML holds anything
        text, kind = str(node.value), node.tag.removeprefix(_TAG)
        if kind in _TEXT:
            return Unquoted(text, "a number") if not node.style and _NUMBER_ELSEWHERE.fullmatch(text) else text
        if node.style or kind not in _READINGS:
            self._report_tag(node, path)
            return text
        if kind == "null":
            self.document.nulls[path] = text
            return None
        if kind == "int" and _INTEGER.fullmatch(text):
            return int(text)
        if kind == "bool" and text in {"true", "false"}:
            return text == "true"
        return Unquoted(text, _READINGS[kind])

    def _report_tag(self, node: yaml.Node, path: Path) -> None:
        self._report(node, path, f"the tag {node.tag.replace(_TAG, '!!')} means nothing here; remove it")
