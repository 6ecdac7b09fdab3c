"""`divio-estate`: the program behind the verbs.

Exit codes: 0 fine, 1 it found something, 2 it could not run (wrong usage included). What a person did wrong is
answered by a sentence on stderr, never by a traceback.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from divio_provider.cli.exit_codes import COULD_NOT_RUN, CouldNotRunError, missing_extra

if TYPE_CHECKING:
    import typer

VERBS = ("validate", "pin", "schema", "status", "doctor", "inspect", "emulator")
"""Modules of this package. Each has a function of its own name, whose arguments are the verb's."""


def main() -> None:
    """Run the command line and exit."""
    try:
        # The one verb that is asked for: the client takes its time to import, and not every verb needs it.
        app = commands([verb for verb in VERBS if verb in sys.argv[1:2]] or VERBS)
    except ModuleNotFoundError as error:
        if str(error.name).startswith("divio_provider"):
            raise
        sys.exit(_print_error(missing_extra("divio-estate", error, "cli")))
    try:
        app(prog_name="divio-estate")
    except CouldNotRunError as error:
        sys.exit(_print_error(str(error)))


def commands(verbs: Sequence[str]) -> "typer.Typer":
    """The program with these verbs. Raises ModuleNotFoundError where the extra `cli` is not installed."""
    import typer  # noqa: PLC0415 - a missing extra must be told in a sentence

    app = typer.Typer(
        help="Looks after an estate on Divio: one original application and its mirrors.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    # Without a callback, typer would take the only verb for the program itself.
    app.callback()(lambda: None)
    for verb in verbs:
        app.command(verb)(getattr(import_module(f"divio_provider.cli.{verb}"), verb))
    return app


def _print_error(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return COULD_NOT_RUN


if __name__ == "__main__":
    main()
