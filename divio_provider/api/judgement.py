"""One field or filter of one call, held against what a description shows of it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import NamedTuple

from divio_provider.api.certainty import Call, Kind, Part
from divio_provider.api.items import Verdict
from divio_provider.api.openapi import Fields

PAGING = frozenset({"page", "page_size"})


class Use(NamedTuple):
    """A field or filter in one call, and what came out for it there."""

    call: Call
    part: Part
    verdict: Verdict
    problem: str


def judged(call: Call, part: Part, fields: Fields | None, where: str, *, sent: bool) -> Use:
    """A field.

    Args:
        call: who uses it.
        part: the field.
        fields: what the description shows there, None where it shows nothing.
        where: for the detail, such as ``the body``.
        sent: whether we send it, or read it.
    """
    place = f"{where} of {call.method} {call.path}"
    if fields is None:
        return Use(call, part, Verdict.UNKNOWN, f"the document does not show {place}")
    parent = part.name.rpartition(".")[0]
    if parent and not any(name.startswith(f"{parent}.") for name in fields):
        return Use(call, part, Verdict.UNKNOWN, f"{place} does not show what is in {parent}")
    field = fields.get(part.name)
    if field is None:
        known = {one.name for one in (call.sends if sent else call.reads)}
        near = difflib.get_close_matches(part.name, set(fields) - known, n=1, cutoff=0.5)
        hint = f" (is it {near[0]} there?)" if near else ""
        return Use(call, part, Verdict.MISSING, f"{place} lacks it{hint}")
    if not field.types:
        return Use(call, part, Verdict.UNKNOWN, f"{place} shows no type of it")
    accepted = _TYPES[part.kind]
    fits = bool(accepted & field.types) if sent else field.types <= accepted
    if not fits:
        shown = " or ".join(sorted(field.types))
        return Use(call, part, Verdict.DIFFERS, f"{place} has it as {shown}, and we rely on {part.kind}")
    strange = [one for one in part.values if field.values and one not in field.values]
    if strange:
        return Use(call, part, Verdict.DIFFERS, f"{place} takes no {', '.join(strange)}")
    if field.nullable and not (sent or part.nullable):
        return Use(call, part, Verdict.DIFFERS, f"{place} has it as null at times, and we rely on {part.kind}")
    return Use(call, part, Verdict.FINE, "")


def judged_filter(call: Call, part: Part, shown: frozenset[str]) -> Use:
    """A filter.

    Args:
        call: the list.
        part: the filter.
        shown: the query parameters that the description shows; with none but those of paging, it may leave out others.
    """
    if part.name in shown:
        return Use(call, part, Verdict.FINE, "")
    if shown <= PAGING:
        return Use(call, part, Verdict.UNKNOWN, f"the document shows no filters of {call.method} {call.path}")
    return Use(call, part, Verdict.MISSING, f"{call.method} {call.path} has no such filter")


_TYPES: Mapping[Kind, frozenset[str]] = {
    Kind.ID: frozenset({"string"}),
    Kind.TEXT: frozenset({"string"}),
    Kind.TIME: frozenset({"string"}),
    Kind.NUMBER: frozenset({"integer", "number"}),
    Kind.BOOLEAN: frozenset({"boolean"}),
    Kind.LIST: frozenset({"array"}),
    Kind.MAP: frozenset({"object"}),
    Kind.OBJECT: frozenset({"object"}),
}
"""JSON's names of what a field may hold, by what we rely on."""
