"""The contract held against the API's own description, item by item. Pure: it is given the documents.

What no document can tell (behaviours, parts of the API without a description) is unknown and listed as such, never
passed over: who reads the list sees what stays unverified.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from divio_provider.api import contract
from divio_provider.api.certainty import Call, Certainty, Part
from divio_provider.api.description import Description
from divio_provider.api.items import WRONG, Item, Kinds, Verdict
from divio_provider.api.judgement import Use, judged, judged_filter
from divio_provider.api.openapi import Fields


def survey(
    descriptions: Sequence[Description], relation: str | None = None, unreadable: Mapping[str, str] | None = None
) -> tuple[Item, ...]:
    """All items of the contract: calls, fields and filters by collection, then behaviours.

    Args:
        descriptions: the documents at hand; a part of the API that none of them covers is unknown.
        relation: a field beyond the known ones that names a mirror's original.
        unreadable: paths of descriptions that were asked for in vain, each with the reason.

    >>> {item.verdict.value for item in survey([])}
    {'unknown'}
    """
    by_path: dict[str, list[Call]] = {}
    for call in contract.CALLS:
        by_path.setdefault(call.path, []).append(call)
    items: list[Item] = []
    uses: dict[tuple[Kinds, str, str], list[Use]] = {}
    for path, calls in by_path.items():
        described = next((one for one in descriptions if one.covers(path)), None)
        if path.endswith("schema.json"):
            items.append(_document(calls[0], described, unreadable or {}))
        elif described is not None and not described.has(path):
            relied = ", ".join(call.name for call in calls)
            items.append(_item("path", calls[0], path, Verdict.MISSING, f"the path is gone; relied on for {relied}"))
        else:
            items.extend(_calls(described, calls))
            for kind, use in _uses(described, calls):
                uses.setdefault((kind, collection(path), use.part.name), []).append(use)
    items.extend(_merged(kind, about, name, found) for (kind, about, name), found in uses.items())
    items.append(_relation(descriptions, relation))
    order = list(dict.fromkeys(item.about for item in items))
    items.sort(key=lambda item: order.index(item.about))
    unverified = (
        Item("behaviour", "", one.name, Verdict.UNKNOWN, one.certainty, one.source, one.statement)
        for one in contract.BEHAVIOURS
        if one.name != "mirror-relation"
    )
    return (*items, *unverified)


def collection(path: str) -> str:
    """What a path is about.

    >>> collection("/apps/v3/deployments/{uuid}/logs")
    'deployments'
    """
    return path.split("/")[3]


_NO_DOCUMENT = "no description of this part of the API is at hand"


def _document(call: Call, described: Description | None, unreadable: Mapping[str, str]) -> Item:
    name = f"GET {call.path}"
    if described is not None:
        return _item("call", call, name, Verdict.FINE, "")
    reason = unreadable.get(call.path)
    # That the others exist is our own conclusion: without them, their part stays unverified, and nothing is amiss.
    verdict = Verdict.MISSING if reason and call.certainty is Certainty.SEEN else Verdict.UNKNOWN
    return _item("call", call, name, verdict, reason or _NO_DOCUMENT)


def _calls(described: Description | None, calls: Iterable[Call]) -> Iterator[Item]:
    verbs: dict[str, list[Call]] = {}
    for call in calls:
        verbs.setdefault(call.method, []).append(call)
    for method, same in verbs.items():
        call = same[0]
        name = f"{method} {call.path}"
        if described is None:
            yield _item("call", call, name, Verdict.UNKNOWN, _NO_DOCUMENT)
        elif not described.offers(method, call.path):
            yield _item("call", call, name, Verdict.MISSING, f"the path is there, but not with {method}")
        else:
            yield _item("call", call, name, Verdict.FINE, "")
            yield from _demands(described, same)


def _demands(described: Description, same: Sequence[Call]) -> Iterator[Item]:
    """Fields that a creation requires and that we do not send, unless another one's absence explains them."""
    call = same[0]
    sent = {part.name for one in same for part in one.sends}
    fields = described.body(call.method, call.path) or {}
    if call.method != "POST" or not sent or not {name for name in sent if "." not in name} <= set(fields):
        return
    for name, field in fields.items():
        if field.required and name not in sent and "." not in name:
            detail = f"{call.method} {call.path} requires it, and we do not send it"
            yield _item("field", call, name, Verdict.DIFFERS, detail)


