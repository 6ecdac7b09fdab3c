"""`divio-estate status`: how every site of an estate stands on Divio. It writes nothing, to Divio or to a stack."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from divio_provider.api.client import Divio
from divio_provider.api.errors import DivioError
from divio_provider.cli import stack_state
from divio_provider.cli.console import printed, progress, table_with
from divio_provider.cli.exit_codes import FOUND, CouldNotRunError
from divio_provider.cli.stack_option import ApiUrl, StackSettings, stack_or_environment
from divio_provider.cli.text_files import DEFAULT, text_of
from divio_provider.estate.declaration.errors import SpecError
from divio_provider.estate.declaration.parser import parse
from divio_provider.estate.declaration.spec import ENVIRONMENTS, Environment, Spec
from divio_provider.estate.health.observation import ObservedEstate, StackMemory
from divio_provider.estate.health.report import EnvironmentRow, ReleaseRow, Report, Row, report
from divio_provider.resources.host.configuration import explained
from divio_provider.resources.reader.estate import observe

_STYLES = {"ok": "green", "failed": "bold red", "running": "cyan", "never": "yellow"}
_UNITS = ((timedelta(days=1), "d"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "m"))


def status(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="The estate's declaration.", show_default=str(DEFAULT))
    ] = None,
    stack: Annotated[
        str | None,
        typer.Option(
            metavar="S", help="Take address, token, file and SITE_IDs from this stack, and what is unfinished."
        ),
    ] = None,
    api_url: ApiUrl = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read what each environment was deployed with: a call more for each.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show every site with its SITE_ID, its last deployments, and whether these are current and in sync.

    Without a stack, the token comes from DIVIO_TOKEN or from the netrc entry of the API's host.
    """
    settings = stack_or_environment(stack, api_url)
    spec = _declared(file or settings.file, settings.values)
    environments = [name for name in ENVIRONMENTS if name in settings.manage] or list(ENVIRONMENTS)
    divio = Divio(replace(settings.divio.settings, read_only=True))
    try:
        memory = _memory(stack, settings, spec)
        with progress("asking Divio") as told:
            estate = observe(
                divio, spec.original.slug, environments, told, declared=spec.slugs, memory=memory, deep=deep
            )
    except DivioError as error:
        raise CouldNotRunError(explained(error)) from None
    today = (divio.server_date or datetime.now(UTC)).date()
    found = report(estate, spec.original.slug, environments, spec, today)
    about = {"file": str(file or settings.file), "stack": stack, "deep": deep, "until": settings.until}
    tell(divio, estate, found, environments, about, as_json=as_json)


def _declared(file: Path, values: Mapping[str, str]) -> Spec:
    """The declaration, its release as the stack's configuration names it where the file leaves that to it."""
    try:
        spec = parse(text_of(file), str(file))
    except SpecError as error:
        raise CouldNotRunError(str(error)) from None
    name = values.get(spec.release.name.config) if spec.release and not isinstance(spec.release.name, str) else None
    return spec.with_release(name) if name else spec


def _memory(stack: str | None, settings: StackSettings, spec: Spec) -> StackMemory:
    if stack is None:
        return StackMemory()
    state = stack_state.exported(stack)
    owner = stack_state.exported(settings.sites_stack) if settings.sites_stack else state
    return stack_state.memory_of(state, owner, spec.original.slug)


