"""The table of sites as a person reads it."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from rich import box
from rich.table import Table
from rich.text import Text

from divio_provider.cli.console import printed
from divio_provider.estate.declaration.spec import Environment
from divio_provider.estate.health.status import EnvironmentRow, ReleaseRow, Row, Status

_STYLES = {"ok": "green", "failed": "bold red", "running": "cyan", "never": "yellow"}
_UNITS = ((timedelta(days=1), "d"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "m"))


def show(
    found: Status, environments: Sequence[Environment], now: datetime, api_url: str, until: str | None = None
) -> None:
    """Print which estate it is, its rows as a table, a line for each hold and finding, and how it stands in one sentence.

    `until` is the wave that a rollout stops after.
    """
    with printed() as console:
        console.print(Text(f"{title(found)} on {api_url}"), soft_wrap=True)
        if found.release is not None:
            console.print(Text(release(found.release)), soft_wrap=True)
        if until is not None:
            console.print(Text(f"until is {until}: later waves wait; to go on: pulumi config rm until"), soft_wrap=True)
        console.print()
        console.print(table(found, environments, now))
        console.print()
        for row in found.rows:
            if row.hold is not None and not any(one.site == row.site and one.kind == "hold" for one in found.findings):
                console.print(Text(f"{row.site}: on hold: {row.hold.said}"), soft_wrap=True)
        for finding in found.findings:
            console.print(Text(str(finding), style="yellow"), soft_wrap=True)
        console.print(Text(sentence(found)), soft_wrap=True)


def title(found: Status) -> str:
    """Which estate it is."""
    original = next(row.site for row in found.rows if row.role == "original")
    mirrors = sum(row.role == "mirror" for row in found.rows)
    return f"{original} and {mirrors} {'mirror' if mirrors == 1 else 'mirrors'}"


def release(declared: ReleaseRow) -> str:
    """The declared release and where it is.

    >>> release(ReleaseRow("2026-11", "contract", {"test": "2026-11", "live": "2026-10"}))
    "release 2026-11 (contract): on the original's Test, not yet on Live (2026-10)"
    >>> release(ReleaseRow("2026-11", "expand", {"test": "2026-11", "live": "2026-11"}))
    "release 2026-11 (expand): on the original's Test and Live"
    """
    there = [name.capitalize() for name, running in declared.running.items() if running == declared.name]
    lacking = {name: running for name, running in declared.running.items() if running != declared.name}
    missing = [f"{name.capitalize()} ({running or 'none'})" for name, running in lacking.items()]
    places = [f"on the original's {' and '.join(there)}"] if there else []
    if missing:
        whose = "" if there else "the original's "
        places.append(f"not yet on {whose}{' and '.join(missing)}")
    return f"release {declared.name} ({declared.phase}): {', '.join(places)}"


def registered(row: Row) -> str:
    """A site's `SITE_ID` as a cell of the table."""
    return "?" if row.site_id is None else str(row.site_id)


def table(
    found: Status, environments: Sequence[Environment], now: datetime, site_id: Callable[[Row], str] = registered
) -> Table:
    """The rows as a table; `now` is Divio's time, `site_id` tells that cell of a row."""
    made = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    made.add_column("Site", overflow="fold")
    made.add_column("SITE_ID", justify="right", overflow="fold")
    for environment in environments:
        made.add_column(environment.capitalize(), overflow="fold")
    for row in found.rows:
        name = Text(row.site, style="dim" if row.role == "foreign" else "bold")
        if row.role == "foreign":
            name.append(" (foreign)", style="dim not bold")
        made.add_row(name, site_id(row), *(_cell(row, row.environments.get(name), now) for name in environments))
    return made


def sentence(found: Status) -> str:
    """How the estate stands, in one sentence."""
    number = len(found.findings)
    if number:
        return f"{number} {'finding' if number == 1 else 'findings'}."
    declared = [row for row in found.rows if row.role != "foreign"]
    shown = [environment for row in declared for environment in row.environments.values() if environment is not None]
    running = sum(environment.result == "running" for environment in shown)
    if running:
        return f"{running} {'deployment is' if running == 1 else 'deployments are'} running; nothing is wrong."
    if len(declared) == 1:
        return "The only site is deployed and in sync."
    held = sum(row.hold is not None for row in declared)
    if held:
        others = len(declared) - held
        return (
            f"{held} {'site is' if held == 1 else 'sites are'} on hold; "
            f"{'the other is' if others == 1 else f'the other {others} are'} deployed, current and in sync."
        )
    number_of_them = "Both" if len(declared) == 2 else f"All {len(declared)}"
    return f"{number_of_them} sites are deployed, current and in sync."


def ago(then: datetime, now: datetime) -> str:
    """How long ago something was.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> ago(noon, noon + timedelta(seconds=7)), ago(noon, noon + timedelta(minutes=200))
    ('7s ago', '3h ago')
    """
    passed = max(now - then, timedelta())
    for unit, name in _UNITS:
        if passed >= unit:
            return f"{passed // unit}{name} ago"
    return f"{passed.seconds}s ago"


def _cell(row: Row, shown: EnvironmentRow | None, now: datetime) -> Text:
    if shown is None or shown.result == "never":
        said = "not on Divio" if shown is None else "never deployed"
        return Text("pending" if row.unfinished else said + (", on hold" if row.hold else ""), style="yellow")
    cell = Text(shown.result, style=_STYLES[shown.result])
    if shown.at is not None:
        cell.append(f" {ago(shown.at, now)}", style="default not bold")
    for state, good, bad in ((shown.current, "current", "behind"), (shown.in_sync, "in sync", "not in sync")):
        if state is not None:
            cell.append(", ", style="default not bold")
            cell.append(good if state else bad, style="default not bold" if state else "yellow")
    if row.hold is not None:
        cell.append(", ", style="default not bold")
        cell.append("on hold", style="yellow")
    return cell
