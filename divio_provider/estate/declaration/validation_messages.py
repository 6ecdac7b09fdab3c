"""What pydantic found wrong, in the words of the file: one sentence a problem, with the way out.

Pydantic says "Input should be a valid string"; the person who wrote `name: no` needs to hear that YAML may take it for
false and that quotes help.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from divio_provider.estate.declaration.document import Document, Path, Unquoted
from divio_provider.estate.declaration.errors import Problem
from divio_provider.estate.declaration.field_types import unquoted

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

_OUTSIDE = {"until": "the stack's configuration says after which wave to stop: pulumi config set until WAVE"}
"""Keys of other files, and the way there."""


def complaints(errors: Iterable[ErrorDetails], document: Document, model: type[BaseModel]) -> list[Problem]:
    """A Problem for each of pydantic's errors; a key that is misspelt is not called missing besides."""
    # Pydantic marks an error about a key of a mapping by a last step of its own.
    found = [(tuple(step for step in error["loc"] if step != "[key]"), error) for error in errors]
    meant = {
        (*path[:-1], near_miss(str(path[-1]), _fields(model, path[:-1])))
        for path, error in found
        if error["type"] == "extra_forbidden"
    }
    problems = []
    for path, error in found:
        if error["type"] == "missing" and path in meant:
            continue
        if path[:1] == ("mirrors",) and path[2:] == ("slug",):
            continue  # The mirror's key, which has its own complaint, or a key that `rules` knows.
        problems.append(document.problem(path, _sentence(error, path, document, model)))
    return problems


def near_miss(word: str, known: Iterable[str]) -> str:
    """The known word that somebody who wrote another may have meant, or nothing.

    >>> near_miss("nam", ["slug", "name"])
    'name'
    """
    lower = {candidate.lower(): candidate for candidate in known}
    found = difflib.get_close_matches(word.lower(), lower, n=1, cutoff=0.6)
    return lower[found[0]] if found else ""


def _sentence(error: ErrorDetails, path: Path, document: Document, model: type[BaseModel]) -> str:
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    text = document.texts.get(path)
    if kind in _EXPECTED:
        return _wrong_type(_EXPECTED[kind], value, text, path)
    if kind == "extra_forbidden":
        return _unknown(str(path[-1]), _fields(model, path[:-1]), model)
    known = {
        "estate": context.get("sentence"),
        "no_value": unquoted(text, "nothing") if text else error["msg"],
        "missing": "is missing; every estate declares it" if len(path) == 1 else "is missing; add it",
        "literal_error": f"{_there(value)}; write {context.get('expected')}".replace("'", ""),
        "greater_than_equal": f"is {value}; write an integer of at least {context.get('ge')}",
        "less_than_equal": f"is {value}; write an integer of at most {context.get('le')}",
    }
    return str(known.get(kind) or error["msg"][0].lower() + error["msg"][1:])


def _unknown(key: str, known: Mapping[str, object], model: type[BaseModel]) -> str:
    near, places = near_miss(key, known), list(_places(model, key))
    if near:
        return f'unknown key; did you mean "{near}"?'
    if key in _OUTSIDE:
        return f"unknown key; {_OUTSIDE[key]}"
    if len(places) == 1:
        return f"unknown key here; it belongs elsewhere: {places[0]}"
    return f"unknown key; known here: {', '.join(sorted(known))}"


def _places(model: Any, key: str, at: str = "") -> Iterator[str]:  # noqa: ANN401
    """Everywhere that a key is known, as people write it."""
    if get_origin(model) is dict:
        yield from _places(_plain(get_args(model)[1]), key, f"{at}.<slug>" if at == "mirrors" else f"{at}.<name>")
    elif get_origin(model) is tuple:
        yield from _places(_plain(get_args(model)[0]), key, f"{at}[]")
    elif isinstance(model, type) and issubclass(model, BaseModel):
        for name, field in model.model_fields.items():
            place = f"{at}.{name}".removeprefix(".")
            if name == key:
                yield place
            yield from _places(_plain(field.annotation), key, place)


def _wrong_type(expected: str, value: object, text: str | None, path: Path) -> str:
    if expected == "text":
        if isinstance(value, Unquoted):
            return unquoted(value.text, value.reading)
        if text or isinstance(value, bool | int | float):
            return unquoted(text or str(value), _kind(value))
    if value is None and len(path) == 2 and path[0] == "mirrors":
        return "has no value; write at least its name, such as name: Acme Shop"
    if expected.startswith("an integer") and isinstance(value, str) and value.isdecimal():
        return f'is "{value}", which is text; write it without quotes: {value}'
    example = _EXAMPLES.get(str(path[-1])) if path else None
    if path[-2:-1] == ("waves",):
        example = "{name: rest, sites: rest}"
    return f"{_there(value)}; write {expected}{f', such as {example}' if example else ''}"


def _there(value: object) -> str:
    return "has no value" if value is None else f"is {_shown(value)}"


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    return "nothing" if value is None else "a number"


def _shown(value: object) -> str:
    """What stands there, without repeating anything long."""
    if isinstance(value, Unquoted):
        return value.text
    if isinstance(value, Mapping):
        return "keys with values"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 40 else "a long text"
    return "nothing" if value is None else str(value).lower()


def _fields(model: type[BaseModel], path: Path) -> Mapping[str, object]:
    """The keys that are known at a path, found by walking the models' annotations."""
    here: Any = model
    for step in path:
        if isinstance(here, type) and issubclass(here, BaseModel):
            here = _plain(here.model_fields[str(step)].annotation)
        else:
            here = _plain(get_args(here)[0 if isinstance(step, int) else -1])
    fields = dict(here.model_fields) if isinstance(here, type) and issubclass(here, BaseModel) else {}
    if path[:1] == ("mirrors",):
        fields.pop("slug", None)
    return fields


def _plain(annotation: Any) -> Any:  # noqa: ANN401 - annotations are anything
    """An annotation without its decoration: Annotated[X | None, …] is X."""
    while hasattr(annotation, "__metadata__"):
        annotation = annotation.__origin__
    if get_origin(annotation) is None or get_origin(annotation) in {dict, tuple}:
        return annotation
    real = [part for part in get_args(annotation) if part is not type(None)]
    return _plain(real[0]) if real else annotation