def tell(
    divio: Divio,
    estate: ObservedEstate,
    found: Report,
    environments: Sequence[Environment],
    about: Mapping[str, Any],
    *,
    as_json: bool,
) -> None:
    """Print a report, after what it is `about` where it is one JSON object, and exit with 1 where there are findings."""
    now = divio.server_date or datetime.now(UTC)
    if as_json:
        release = found.release
        data = {
            **about,
            "api_url": divio.settings.api_url,
            "released_at": estate.released_at.isoformat() if estate.released_at else None,
            "release": release and {"name": release.name, "phase": release.phase, **dict(release.running)},
            "sites": [_site(row, now.date()) for row in found.rows],
            "findings": [asdict(one) for one in found.findings],
            "notes": [asdict(one) for one in found.notes],
        }
        typer.echo(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        show(found, environments, now, divio.settings.api_url, about.get("until"))
    if found.findings:
        raise typer.Exit(FOUND)


def _site(row: Row, today: date) -> Mapping[str, Any]:
    found: dict[str, Any] = {"site": row.site, "role": row.role, "site_id": row.site_id, "exists": row.exists}
    found["unfinished"] = list(row.unfinished)
    found["hold"] = row.hold and {**row.hold.model_dump(mode="json"), "over": row.hold.over(today)}
    for name, shown in row.environments.items():
        found[name] = shown and {**asdict(shown), "at": shown.at.isoformat() if shown.at else None}
    return found


def show(
    found: Report, environments: Sequence[Environment], now: datetime, api_url: str, until: str | None = None
) -> None:
    """Print which estate it is, its rows as a table, every finding and note, and how it stands in one sentence.

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
        told: set[str] = set()  # what helps is said once
        for one in found.findings:
            console.print(Text(str(one) if one.remedy in told else one.sentence, style="yellow"), soft_wrap=True)
            told.add(one.remedy)
        for one in found.notes:
            console.print(Text(f"Note: {one}.", style="dim"), soft_wrap=True)
        console.print(Text(sentence(found)), soft_wrap=True)


def title(found: Report) -> str:
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


def site_ids(row: Row) -> str:
    """A site's `SITE_ID` as a cell of the table: each environment's where they differ, and the deployed one where that does.

    >>> there = EnvironmentRow("ok", site_id="3", deployed_site_id="2")
    >>> site_ids(Row("shop", "mirror", 3, True, {"test": there, "live": None}))
    '3 (deployed: 2)'
    """
    said = [
        (one.site_id or ("none" if row.site_id is None else str(row.site_id)))
        + (f" (deployed: {one.deployed_site_id})" if one.deployed_site_id not in (None, one.site_id) else "")
        for one in row.environments.values()
        if one is not None
    ]
    return ", ".join(dict.fromkeys(said)) or ("?" if row.site_id is None else str(row.site_id))


def table(found: Report, environments: Sequence[Environment], now: datetime) -> Table:
    """The rows as a table; `now` is Divio's time."""
    made = table_with("Site", "SITE_ID", *(environment.capitalize() for environment in environments))
    made.columns[1].justify = "right"
    for row in found.rows:
        name = Text(row.site, style="dim" if row.role == "foreign" else "bold")
        if row.role == "foreign":
            name.append(" (foreign)", style="dim not bold")
        made.add_row(name, site_ids(row), *(_cell(row, row.environments.get(name), now) for name in environments))
    return made


def sentence(found: Report) -> str:
    """How the estate stands, in one sentence."""
    number = len(found.findings)
    if number:
        return f"{number} {'finding' if number == 1 else 'findings'}."
    declared = [row for row in found.rows if row.role != "foreign"]
    shown = [environment for row in declared for environment in row.environments.values() if environment is not None]
    running = sum(environment.result == "running" for environment in shown)
    if running:
        return f"{running} {'deployment is' if running == 1 else 'deployments are'} running; nothing is wrong."
    how = "deployed, current and in sync"
    if any(environment.in_sync is None for environment in shown if environment.result != "never"):
        how = "deployed, current, and in sync as far as shown"
    held = sum(row.hold is not None for row in declared)
    others = len(declared) - held
    if len(declared) == 1:
        return f"The only site is {how.replace(', current,', '').replace(', current', '')}."
    if not held:
        return f"{'Both' if others == 2 else f'All {others}'} sites are {how}."
    rest = "the other is" if others == 1 else f"the other {others} are"
    return f"{held} {'site is' if held == 1 else 'sites are'} on hold; {rest} {how}."


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
    parts: list[tuple[str, str]] = [(shown.result, _STYLES[shown.result])]
    parts += [(f" {ago(shown.at, now)}", "")] if shown.at is not None else []
    for state, good, bad in ((shown.current, "current", "behind"), (shown.in_sync, "in sync", "not in sync")):
        parts += [(", ", ""), (good, "") if state else (bad, "yellow")] if state is not None else []
    parts += [(", ", ""), ("on hold", "yellow")] if row.hold is not None else []
    return Text.assemble(*parts)
