"""Looking into data that nobody has checked yet: whatever has another shape than expected is not there."""

from collections.abc import Iterator, Mapping
from typing import Any

from divio_provider.estate.declaration.document import Path


def at(data: Any, *steps: str) -> Any:  # noqa: ANN401 - unchecked data is anything
    """What stands at the end of these keys, None where nothing does."""
    for step in steps:
        data = data.get(step) if isinstance(data, Mapping) else None
    return data


def mapping(data: Any, *steps: str) -> Mapping[str, Any]:  # noqa: ANN401
    """The mapping there, empty where something else stands."""
    found = at(data, *steps)
    return found if isinstance(found, Mapping) else {}


def listing(data: Any, *steps: str) -> list[Any]:  # noqa: ANN401
    """The list there, empty where something else stands."""
    found = at(data, *steps)
    return list(found) if isinstance(found, list | tuple) else []


def integer(data: Any, *steps: str) -> int | None:  # noqa: ANN401
    """The integer there. True is none, although Python thinks so."""
    found = at(data, *steps)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def original(data: Mapping[str, Any]) -> str:
    """The original's slug."""
    slug = at(data, "original", "slug")
    return slug if isinstance(slug, str) else ""


def sites(data: Mapping[str, Any]) -> Iterator[tuple[str, Path, Any]]:
    """Every site: slug, path, and what is declared there."""
    yield original(data), ("original",), at(data, "original")
    for slug, mirror in mapping(data, "mirrors").items():
        yield slug, ("mirrors", slug), mirror
