"""The contract held against the API's own schema, item by item. Pure: it is given the documents.

What no document can tell (behaviours, parts of the API without a document) is unknown and listed as such, never passed
over: who reads the list sees what stays unverified.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from divio_provider.api import contract
from divio_provider.api.conformance.openapi import Fields, OpenApi
from divio_provider.api.conformance.results import WRONG, Kinds, Result, Verdict
from divio_provider.api.contract import applications, mirrors
from divio_provider.api.contract.behaviours import BEHAVIOURS
from divio_provider.api.contract.types import Call, Certainty, Kind, Part, collection

FINE, DIFFERS, MISSING, UNKNOWN = Verdict
PAGING = frozenset({"page", "page_size"})
_NO_DOCUMENT = "no description of this part of the API is at hand"
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


class _Use(NamedTuple):
    """One thing as one call uses it, and what came out for it there."""

    kind: Kinds
    name: str
    call: Call
    certainty: Certainty
    verdict: Verdict
    detail: str = ""


def check(
    schemas: Sequence[OpenApi], relation: str | None = None, unreadable: Mapping[str, str] | None = None
) -> tuple[Result, ...]:
    """What came out for everything in the contract: calls, fields and filters by collection, then behaviours.

    Args:
        schemas: the documents at hand; a part of the API that none of them covers is unknown.
        relation: a field beyond the known ones that names a mirror's original.
        unreadable: paths of documents that were asked for in vain, each with the reason.

    >>> {result.verdict.value for result in check([])}
    {'unknown'}
    """
    uses: dict[tuple[Kinds, str, str], list[_Use]] = {}
    paths = list(dict.fromkeys(call.path for call in contract.CALLS))
    for call in sorted(contract.CALLS, key=lambda call: paths.index(call.path)):
        schema = next((one for one in schemas if one.covers(call.path)), None)
        for use in _uses(call, schema, unreadable or {}):
            uses.setdefault((use.kind, collection(call.path), use.name), []).append(use)
    results = [_merged(about, found) for (_, about, _), found in uses.items()]
    results.append(_relation(schemas, relation))
    order = list(dict.fromkeys(one.about for one in results))
    results.sort(key=lambda one: (order.index(one.about), one.kind in {"field", "filter"}))
    unverified = (
        Result("behaviour", "", one.name, UNKNOWN, one.certainty, one.source, one.statement)
        for one in BEHAVIOURS
        if one.name != "mirror-relation"
    )
    return (*results, *unverified)


def _uses(call: Call, schema: OpenApi | None, unreadable: Mapping[str, str]) -> Iterator[_Use]:
    """Everything that a call relies on; where it is gone, nothing of what is on it."""
    method, path = call.method, call.path
    operation = _Use("call", f"{method} {path}", call, call.certainty, FINE)
    if path.endswith("schema.json"):
        reason = None if schema is not None else unreadable.get(path, _NO_DOCUMENT)
        # That the others exist is our own conclusion: without them, their part stays unverified, and nothing is amiss.
        gone = MISSING if path in unreadable and call.certainty is Certainty.SEEN else UNKNOWN
        yield operation if reason is None else operation._replace(verdict=gone, detail=reason)
    elif schema is None:
        yield operation._replace(verdict=UNKNOWN, detail=_NO_DOCUMENT)
        for part in (*call.sends, *call.reads):
            yield _Use("field", part.name, call, part.certainty, UNKNOWN, _NO_DOCUMENT)
        for part in call.filters:
            yield _Use("filter", part.name, call, part.certainty, UNKNOWN, _NO_DOCUMENT)
    elif not schema.has(path):
        relied = [one for one in contract.CALLS if one.path == path]
        if call is relied[0]:
            detail = f"the path is gone; relied on for {', '.join(one.name for one in relied)}"
            yield _Use("path", path, call, call.certainty, MISSING, detail)
    elif not schema.offers(method, path):
        yield operation._replace(verdict=MISSING, detail=f"the path is there, but not with {method}")
    else:
        yield operation
        yield from _sent(call, schema)
        yield from _read(call, schema)
        shown = schema.filters(method, path)
        yield from (_filter(call, part, shown) for part in call.filters)


def _sent(call: Call, schema: OpenApi) -> Iterator[_Use]:
    fields = schema.body(call.method, call.path) if call.sends else None
    for part in _reachable(call.sends, fields):
        yield _field(call, part, fields, "the body", sent=True)
    # What a creation requires and no call of ours sends, unless another field's absence explains it.
    sent = {
        part.name for one in contract.CALLS if (one.method, one.path) == (call.method, call.path) for part in one.sends
    }
    if call.method == "POST" and sent and {name for name in sent if "." not in name} <= set(fields or ()):
        for name, field in (fields or {}).items():
            if field.required and name not in sent and "." not in name:
                detail = f"{call.method} {call.path} requires it, and we do not send it"
                yield _Use("field", name, call, call.certainty, DIFFERS, detail)


def _read(call: Call, schema: OpenApi) -> Iterator[_Use]:
    envelope = schema.envelope(call.method, call.path) if call.name.endswith(".list") else None
    if envelope is not None:
        around = [_field(call, part, envelope, "the answer", sent=False) for part in contract.PAGE]
        yield from around
        if around[0].verdict in WRONG:
            return  # what its items hold cannot be told where it has none that we know
    fields = schema.answer(call.method, call.path) if call.reads else None
    for part in _reachable(call.reads, fields):
        yield _field(call, part, fields, "the answer", sent=False)


def _reachable(parts: Sequence[Part], fields: Fields | None) -> Iterator[Part]:
    """Not what is within something that is not there, or is no object: that is named itself."""
    for part in parts:
        parent = part.name.rpartition(".")[0]
        if not parent or fields is None or (parent in fields and fields[parent].types & {"object", "array"}):
            yield part


def _field(call: Call, part: Part, fields: Fields | None, where: str, *, sent: bool) -> _Use:
    """A field of a call's body or answer (`where`), held against what the schema shows there, None: nothing."""
    place = f"{where} of {call.method} {call.path}"
    parent = part.name.rpartition(".")[0]
    field = (fields or {}).get(part.name)
    verdict, detail = FINE, ""
    if fields is None:
        verdict, detail = UNKNOWN, f"the document does not show {place}"
    elif parent and not any(name.startswith(f"{parent}.") for name in fields):
        verdict, detail = UNKNOWN, f"{place} does not show what is in {parent}"
    elif field is None:
        others = set(fields) - {one.name for one in (call.sends if sent else call.reads)}
        near = difflib.get_close_matches(part.name, others, n=1, cutoff=0.5)
        verdict, detail = MISSING, f"{place} lacks it{f' (is it {near[0]} there?)' if near else ''}"
    elif not field.types:
        verdict, detail = UNKNOWN, f"{place} shows no type of it"
    elif not (field.types & _TYPES[part.kind] if sent else field.types <= _TYPES[part.kind]):
        verdict, detail = DIFFERS, f"{place} has it as {_listed(field.types)}, and we rely on {part.kind}"
    elif field.values and not set(part.values) <= field.values:
        strange = [one for one in part.values if one not in field.values]
        verdict, detail = DIFFERS, f"{place} takes no {', '.join(strange)}"
    elif field.nullable and not (sent or part.nullable):
        verdict, detail = DIFFERS, f"{place} has it as null at times, and we rely on {part.kind}"
    return _Use("field", part.name, call, part.certainty, verdict, detail)


