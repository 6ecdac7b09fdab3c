"""`divio-estate status`: how every site of an estate stands on Divio. It writes nothing, to Divio or to a stack."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from divio_provider.cli.estate_file import DEFAULT, text_of
from divio_provider.cli.exit_codes import FOUND, CouldNotRunError
from divio_provider.estate.declaration.errors import SpecError
from divio_provider.estate.declaration.parser import parse
from divio_provider.estate.declaration.spec import ENVIRONMENTS, Spec
from divio_provider.estate.health.status import Row, Status

if TYPE_CHECKING:
    from divio_provider.cli.stack_settings import StackSettings
    from divio_provider.resources.reader.estate import Remembered


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
    api_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Where Divio is, without a stack.", show_default="api.divio.com")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show every site with its SITE_ID, its last deployments, and whether these are current and in sync.

    Without a stack, the token comes from DIVIO_TOKEN or from the netrc entry of the API's host.
    """
    # Here, not above: the client and Pulumi take half a second to import, and the other verbs need neither.
    from divio_provider.api.client import Divio  # noqa: PLC0415
    from divio_provider.api.errors import DivioError  # noqa: PLC0415
    from divio_provider.cli.progress import Progress  # noqa: PLC0415
    from divio_provider.cli.stack_settings import stack_or_environment  # noqa: PLC0415
    from divio_provider.estate.health.status import status as status_of  # noqa: PLC0415
    from divio_provider.resources.host.configuration import explained  # noqa: PLC0415
    from divio_provider.resources.reader.estate import observe  # noqa: PLC0415

    settings = stack_or_environment(stack, api_url)
    spec = _declared(file or settings.file, settings.values)
    environments = [name for name in ENVIRONMENTS if name in settings.manage] or list(ENVIRONMENTS)
    divio = Divio(replace(settings.divio.settings, read_only=True))
    try:
        remembered = _remembered(stack, settings, spec)
        with Progress("asking Divio") as progress:
            known = observe(divio, spec.original.slug, spec.slugs, environments, remembered, progress.told)
    except DivioError as error:
        raise CouldNotRunError(explained(error)) from None
    now = divio.server_date or datetime.now(UTC)
    found = status_of(spec, known, environments, now.date())
    if as_json:
        about = {"file": str(file or settings.file), "stack": stack, "api_url": divio.settings.api_url}
        released = known.released_at.isoformat() if known.released_at else None
        data = {**about, "released_at": released, "until": settings.until, **_as_data(found, now.date())}
        typer.echo(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        from divio_provider.cli.status_table import show  # noqa: PLC0415

        show(found, environments, now, divio.settings.api_url, settings.until)
    if found.findings:
        raise typer.Exit(FOUND)


def _declared(file: Path, values: Mapping[str, str]) -> Spec:
    """The declaration, its release as the stack's configuration names it where the file leaves that to it."""
    try:
        spec = parse(text_of(file), str(file))
    except SpecError as error:
        raise CouldNotRunError(str(error)) from None
    name = values.get(spec.release.name.config) if spec.release and not isinstance(spec.release.name, str) else None
    return spec.with_release(name) if name else spec


def _remembered(stack: str | None, settings: "StackSettings", spec: Spec) -> "Remembered":
    from divio_provider.cli import stack_state  # noqa: PLC0415
    from divio_provider.resources.reader.estate import Remembered  # noqa: PLC0415

    if stack is None:
        return Remembered()
    state = stack_state.exported(stack)
    owner = stack_state.exported(settings.sites_stack) if settings.sites_stack else state
    return Remembered(
        register=stack_state.find_register(owner, spec.original.slug),
        unfinished=stack_state.unfinished_in(state),
        writes=stack_state.writes_in(state),
        release=stack_state.release_in(state, spec.original.slug),
    )


def _as_data(found: Status, today: date) -> dict[str, Any]:
    release = found.release
    return {
        "release": release and {"name": release.name, "phase": release.phase, **release.running},
        "sites": [_site(row, today) for row in found.rows],
        "findings": [asdict(finding) for finding in found.findings],
    }


def _site(row: Row, today: date) -> Mapping[str, Any]:
    found: dict[str, Any] = {"site": row.site, "role": row.role, "site_id": row.site_id, "exists": row.exists}
    found["unfinished"] = row.unfinished
    found["hold"] = row.hold and {**row.hold.model_dump(mode="json"), "over": row.hold.over(today)}
    for name, shown in row.environments.items():
        found[name] = shown and {**asdict(shown), "at": shown.at.isoformat() if shown.at else None}
    return found
