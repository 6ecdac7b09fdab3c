"""Files of text, an estate's declaration above all: found, read, and written without ever being half there."""

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from divio_provider.cli.exit_codes import CouldNotRunError

DEFAULT = Path("stacks/estate.yaml")

EstateFile = Annotated[Path, typer.Argument(metavar="FILE", help="The estate's declaration.")]
"""The argument that most verbs take."""


def text_of(path: Path, hint: str = "name the estate's file") -> str:
    """A file's text, line ends untouched. Raises CouldNotRunError; `hint` is what helps where there is no such file."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        hint = "run this where Pulumi.yaml is, or name the file" if path == DEFAULT else hint
        raise CouldNotRunError(f"{path}: there is no such file; {hint}") from None
    except UnicodeDecodeError as error:
        raise CouldNotRunError(f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise CouldNotRunError(f"{path}: cannot be read: {error.strerror}") from None


def replace_text(path: Path, text: str) -> None:
    """Write a file beside the old one and put it in its place in one step. Raises CouldNotRunError."""
    # A link stays a link: what it leads to is replaced.
    target = path.resolve()
    beside = None
    try:
        mode = target.stat().st_mode if target.exists() else 0o644
        with tempfile.NamedTemporaryFile("wb", dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
            beside = Path(file.name)
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(mode & 0o777)
        beside.replace(target)
    except OSError as error:
        if beside is not None:
            beside.unlink(missing_ok=True)
        raise CouldNotRunError(f"{path}: cannot be written: {error.strerror}") from None
