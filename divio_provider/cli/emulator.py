"""`divio-estate emulator`: the local Divio."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from divio_provider.cli.exit_codes import CouldNotRunError, missing_extra


def emulator(
    port: Annotated[int, typer.Option(help="The port to answer on; 0 takes any free one.")] = 8100,
    host: Annotated[str, typer.Option(help="The address to answer on.")] = "127.0.0.1",
    data: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep the world in this file. Without it, it ends with the process."),
    ] = None,
    latency: Annotated[float, typer.Option(metavar="MS", help="Hold every answer back so many milliseconds.")] = 0,
    deploy_seconds: Annotated[float, typer.Option(metavar="S", help="How long a deployment takes.")] = 2,
    rate_limit: Annotated[
        str | None, typer.Option(metavar="N/s", help="Answer 429 to more requests a second than these.")
    ] = None,
    mirrors: Annotated[
        str, typer.Option(metavar="field:NAME|action:PATH|none", help="How mirrors can be made through the API.")
    ] = "field:mirror_of",
    token: Annotated[str, typer.Option(help="The token of the one account.")] = "demo-token",  # noqa: S107 - a toy's
    page_size: Annotated[int, typer.Option(metavar="N", help="Items on a page of a list.")] = 100,
    switch: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="How it behaves where Divio's behaviour is unknown, such as built_ins=listed; may be repeated. "
            "GET /_emulator/switches shows them all.",
        ),
    ] = None,
) -> None:
    """Run a local Divio, for demonstrations and tests. It prints one line when it answers; its log goes to stderr."""
    try:
        # Here, not above: the other commands work without the extra `emulator`.
        from divio_provider.emulator.server.process import run  # noqa: PLC0415
        from divio_provider.emulator.settings import BadFlag, settings  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise CouldNotRunError(missing_extra("The local Divio", error, "emulator")) from error
    try:
        run(
            settings(
                host=host,
                port=port,
                data=data,
                latency=latency,
                deploy_seconds=deploy_seconds,
                rate_limit=rate_limit,
                mirrors=mirrors,
                token=token,
                page_size=page_size,
                switch=switch or (),
            )
        )
    except BadFlag as error:
        raise CouldNotRunError(str(error)) from error
