"""Small declarations for tests: one that is fine, and ways to make others of it."""

from typing import Any

from divio_provider.estate.declaration.errors import SpecError
from divio_provider.estate.declaration.parser import declare, parse
from divio_provider.estate.declaration.spec import Spec

FILE = "stacks/estate.yaml"

FINE = """\
organisation: Acme
region: Frankfurt
plan: {original: Standard, mirror: Small}
original:
  slug: acme-main
  name: Acme
mirrors:
  acme-blog:
    name: Acme Blog
  acme-shop:
    name: Acme Shop
"""


def with_lines(added: str, *, after: str) -> str:
    """FINE with lines inserted after one of its lines."""
    assert f"{after}\n" in FINE
    return FINE.replace(f"{after}\n", f"{after}\n{added}\n", 1)


def said(text: str) -> list[str]:
    """What is wrong with a text: one line a problem, without the file's name, empty where it is fine."""
    try:
        parse(text, FILE)
    except SpecError as error:
        return [str(problem).removeprefix(f"{FILE}:") for problem in error.problems]
    return []


def data(**changes: Any) -> dict[str, Any]:
    """The declaration as data, some keys changed."""
    return {
        "organisation": "Acme",
        "region": "Frankfurt",
        "plan": {"original": "Standard", "mirror": "Small"},
        "original": {"slug": "acme-main", "name": "Acme"},
        "mirrors": {"acme-blog": {"name": "Acme Blog"}, "acme-shop": {"name": "Acme Shop"}},
        **changes,
    }


def spec(**changes: Any) -> Spec:
    """A Spec, some keys changed."""
    return declare(data(**changes))
