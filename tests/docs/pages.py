"""The documents as data: every page that people read, and the examples on it."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

from tests.local_divio import ROOT

README = "README.md"
INDEX = "docs/README.md"
DOCS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))
"""The pages below docs/, as paths from the repository's root."""

OTHERS = ("CONTRIBUTING.md", "CHANGELOG.md", "django-divio-sites/README.md", "examples/django-estate/README.md")
TEXTS = {page: (ROOT / page).read_text(encoding="utf-8") for page in (README, *DOCS, *OTHERS)}
"""Every page's text, by its path."""

_BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Example:
    """A block of a page, without the indentation that a list gives it."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        """Where it stands, as a test's id."""
        return f"{self.page}:{self.line}"


def _examples(page: str) -> list[Example]:
    text = TEXTS[page]
    return [
        Example(
            page, text.count("\n", 0, found.start()) + 1, found[2], textwrap.dedent(found[3]) if found[1] else found[3]
        )
        for found in _BLOCK.finditer(text)
    ]


EXAMPLES = [example for page in TEXTS for example in _examples(page)]


def examples(language: str) -> list[Example]:
    """The examples in one language, on whichever page they stand."""
    return [example for example in EXAMPLES if example.language == language]


def section(page: str, title: str) -> str:
    """The text below a heading of a page, up to the next one of the same level."""
    found = re.search(rf"^(#+) {re.escape(title)}\n(.*?)(?=^\1 |\Z)", TEXTS[page], re.MULTILINE | re.DOTALL)
    assert found, f"{page}: {title}"
    return found[2]


def anchors(page: str) -> set[str]:
    """What links to a page may end in, as GitHub makes it of headings; a comment in a block is no heading."""
    titles = re.findall(r"^#+ (.*)$", _BLOCK.sub("", TEXTS[page]), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def links(page: str) -> list[str]:
    """Where a page's links and pictures lead, but for other people's sites."""
    found = re.findall(r"\]\(([^)]+)\)", _BLOCK.sub("", TEXTS[page]))
    return [link for link in found if not link.startswith("https://")]
