"""What a trial or a triage found: for people, for machines and for a pull request on GitHub."""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from divio_sites.trial.results import Result, needs
from divio_sites.trial.source import line_of


def shown(file: str) -> str:
    """A file as people know it: from the current folder, or from where packages are installed."""
    path = Path(file)
    if "site-packages" in path.parts:
        return str(Path(*path.parts[path.parts.index("site-packages") + 1 :]))
    return os.path.relpath(path) if file else ""


def as_data(results: Iterable[Result], notices: Iterable[tuple[str, int, str]], phase: str) -> dict[str, Any]:
    """The object that `--json` prints; its keys are described in the package's README."""
    results = list(results)
    needed = needs(results)
    return {
        "phase": phase,
        "needs": needed,
        "fine": phase == "contract" or needed == "expand",
        "operations": [
            {
                "file": shown(one.step.file),
                "line": one.step.line,
                "app": one.step.key[0],
                "migration": one.step.key[1],
                "operation": one.step.name,
                "within": {"part": one.step.part, "line": line_of(one.step.whole)} if one.step.whole else None,
                "about": one.step.about or None,
                "verdict": one.verdict,
                "needs": one.needs,
                "why": one.why,
                "seen": one.seen,
                "comment": one.step.comment.reason if one.step.comment else None,
            }
            for one in results
        ],
        "notices": [{"file": shown(file) or None, "line": line or None, "text": text} for file, line, text in notices],
    }


def lines(data: dict[str, Any], color: Callable[[str, str], str]) -> Iterator[str]:
    """The same for people. `color` gets a verdict and a text."""
    migration = None
    for one in data["operations"]:
        if migration != (one["app"], one["migration"]):
            migration = (one["app"], one["migration"])
            yield f"{one['app']}.{one['migration']}"
        yield (
            f"  {color(one['verdict'], one['verdict']):<12} {one['operation']} {one['about'] or ''}".rstrip()
            + f"  {one['file']}:{one['line']}"
        )
        yield from (f"      {sentence}" for sentence in one["why"])
        if one["seen"] and one["verdict"] != "expand":
            yield f"      on sample rows it {'; '.join(one['seen'])}"
        if one["comment"]:
            counts = (
                "" if one["verdict"] != "contract" or one["needs"] != "contract" else " (a proven contract stays one)"
            )
            yield f"      a comment says {one['needs']}: {one['comment']}{counts}"
    for one in data["notices"]:
        place = f"{one['file']}{':' + str(one['line']) if one['line'] else ''}: " if one["file"] else ""
        yield f"note: {place}{one['text']}"
    if not data["operations"]:
        yield "The change adds no migration."
        return
    open_ = sum(
        one["verdict"] not in {"expand", "contract"} and one["needs"] == "contract" for one in data["operations"]
    )
    more = (
        f"; {open_} of its operations cannot be judged: settle each by a comment beside it, # estate: expand, REASON"
        if open_
        else ""
    )
    yield f"The change needs {color(data['needs'], data['needs'])}, {data['phase']} is declared{more}."


def annotations(data: dict[str, Any]) -> Iterator[str]:
    """Workflow commands of GitHub Actions, whose escapes are those of actions/toolkit, packages/core/src/command.ts."""
    level = "notice" if data["fine"] else "error"
    for one in data["operations"]:
        if one["needs"] == "contract":
            yield _command(
                level,
                one["file"],
                one["line"],
                f"{one['verdict']}: {one['operation']} {one['about'] or ''}",
                "\n".join(one["why"]),
            )
    for one in data["notices"]:
        yield _command("warning", one["file"] or "", one["line"] or 0, "migrations", one["text"])


def _command(level: str, file: str, line: int, title: str, text: str) -> str:
    given = {"file": file, "line": str(line) if line and file else "", "title": title.strip()}
    about = ",".join(
        f"{key}={_escaped(value).replace(':', '%3A').replace(',', '%2C')}" for key, value in given.items() if value
    )
    return f"::{level} {about}::{_escaped(text)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
