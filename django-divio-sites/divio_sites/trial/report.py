"""What a trial or a triage found: for people, for machines and for a pull request on GitHub."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.management.base import BaseCommand

from divio_sites.trial.source import CONTRACT, EXPAND, TRY, Step, line_of


def report(command: BaseCommand, found: Any, phase: str = EXPAND, *, as_json: bool) -> None:
    """Print what a Trial or a Triage found, and exit with 1 where the declared phase is not enough."""
    data = as_data(found.steps, found.notices, phase)
    if as_json:
        command.stdout.write(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        command.stdout.write("\n".join(_lines(data, command.style)))
        if os.environ.get("GITHUB_ACTIONS") == "true":
            command.stdout.write("\n".join(_annotations(data)))
    if not data["fine"]:
        sys.exit(1)


def as_data(steps: Iterable[Step], notices: Iterable[tuple[str, int, str]], phase: str) -> dict[str, Any]:
    """The object that `--json` prints; its keys are described in the package's README."""
    operations: list[dict[str, Any]] = [
        {
            "file": _shown(one.file),
            "line": line_of(one.operation),
            "app": one.key[0],
            "migration": one.key[1],
            "operation": one.name,
            "within": {"part": one.part, "line": line_of(one.whole)} if one.whole else None,
            "about": one.about or None,
            "verdict": one.verdict,
            "needs": one.needs,
            "why": one.why,
            "seen": one.seen,
            "comment": ": ".join(one.comment) if one.comment else None,
        }
        for one in steps
    ]
    most = max((one["needs"] for one in operations), key=[EXPAND, TRY, CONTRACT].index, default=EXPAND)
    return {
        "phase": phase,
        "needs": most,
        "fine": phase == CONTRACT or most == EXPAND,
        "operations": operations,
        "notices": [{"file": _shown(file) or None, "line": line or None, "text": text} for file, line, text in notices],
    }


def _shown(file: str) -> str:
    """A file as people know it: from the current folder, or from where packages are installed."""
    return file.rpartition("/site-packages/")[2] if "/site-packages/" in file else file and os.path.relpath(file)


def _lines(data: dict[str, Any], style: Any) -> Iterator[str]:
    styles, migration, unsettled = {EXPAND: style.SUCCESS, CONTRACT: style.ERROR}, None, 0
    for one in data["operations"]:
        if migration != (migration := f"{one['app']}.{one['migration']}"):
            yield migration
        verdict, named = one["verdict"], f"{one['operation']} {one['about'] or ''}".rstrip()
        yield f"  {styles.get(verdict, style.WARNING)(verdict):<12} {named}  {one['file']}:{one['line']}"
        yield from (f"      {sentence}" for sentence in one["why"])
        if one["seen"] and verdict != EXPAND:
            yield f"      on sample rows it {'; '.join(one['seen'])}"
        if one["comment"]:
            counts = " (a proven contract stays one)" if verdict == one["needs"] == CONTRACT else ""
            yield f"      a comment says {one['comment']}{counts}"
        unsettled += verdict not in {EXPAND, CONTRACT} and one["needs"] == CONTRACT and not one["comment"]
    for one in data["notices"]:
        place = f"{one['file']}{':' + str(one['line']) if one['line'] else ''}: " if one["file"] else ""
        yield f"note: {place}{one['text']}"
    more = f"; {unsettled} of its operations cannot be judged: settle each by a comment beside it, # estate: expand, REASON"
    needs = styles.get(data["needs"], style.WARNING)({TRY: "a trial"}.get(data["needs"], data["needs"]))
    said = f"The change needs {needs}, {data['phase']} is declared{more if unsettled else ''}."
    yield said if data["operations"] else "The change adds no operation."


def _annotations(data: dict[str, Any]) -> Iterator[str]:
    """Workflow commands of GitHub Actions, whose escapes are those of actions/toolkit, packages/core/src/command.ts."""
    escapes = {"%": "%25", "\r": "%0D", "\n": "%0A"}
    of_text, of_name = str.maketrans(escapes), str.maketrans(escapes | {":": "%3A", ",": "%2C"})
    level = "notice" if data["fine"] else "error"
    operations = [one for one in data["operations"] if one["needs"] == CONTRACT]
    found = [(level, one, f"{one['verdict']}: {one['operation']} {one['about'] or ''}".strip()) for one in operations]
    for kind, one, title in [*found, *(("warning", notice, "migrations") for notice in data["notices"])]:
        file = one["file"] and os.path.relpath(one["file"], os.environ.get("GITHUB_WORKSPACE", "."))
        given = {"file": file, "line": file and one["line"], "title": title}
        about = ",".join(f"{key}={str(value).translate(of_name)}" for key, value in given.items() if value)
        text = one["text"] if kind == "warning" else "\n".join(one["why"])
        yield f"::{kind} {about}::{text.translate(of_text)}"
