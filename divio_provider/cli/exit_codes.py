"""How a command ends: 0 fine, 1 it found something, 2 it could not run."""

FINE = 0
FOUND = 1
COULD_NOT_RUN = 2


class CouldNotRunError(Exception):
    """The command cannot do its work. Its text is for the person who typed it; `app.main` prints it and exits 2."""


def missing_extra(who: str, error: ModuleNotFoundError, extra: str) -> str:
    """What a person reads where an extra of the package is not installed: who cannot do without what, and what helps."""
    return f"{who} needs {error.name}: pip install 'divio-provider[{extra}]'"
