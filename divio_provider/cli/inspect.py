"""`divio-estate inspect SLUG`: an estate that exists, seen with nothing but a token. It only reads."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from divio_provider.cli.exit_codes import FOUND, CouldNotRunError
from divio_provider.estate.declaration.spec import ENVIRONMENTS
from divio_provider.estate.health.inspection import Inspection, inspection
from divio_provider.estate.health.status import Row

if TYPE_CHECKING:
    from divio_provider.api.client import Divio


def inspect(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="The original's slug; a mirror's leads to its original.")],
    stack: Annotated[str | None, typer.Option(metavar="S", help="Take address and token from this stack.")] = None,
    api_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Where Divio is, without a stack.", show_default="api.divio.com")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show an estate as it is on Divio, without any declaration: its sites, and what is not as it should be.

    Exit 0: nothing is amiss; 1: there are findings; 2: it could not run.
    """
    # Here, not above: the client takes its time to import, and the other verbs need none of it.
    from divio_provider.api.client import Divio  # noqa: PLC0415
    from divio_provider.api.errors import DivioError  # noqa: PLC0415
    from divio_provider.cli.progress import Progress  # noqa: PLC0415
    from divio_provider.cli.stack_settings import stack_or_environment  # noqa: PLC0415
    from divio_provider.resources.host.configuration import explained  # noqa: PLC0415
    from divio_provider.resources.reader.estate import Remembered, observe  # noqa: PLC0415

    divio = Divio(replace(stack_or_environment(stack, api_url).divio.settings, read_only=True))
    try:
        original = _original(divio, slug)
        if original != slug and not as_json:
            typer.echo(f"{slug} is a mirror of {original}, so {original} is inspected.", err=True)
        with Progress("asking Divio") as progress:
            known = observe(divio, original, (), ENVIRONMENTS, Remembered(), progress.told)
    except DivioError as error:
        raise CouldNotRunError(explained(error)) from None
    found = inspection(known, original)
    now = divio.server_date or datetime.now(UTC)
    if as_json:
        released = known.released_at.isoformat() if known.released_at else None
        about = {"asked": slug, "original": original, "api_url": divio.settings.api_url, "released_at": released}
        typer.echo(json.dumps({**about, **_as_data(found)}, indent=2, ensure_ascii=False))
    else:
        from divio_provider.cli.inspect_table import show  # noqa: PLC0415

        show(found, now, divio.settings.api_url)
    if found.faults:
        raise typer.Exit(FOUND)


def _original(divio: "Divio", slug: str) -> str:
    """The slug of the original that is meant. Raises DivioError, CouldNotRunError."""
    from divio_provider.api.endpoints.resolve import resolve  # noqa: PLC0415

    listed = {item.uuid: item for item in divio.applications.list()}
    meant = listed[resolve("application", slug, ((item.uuid, [item.slug]) for item in listed.values()))]
    relation = divio.mirrors.relation(meant)
    if not isinstance(relation, str):
        return meant.slug
    if relation not in listed:
        raise CouldNotRunError(
            f"{meant.slug} is a mirror of an application (uuid {relation}) that the token's account does not see; "
            "inspect it with a token whose account does"
        )
    return listed[relation].slug


def _as_data(found: Inspection) -> dict[str, Any]:
    return {
        "sites": [_site(row) for row in found.rows],
        "findings": [asdict(fault) for fault in found.faults],
        "notes": list(found.notes),
    }


def _site(row: Row) -> Mapping[str, Any]:
    shown: dict[str, Any] = {"site": row.site, "role": row.role, "site_id": row.site_id}
    for name, there in row.environments.items():
        shown[name] = there and {**asdict(there), "at": there.at.isoformat() if there.at else None}
    return shown
