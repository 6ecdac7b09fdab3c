"""An inspected estate as a person reads it."""

from datetime import datetime

from rich.text import Text

from divio_provider.cli.console import printed
from divio_provider.cli.status_table import table, title
from divio_provider.estate.declaration.spec import ENVIRONMENTS
from divio_provider.estate.health.inspection import InspectedEnvironment, Inspection
from divio_provider.estate.health.status import Row, Status


def show(found: Inspection, now: datetime, api_url: str) -> None:
    """Print the sites as a table, a line for each fault, what could not be told, and how it stands in one sentence."""
    rows = Status(found.rows, ())
    with printed() as console:
        console.print(Text(f"{title(rows)} on {api_url}\n"), soft_wrap=True)
        console.print(table(rows, ENVIRONMENTS, now, site_id))
        console.print()
        for fault in found.faults:
            console.print(Text(str(fault), style="yellow"), soft_wrap=True)
        for note in found.notes:
            console.print(Text(f"Note: {note}.", style="dim"), soft_wrap=True)
        number = len(found.faults)
        said = f"{number} {'finding' if number == 1 else 'findings'}." if number else "Nothing is amiss."
        console.print(Text(said), soft_wrap=True)


def site_id(row: Row) -> str:
    """The `SITE_ID`s of a site as set, and as deployed where that differs.

    >>> there = InspectedEnvironment("ok", site_id="3", deployed_site_id="2")
    >>> site_id(Row("shop", "mirror", 3, True, {"test": there, "live": None}))
    '3 (deployed: 2)'
    """
    there = [one for one in row.environments.values() if isinstance(one, InspectedEnvironment)]
    shown = [_said(one, row) for one in there]
    return ", ".join(dict.fromkeys(shown)) or "?"


def _said(one: InspectedEnvironment, row: Row) -> str:
    deployed = one.deployed_site_id
    # The original needs none: without it, it is site 1.
    differs = one.result != "never" and deployed != one.site_id and not (row.role == "original" and deployed is None)
    also = f" (deployed: {deployed or 'none'})" if differs else ""
    return f"{one.site_id or 'none'}{also}"
