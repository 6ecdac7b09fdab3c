"""`divio-estate migrations check`: whether the migrations of a change fit code that runs on. It only reads git."""

import json
import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from divio_provider.commands.estate_file import DEFAULT, text_of
from divio_provider.commands.outcome import FOUND, CouldNotRunError
from divio_provider.commands.progress import Progress
from divio_provider.estate.declaration.errors import SpecError
from divio_provider.estate.declaration.parser import parse
from divio_provider.migrations.verdict import Phase

if TYPE_CHECKING:
    from divio_provider.migrations.change import Change
    from divio_provider.migrations.replay import Judged
    from divio_provider.migrations.trees import Repository, Tree

migrations = typer.Typer(help="Looks at the Django migrations of a change.", no_args_is_help=True)


@migrations.callback()
def _verbs() -> None:
    # Without it, typer would take the only verb for the group itself.
    pass


class Annotations(StrEnum):
    """Where else findings are shown."""

    AUTO = "auto"
    GITHUB = "github"
    NONE = "none"


@dataclass(frozen=True)
class Declared:
    """The phase that the release has.

    Args:
        phase: expand or contract.
        source: where that is said.
    """

    phase: str
    source: str


@dataclass(frozen=True)
class Compared:
    """The two sides of a change.

    Args:
        project: the project's folder, relative to the repository's root; `.` for the root.
    """

    project: str
    base: "Tree"
    head: "Tree"


@migrations.command("check")
def check(
    project: Annotated[Path, typer.Option(metavar="DIR", help="The Django project, in a git repository.")] = Path(),
    base: Annotated[
        str | None,
        typer.Option(
            metavar="REV",
            help="What runs now: old code.",
            show_default="the target of a pull request on GitHub, else origin's main branch",
        ),
    ] = None,
    head: Annotated[str, typer.Option(metavar="REV", help="The change.")] = "HEAD",
    work_tree: Annotated[
        bool, typer.Option("--work-tree", help="Take the files on disk for the change, uncommitted ones too.")
    ] = False,
    phase: Annotated[
        Phase | None, typer.Option(help="The release's phase.", show_default="release.phase of --estate")
    ] = None,
    estate: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The estate's declaration.", show_default=f"{DEFAULT}, if it is there"),
    ] = None,
    annotations: Annotated[
        Annotations, typer.Option(help="Findings as annotations of a pull request; auto: on GitHub Actions.")
    ] = Annotations.AUTO,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say of every operation of a change's migrations whether it is expand or contract, and why.

    Expand: code of before goes on working on the new schema. Contract: it does not.

    Exit 0: the declared phase is enough; 1: the change needs contract and expand is declared; 2: it could not run.
    """
    try:
        # Here, not above: the other commands work without the extra `migrations`.
        import divio_provider.migrations.change  # noqa: PLC0415, F401 - whether what it needs is there
        from divio_provider.migrations.trees import Repository, UnreadableError  # noqa: PLC0415
    except ModuleNotFoundError as error:
        extra = "pip install 'divio-provider[cli,migrations]'"
        raise CouldNotRunError(f"migrations check needs {error.name}: {extra}") from None
    declared = _declared(phase, estate)
    try:
        repository = Repository.holding(project)
        compared, change = _change(repository, base, head, work_tree=work_tree)
    except UnreadableError as error:
        raise CouldNotRunError(str(error)) from None
    fine = change.needs == "expand" or declared.phase == "contract"
    if as_json:
        typer.echo(json.dumps(_as_data(compared, declared, change, fine=fine), indent=2, ensure_ascii=False))
    else:
        from divio_provider.commands.migrations_table import show  # noqa: PLC0415

        show(change, declared.phase, declared.source, _shown(compared))
    on_github = os.environ.get("GITHUB_ACTIONS") == "true" and not as_json
    if annotations is Annotations.GITHUB or (annotations is Annotations.AUTO and on_github):
        from divio_provider.commands.annotations import annotations_of  # noqa: PLC0415

        for line in annotations_of(change, declared.phase):
            typer.echo(line, err=as_json)
    if not fine:
        raise typer.Exit(FOUND)


def _declared(phase: Phase | None, estate: Path | None) -> Declared:
    """The release's phase. Raises CouldNotRunError."""
    if phase is not None:
        return Declared(phase.value, "--phase")
    file = estate or DEFAULT
    if estate is None and not file.exists():
        return Declared("expand", "the default")
    try:
        return Declared(parse(text_of(file), str(file)).phase, str(file))
    except SpecError as error:
        raise CouldNotRunError(str(error)) from None


def _change(repository: "Repository", base: str | None, head: str, *, work_tree: bool) -> tuple[Compared, "Change"]:
    """What the change is. Raises UnreadableError."""
    from divio_provider.migrations.change import read_change  # noqa: PLC0415
    from divio_provider.migrations.trees import UnreadableError  # noqa: PLC0415

    target = os.environ.get("GITHUB_BASE_REF")
    named = base or (f"origin/{target}" if target else repository.usual_base())
    old = repository.commit(named, "--base")
    new = repository.commit("HEAD" if work_tree else head, "--head")
    if not work_tree and not repository.has(new):
        raise UnreadableError(f"--project {repository.project}: there is no such folder at {head}")
    common = repository.common(old, new)
    before = repository.tree(named, old)
    after = repository.work_tree() if work_tree else repository.tree(head, new)
    parted = before if common == old else repository.tree(named, common)
    changed = repository.changed(common, "" if work_tree else new)
    with Progress("reading migrations", "migrations") as progress:
        change = read_change(before, parted, after, changed, repository.project, progress.told)
    return Compared(repository.project or ".", before, after), change


def _shown(compared: Compared) -> str:
    """Both sides in words, such as `origin/main (1a2b3c4) to HEAD (5d6e7f8)`."""
    sides = [
        f"{tree.revision} ({tree.commit[:7]})" if tree.commit[:7] not in {"", tree.revision[:7]} else tree.revision
        for tree in (compared.base, compared.head)
    ]
    return " to ".join(sides)


def _as_data(compared: Compared, declared: Declared, change: "Change", *, fine: bool) -> dict[str, Any]:
    return {
        "project": compared.project,
        "base": {"revision": compared.base.revision, "commit": compared.base.commit},
        "head": {"revision": compared.head.revision, "commit": compared.head.commit or None},
        "declared": {"phase": declared.phase, "source": declared.source},
        "needs": change.needs,
        "fine": fine,
        "migrations": change.migrations,
        "operations": [_operation(judged) for judged in change.judged],
        "notices": [
            {"file": item.path or None, "line": item.line or None, "text": item.text} for item in change.notices
        ],
    }


def _operation(judged: "Judged") -> dict[str, Any]:
    operation, verdict = judged.operation, judged.verdict
    return {
        "file": judged.migration.path,
        "line": operation.line,
        "app": judged.migration.app,
        "migration": judged.migration.name,
        "operation": operation.kind or None,
        "within": judged.within or None,
        "about": judged.about or None,
        "phase": verdict.phase,
        "basis": verdict.basis,
        "why": verdict.why,
        "remarks": list(verdict.remarks),
    }
