"""Values set in the text of a YAML file, everything else left as it stands: comments, order, quoting, layout.

ruamel.yaml keeps comments and order, but lays out anew what it dumps. So what it dumps with the change is held against
what it dumps without, and only the lines that differ go into the text.
"""

import io
from collections.abc import Mapping
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any, ClassVar

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.tokens import CommentToken

from divio_provider.estate.declaration.errors import Path


class _TextResolver(VersionedResolver):
    """Takes every value for text, so that none is written in another way than it stood there."""

    versioned_resolver: ClassVar[dict[str, Any]] = {}


def with_values(text: str, values: Mapping[Path, str], headings: Mapping[str, str]) -> str:
    r"""The text with a value at each path. A new key stands after its mapping's `name`, or after its last key.

    `headings` are the comments above top-level keys that the text does not have yet. Raises ruamel's YAMLError where
    the text is not YAML.

    >>> print(with_values("blog:   # ours\n    name:  Blog\n\nshop: {}\n", {("blog", "site_id"): "2"}, {}), end="")
    blog:   # ours
        name:  Blog
        site_id: 2
    <BLANKLINE>
    shop: {}
    """
    text = text if text.endswith("\n") else f"{text}\n"
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 2**31
    yaml.Resolver = _TextResolver
    before, after = (yaml.load(text.replace("\r\n", "\n")) for _ in range(2))
    new = {key: heading for key, heading in headings.items() if key not in before}
    for path, value in values.items():
        _set(after, path, value)
    for key, heading in new.items():
        if key in after:
            after.yaml_set_comment_before_after_key(key, before=heading)
    dumped = []
    for data in (before, after):
        stream = io.StringIO()
        yaml.dump(data, stream)
        dumped.append(stream.getvalue())
    lines = (whole.removesuffix("\n").split("\n") for whole in (text, *dumped))
    return "\n".join(_with_changed_lines(*lines)) + "\n"


def _set(mapping: CommentedMap, path: Path, value: str) -> None:
    """Set one value; an index at the end of the path appends to a list."""
    at: Any = mapping
    for step, following in pairwise(path):
        kind = CommentedSeq if isinstance(following, int) else CommentedMap
        if not isinstance(at.get(step), kind):
            new = kind()
            if kind is CommentedSeq:
                new.fa.set_flow_style()
            _insert(at, step, new)
        at = at[step]
    if isinstance(at, CommentedSeq):
        at.append(value)
    else:
        _insert(at, path[-1], value)


def _insert(mapping: CommentedMap, key: str | int, value: CommentedMap | CommentedSeq | str) -> None:
    if key in mapping or not mapping:
        mapping[key] = value
        return
    keys = list(mapping)
    last = "name" if "name" in keys else keys[-1]
    mapping.insert(keys.index(last) + 1, key, value)
    # What stands below a value belongs to it as ruamel.yaml sees it; now it stands below the new one.
    comment = mapping.ca.items.get(last, [None, None, None])[2]
    if comment is not None and "\n" in comment.value:
        own, _, below = comment.value.partition("\n")
        if below:
            comment.value = f"{own}\n"
            mapping.ca.items[key] = [None, None, CommentToken(f"\n{below}", comment.start_mark, None), None]


def _with_changed_lines(text: list[str], before: list[str], after: list[str]) -> list[str]:
    """The text with the change from `before` to `after`: what the change does not touch stands as in the text."""
    # Laid out anew is not changed: only words count. The matcher wants what can be hashed.
    in_text = _boundaries([str(line.split()) for line in before], [str(line.split()) for line in text])
    in_after = _boundaries(before, after)
    common = [at for at in range(len(before) + 1) if at in in_text and at in in_after]
    end = "\r" if text[0].endswith("\r") else ""
    indents = {0: 0}
    merged: list[str] = []

    def add(lines: list[str]) -> None:
        for line in lines:
            indent = _indent(line)
            around = max(known for known in indents if known <= indent)
            merged.append(" " * (indents[around] + indent - around) + line.lstrip(" ") + end)

    for at, following in zip(common, [*common[1:], len(before)], strict=True):
        (begin, text_begin), (new_begin, changed_begin) = in_text[at], in_after[at]
        text_end, changed_end = in_text[following][0], in_after[following][0]
        merged += text[begin:text_begin]
        add(after[new_begin:changed_begin])
        if at < following and text_begin < text_end and before[at].strip():
            indents[_indent(before[at])] = _indent(text[text_begin])
        if before[at:following] == after[changed_begin:changed_end]:
            merged += text[text_begin:text_end]
        else:
            add(after[changed_begin:changed_end])
    return merged


def _boundaries(old: list[str], new: list[str]) -> dict[int, tuple[int, int]]:
    """Where the places between old lines are among the new ones; what stands between first and last was inserted."""
    found: dict[int, tuple[int, int]] = {}
    for kind, begin, end, new_begin, new_end in SequenceMatcher(None, old, new).get_opcodes():
        same = range(end - begin) if kind == "equal" else ()
        for at, new_at in [(begin, new_begin), *((begin + i, new_begin + i) for i in same), (end, new_end)]:
            found[at] = (found.get(at, (new_at, new_at))[0], new_at)
    return found


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