def _uses(described: Description | None, calls: Iterable[Call]) -> Iterator[tuple[Kinds, Use]]:
    for call in calls:
        if described is None:
            for part in (*call.sends, *call.reads):
                yield "field", Use(call, part, Verdict.UNKNOWN, _NO_DOCUMENT)
            for part in call.filters:
                yield "filter", Use(call, part, Verdict.UNKNOWN, _NO_DOCUMENT)
        elif described.offers(call.method, call.path):
            body = described.body(call.method, call.path) if call.sends else None
            for part in _there(call.sends, body):
                yield "field", judged(call, part, body, "the body", sent=True)
            for use in _answered(described, call):
                yield "field", use
            shown = described.filters(call.method, call.path)
            for part in call.filters:
                yield "filter", judged_filter(call, part, shown)


def _answered(described: Description, call: Call) -> Iterator[Use]:
    envelope = described.envelope(call.method, call.path) if call.name.endswith(".list") else None
    if envelope is not None:
        around = [judged(call, part, envelope, "the answer", sent=False) for part in contract.PAGE]
        yield from around
        if around[0].verdict in WRONG:
            return  # what its items hold cannot be told where it has none that we know
    answer = described.answer(call.method, call.path) if call.reads else None
    for part in _there(call.reads, answer):
        yield judged(call, part, answer, "the answer", sent=False)


def _there(parts: Sequence[Part], fields: Fields | None) -> list[Part]:
    """The parts to be judged: what is within something that is not there, or no object, is not named besides."""
    return [
        part
        for part in parts
        if not (parent := part.name.rpartition(".")[0])
        or fields is None
        or (parent in fields and bool(fields[parent].types & {"object", "array"}))
    ]


def _merged(kind: Kinds, about: str, name: str, uses: Sequence[Use]) -> Item:
    """One item for a field, however many calls use it: what changed once is named once."""
    verdicts = [use.verdict for use in uses]
    wrong: list[Verdict] = [one for one in WRONG if one in verdicts]
    verdict = wrong[0] if wrong else Verdict.FINE if Verdict.FINE in verdicts else Verdict.UNKNOWN
    problems = dict.fromkeys(use.problem for use in uses if use.verdict in (wrong or [verdict]) and use.problem)
    sure = min((use.part.certainty for use in uses), key=list(Certainty).index)
    sources = dict.fromkeys(use.call.source for use in uses if use.part.certainty is sure)
    return Item(kind, about, name, verdict, sure, "; ".join(list(sources)[:2]), "; ".join(problems))


def _relation(descriptions: Sequence[Description], configured: str | None) -> Item:
    """The field that shows a mirror's original: any of the known ones will do."""
    call = contract.GET_APPLICATION
    described = next((one for one in descriptions if one.covers(call.path)), None)
    names = [*([configured] if configured else []), *contract.KNOWN_MIRROR_FIELDS]
    shown = described.answer(call.method, call.path) if described is not None else None
    if shown is None:
        verdict, name = Verdict.UNKNOWN, names[0]
        detail = "no description of applications is at hand"
    else:
        found = next((one for one in names if one in shown), None)
        name = found or names[0]
        verdict = Verdict.MISSING if found is None else Verdict.FINE
        detail = f"applications show their original in none of {', '.join(names)}" if found is None else ""
        if found is not None and not shown[found].types <= {"string", "object"}:
            verdict = Verdict.DIFFERS
            detail = f"the answer of GET {call.path} has it as {' or '.join(sorted(shown[found].types))}"
    about = collection(call.path)
    source = "no source; by analogy"
    return Item("field", about, name, verdict, Certainty.UNKNOWN, source, detail or "shows a mirror's original")


def _item(kind: Literal["path", "call", "field"], call: Call, name: str, verdict: Verdict, detail: str) -> Item:
    return Item(kind, collection(call.path), name, verdict, call.certainty, call.source, detail)
