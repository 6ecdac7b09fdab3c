"""What `migrations check` found as annotations of a pull request on GitHub.

Source: https://docs.github.com/actions/reference/workflow-commands-for-github-actions; the escapes are those of
actions/toolkit, packages/core/src/command.ts.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from divio_provider.migrations.change import Change


def annotations_of(change: "Change", declared: str) -> Iterator[str]:
    """A line for each operation that needs contract, and for each notice.

    Args:
        change: what was found.
        declared: the release's phase; with `contract` nothing is an error.
    """
    for judged in change.judged:
        if judged.verdict.harmless:
            continue
        level = "error" if declared == "expand" else "notice"
        named = " ".join(part for part in (judged.operation.kind, judged.about) if part)
        text = "\n".join((f"{judged.verdict.why}.", *judged.verdict.remarks))
        yield annotation(level, text, judged.migration.path, judged.operation.line, f"contract: {named}")
    for notice in change.notices:
        yield annotation("warning", notice.text, notice.path, notice.line)


def annotation(level: str, text: str, file: str = "", line: int = 0, title: str = "") -> str:
    """One workflow command. `level` is `error`, `warning` or `notice`."""
    given = {"file": file, "line": str(line) if line and file else "", "title": title}
    properties = ",".join(f"{name}={_property(value)}" for name, value in given.items() if value)
    return f"::{level}{' ' if properties else ''}{properties}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
