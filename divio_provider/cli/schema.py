"""`divio-estate schema`: the JSON Schema of `stacks/estate.yaml`, for editors."""

import json
from pathlib import Path
from typing import Annotated

import typer

from divio_provider.cli.text_files import replace_text
from divio_provider.estate.declaration import json_schema as estate_schema


def schema(
    write: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it there instead of printing it.")] = None,
) -> None:
    """Print the JSON Schema of an estate's declaration."""
    text = json.dumps(estate_schema.schema(), indent=2, ensure_ascii=False) + "\n"
    if write is None:
        typer.echo(text, nl=False)
    else:
        replace_text(write, text)
