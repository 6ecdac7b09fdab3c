"""The doctor's findings as a person reads them."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from divio_provider.api.conformance.results import Result
from divio_provider.cli.console import printed

if TYPE_CHECKING:
    from divio_provider.cli.doctor import Checkup

_STYLES = {"fine": "green", "differs": "bold red", "missing": "bold red", "unknown": "yellow"}


def show(checkup: "Checkup") -> None:
    """Print what was asked, the items by collection, what stays unverified, and how it stands in one sentence."""
    with printed() as console:
        console.print(Text(f"Divio's API as {checkup.source} shows it\n"), soft_wrap=True)
        _section(checkup.items, ("account", "choice"), console.print)
        for name, limit in checkup.limits.items():
            console.print(Text(f"limit    {name}: {limit}", style="dim"), soft_wrap=True)
        console.print()
        console.print(table([item for item in checkup.items if item.kind in _CONTRACT]))
        console.print("\nBeyond any schema: what we rely on besides, and how sure we are of it\n")
        _section(checkup.items, ("behaviour",), console.print)
        console.print()
        for finding in checkup.findings:
            console.print(Text(str(finding), style="bold red"), soft_wrap=True)
        console.print(Text(sentence(checkup)), soft_wrap=True)


def table(items: Iterable[Result]) -> Table:
    """A row for each call and each item that is not fine; fields and filters that are fine share one."""
    made = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for heading in ("Verdict", "About", "Item", "Detail"):
        made.add_column(heading, overflow="fold")
    about: dict[str, list[Result]] = {}
    for item in items:
        about.setdefault(item.about, []).append(item)
    for name, listed in about.items():
        fine: dict[str, list[str]] = {}
        for item in listed:
            if item.verdict == "fine" and item.kind in {"field", "filter"}:
                fine.setdefault(item.kind, []).append(item.name)
            else:
                certainty = f" ({item.certainty})" if item.certainty != "seen" else ""
                what = item.name if item.kind in {"call", "path"} else f"{item.kind} {item.name}"
                made.add_row(_verdict(item), name, Text(f"{what}{certainty}"), Text(item.detail))
        for kind, names in fine.items():
            made.add_row(Text("fine", style="green"), name, f"{kind}s", Text(", ".join(names)))
    return made


def sentence(checkup: "Checkup") -> str:
    """How the API stands, in one sentence."""
    number = len(checkup.findings)
    unknown = sum(item.verdict == "unknown" for item in checkup.items)
    if number:
        return f"{number} {'finding' if number == 1 else 'findings'}; {unknown} items cannot be verified."
    return f"All that can be verified is fine; {unknown} items cannot be."


_CONTRACT = ("path", "call", "field", "filter")


def _section(items: Iterable[Result], kinds: tuple[str, ...], say: Callable[..., None]) -> None:
    for item in items:
        if item.kind in kinds:
            line = _verdict(item)
            line.pad_right(9 - len(line))
            certainty = f" ({item.certainty}: {item.source})" if item.kind == "behaviour" else ""
            line.append(f"{item.name}: {item.detail}{certainty}", style="default not bold")
            say(line, soft_wrap=True)


def _verdict(item: Result) -> Text:
    return Text(item.verdict.value, style=_STYLES[item.verdict.value])
