"""Writes `docs/reference/contract.md` from the contract of Divio's API: `python -m tools.contract_table`, or `make docs`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from divio_provider.api import contract
from divio_provider.api.contract import mirrors
from divio_provider.api.contract.behaviours import BEHAVIOURS
from divio_provider.api.contract.types import MARKS, Call, Part, collection

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "contract.md"
_MARK_OF = {certainty: f" {mark}" for mark, certainty in MARKS.items()}
HEAD = """# What we rely on of Divio's API

This page is for whoever wants to know which calls are made to Divio, and how sure we are of each.

Written by `make docs` from `divio_provider/api/contract/`, which also drives the client; a test keeps it current.
`divio-estate doctor` holds it against the live API. Nothing here was checked against the live service.

Marks: none: a public source shows it (*seen*); `~`: concluded from what was seen, or from what Django REST Framework
(DRF) usually does (*inferred*); `?`: no source says anything, and we had to choose (*unknown*).

Sources: *cli*: divio-cli's source, 4.0.5 · *docs*: Divio's documentation of 2022 · *handbook*: its present one ·
*openapi*: its rendered OpenAPI pages · *scripts*: public scripts of Divio's users.

A field holds text unless a kind is named.
"""


def page() -> str:
    """The whole page."""
    sections = [HEAD, "## Calls\n"]
    nouns: dict[str, list[Call]] = {}
    for call in contract.CALLS:
        nouns.setdefault(collection(call.path), []).append(call)
    for noun, calls in nouns.items():
        sections.append(
            f"### {noun}\n\n{_table(('call', 'sure', 'filters', 'sends', 'reads', 'source'), map(_row, calls))}"
        )
    sections.append(f"## Mirrors\n\n{_mirrors()}")
    rows = ((one.name, one.statement, one.certainty.value, one.source) for one in BEHAVIOURS)
    sections.append(f"## Behaviours\n\n{_table(('', 'what Divio does', 'sure', 'source'), rows)}")
    return "\n".join(sections)


def _row(call: Call) -> tuple[str, ...]:
    places = (_parts(call.filters), _parts(call.sends), _parts(call.reads))
    return (f"`{call.method} {call.path}`", call.certainty.value, *places, call.source)


def _parts(parts: Iterable[Part]) -> str:
    return ", ".join(f"`{part.name}`{_kind(part)}{_MARK_OF.get(part.certainty, '')}" for part in parts)


def _kind(part: Part) -> str:
    values = f" ({', '.join(part.values)})" if part.values else ""
    return values if part.kind.value == "text" else f" {part.kind.value}"


def _mirrors() -> str:
    fields = ", ".join(f"`{name}`" for name in mirrors.KNOWN_FIELDS)
    actions = ", ".join(f"`POST {path}`" for path in mirrors.KNOWN_ACTIONS)
    return f"""How the API makes a mirror is unknown. `divio:mirrors: auto` takes the first of these that the live schema
shows; where it shows none, a person makes mirrors in the Control Panel.

- A field of `POST {mirrors.CREATE.path}`: {fields}. The same fields are looked at to see what an application
  mirrors.
- A call on the original: {actions}, with {_parts(mirrors.ACTION_SENDS)}.
"""


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> None:
    """Write the page."""
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
