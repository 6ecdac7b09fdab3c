"""How `migrations check` shows what it found: a table for each migration, then what follows."""

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from divio_provider.commands.paper import printed

if TYPE_CHECKING:
    from divio_provider.migrations.change import Change
    from divio_provider.migrations.replay import Judged


def show(change: "Change", declared: str, source: str, compared: str) -> None:
    """Print it.

    Args:
        change: what was found.
        declared: the release's phase.
        source: where that is said.
        compared: both sides in words.
    """
    files: dict[str, list[Judged]] = {}
    for judged in change.judged:
        files.setdefault(judged.migration.path, []).append(judged)
    with printed() as console:
        for path, listed in files.items():
            console.print(Text(path, style="bold"))
            console.print(_table(listed))
            console.print()
        for notice in change.notices:
            where = f"{notice.path}:{notice.line}" if notice.line else notice.path
            console.print(Text(f"{where}: {notice.text}", style="yellow"), soft_wrap=not console.is_terminal)
        if change.notices:
            console.print()
        for line in conclusion(change, declared, source, compared):
            console.print(Text(line), soft_wrap=not console.is_terminal)


def _table(listed: "list[Judged]") -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("Line", justify="right")
    table.add_column("Operation", overflow="fold")
    table.add_column("Phase")
    table.add_column("Why", overflow="fold", ratio=1)
    for judged in listed:
        verdict = judged.verdict
        why = Text(verdict.why)
        for remark in verdict.remarks:
            why.append(f"\n· {remark}", style="dim")
        named = Text(judged.operation.kind or judged.operation.text[:60])
        if judged.about:
            named.append(f"\n{judged.about}", style="dim")
        style = "green" if verdict.harmless else "red"
        table.add_row(str(judged.operation.line), named, Text(verdict.phase, style=style), why)
    return table


def conclusion(change: "Change", declared: str, source: str, compared: str) -> list[str]:
    """What follows, in sentences."""
    if not change.judged:
        none = "no migration is added" if not change.migrations else "the migrations that are added do nothing"
        return [f"From {compared}: {none}."]
    bad = sum(not judged.verdict.harmless for judged in change.judged)
    count, added = len(change.judged), change.migrations
    what = f"{count} {'operation' if count == 1 else 'operations'} in {added} new {'migration' if added == 1 else 'migrations'}"
    lines = [
        f"From {compared}: {what}, {bad} of them contract." if bad else f"From {compared}: {what}, all of them expand."
    ]
    if bad and declared == "expand":
        lines.append(
            f"Declared is expand ({source}). This needs release.phase: contract, which is refused while a mirror is behind; "
            "or leave out here what is contract, and let it follow once every site runs the new code."
        )
    elif bad:
        lines.append(f"Declared is contract ({source}): enough. Its release is refused while a mirror is behind.")
    elif declared == "contract":
        lines.append(f"Declared is contract ({source}); expand would be enough, and waits for no mirror.")
    else:
        lines.append(f"Declared is expand ({source}): enough.")
    return lines
