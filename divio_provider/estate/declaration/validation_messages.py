"""What pydantic found wrong, in the words of the file: one sentence a problem, with the way out.

Pydantic says "Input should be a valid string"; the person who wrote `name: no` needs to hear that YAML may take it for
false and that quotes help.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from divio_provider.estate.declaration.errors import Path, Problem, dotted
from divio_provider.estate.declaration.field_types import how_to_quote
from divio_provider.estate.declaration.yaml_source import Document, Unquoted

_EXPECTED = {
    "string_type": "text",
    "int_type": "an integer, such as 7",
    "bool_type": "true or false",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "model_attributes_type": "keys with values",
    "tuple_type": "a list",
    "list_type": "a list",
}
_EXAMPLES = {
    "groups": "[retail]",
    "domains": "[blog.acme.example]",
    "waves": "[{name: rest, sites: rest}]",
    "release": '{name: "2026-11"}',
    "redeploy": "{acme-shop: 1}",
    "connections": "{per_site: 4}",
    "verify": "{path: /}",
    "variables": "{LANGUAGE_CODE: en}",
}
"""What may stand after a key that people write a word after."""
_SENTENCES = {
    "estate": "{sentence}",
    "no_value": 'has no value; write "" for empty text',
    "literal_error": "{present}; write {expected}",
    "greater_than_equal": "is {value}; write an integer of at least {ge}",
    "less_than_equal": "is {value}; write an integer of at most {le}",
}
_ELSEWHERE = {
    "until": "the stack's configuration says after which wave to stop: pulumi config set until WAVE",
    "site_ids": "write sites that are gone as retired: {acme-gone: {site_id: 4}}, ids without a slug as reserved: [5]",
    "protect": "remove it: only a site under retired: is deleted, and the original only where DIVIO_ALLOW_DELETE names it",
}
"""What people look for in this file, and the way there."""


def problems_of(error: ValidationError, document: Document, model: type[BaseModel]) -> list[Problem]:
    """A Problem for each of pydantic's errors; a key that is misspelt is not called missing besides."""
    sections = dict(_sections(model))
    # Pydantic marks an error about a key of a mapping by a last step of its own.
    errors = [(tuple(step for step in one["loc"] if step != "[key]"), one) for one in error.errors(include_url=False)]
    meant = {
        (*path[:-1], near_miss(str(path[-1]), _known(sections, path[:-1])))
        for path, one in errors
        if one["type"] == "extra_forbidden"
    }
    told = {problem.key for problem in document.problems}
    return [
        document.problem(path, _sentence(one, path, document, sections))
        for path, one in errors
        if not (one["type"] == "missing" and path in meant) and dotted(path) not in told
    ]


def near_miss(word: str, known: Iterable[str]) -> str:
    """The known word that somebody who wrote another may have meant, or nothing.

    >>> near_miss("nam", ["slug", "name"])
    'name'
    """
    lower = {candidate.lower(): candidate for candidate in known}
    found = difflib.get_close_matches(word.lower(), lower, n=1, cutoff=0.6)
    return lower[found[0]] if found else ""


_Sections = Mapping[tuple[str, ...], list[str]]
"""The keys that are known at each place of a declaration; a step in <> or [] stands for any key or index."""


def _sections(kind: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], list[str]]]:  # noqa: ANN401
    """Walk the models' annotations."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield place, list(kind.model_fields)
        for name, field in kind.model_fields.items():
            yield from _sections(field.annotation, (*place, name))
    else:
        any_key = "<slug>" if place == ("mirrors",) else "<name>"
        step = {dict: (any_key,), tuple: ("[]",)}.get(get_origin(kind), ())
        for inner in get_args(kind):
            yield from _sections(inner, (*place, *step))


def _known(sections: _Sections, path: Path) -> list[str]:
    for place, keys in sections.items():
        if len(place) == len(path) and all(
            known == step or known[0] in "<[" for known, step in zip(place, path, strict=True)
        ):
            return keys
    return []


def _sentence(error: ErrorDetails, path: Path, document: Document, sections: _Sections) -> str:
    kind, value, context = error["type"], error["input"], dict(error.get("ctx", {}))
    null = document.nulls.get(path) if value is None else None
    if null and kind in {"string_type", "no_value"}:
        return how_to_quote(Unquoted(null, "nothing"))
    if kind in _EXPECTED:
        return _wrong_type(_EXPECTED[kind], value, path)
    if kind == "extra_forbidden":
        return _unknown(path, sections)
    if kind == "missing":
        return "is missing; every estate declares it" if len(path) == 1 else "is missing; add it"
    if kind not in _SENTENCES:
        return error["msg"][0].lower() + error["msg"][1:]
    context["expected"] = str(context.get("expected")).replace("'", "")
    return _SENTENCES[kind].format(value=value, present=_present(value), **context)


def _unknown(path: Path, sections: _Sections) -> str:
    key, known = str(path[-1]), _known(sections, path[:-1])
    if path[:1] == ("mirrors",) and path[2:] == ("slug",):
        return f"unknown key; a mirror's slug is the key it stands under, {path[1]}"
    near = near_miss(key, known)
    if near:
        return f'unknown key; did you mean "{near}"?'
    if key in _ELSEWHERE:
        return f"unknown key; {_ELSEWHERE[key]}"
    places = [".".join((*place, key)).replace(".[]", "[]") for place, keys in sections.items() if key in keys]
    if len(places) == 1:
        return f"unknown key here; it belongs elsewhere: {places[0]}"
    return f"unknown key; known here: {', '.join(sorted(known))}"


def _wrong_type(expected: str, value: object, path: Path) -> str:
    if expected == "text" and isinstance(value, Unquoted | int | float):
        return how_to_quote(value)
    if value is None and len(path) == 2 and path[0] == "mirrors":
        return "has no value; write at least its name, such as name: Acme Shop"
    if expected.startswith("an integer") and isinstance(value, str) and value.isdecimal():
        return f'is "{value}", which is text; write it without quotes: {value}'
    example = "{name: rest, sites: rest}" if path[-2:-1] == ("waves",) else _EXAMPLES.get(str(path[-1]))
    return f"{_present(value)}; write {expected}{f', such as {example}' if example else ''}"


def _present(value: object) -> str:
    """What stands there, without repeating anything long."""
    if value is None:
        return "has no value"
    if isinstance(value, Mapping):
        return "is keys with values"
    if isinstance(value, list | tuple):
        return "is a list"
    text = value.text if isinstance(value, Unquoted) else str(value).lower()
    if isinstance(value, str):
        text = f'"{value}"'
    return f"is {text}" if len(text) <= 42 and text.isprintable() else "is a long text"