def _filter(call: Call, part: Part, shown: frozenset[str]) -> _Use:
    verdict, detail = FINE, ""
    if part.name not in shown:
        # A document that shows none but those of paging may leave out others.
        verdict = UNKNOWN if shown <= PAGING else MISSING
        operation = f"{call.method} {call.path}"
        detail = (
            f"{operation} has no such filter" if shown - PAGING else f"the document shows no filters of {operation}"
        )
    return _Use("filter", part.name, call, part.certainty, verdict, detail)


def _merged(about: str, uses: Sequence[_Use]) -> Result:
    """One result for a thing, however many calls use it: what changed once is named once."""
    verdicts = {use.verdict for use in uses}
    verdict = next(one for one in (*WRONG, FINE, UNKNOWN) if one in verdicts)
    told = WRONG if verdict in WRONG else (verdict,)
    details = dict.fromkeys(use.detail for use in uses if use.verdict in told and use.detail)
    sure = min((use.certainty for use in uses), key=list(Certainty).index)
    sources = dict.fromkeys(use.call.source for use in uses if use.certainty is sure)
    return Result(uses[0].kind, about, uses[0].name, verdict, sure, "; ".join(list(sources)[:2]), "; ".join(details))


def _relation(schemas: Sequence[OpenApi], configured: str | None) -> Result:
    """The field that shows a mirror's original: any of the known ones will do."""
    call = applications.GET
    schema = next((one for one in schemas if one.covers(call.path)), None)
    shown = schema.answer(call.method, call.path) if schema is not None else None
    names = [*([configured] if configured else []), *mirrors.KNOWN_FIELDS]
    name = next((one for one in names if shown and one in shown), None)
    verdict, detail = FINE, "shows a mirror's original"
    if shown is None:
        verdict, detail = UNKNOWN, "no description of applications is at hand"
    elif name is None:
        verdict, detail = MISSING, f"applications show their original in none of {', '.join(names)}"
    elif not shown[name].types <= {"string", "object"}:
        verdict, detail = DIFFERS, f"the answer of GET {call.path} has it as {_listed(shown[name].types)}"
    source = "no source; by analogy"
    return Result("field", collection(call.path), name or names[0], verdict, Certainty.UNKNOWN, source, detail)


def _listed(types: frozenset[str]) -> str:
    return " or ".join(sorted(types))
