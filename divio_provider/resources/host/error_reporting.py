"""What people read when a provider stops: a sentence, for a reason that nobody foresaw also where, and no secret in it.

The text of a foreign exception may quote what it choked on (`int()` does), and a traceback prints the texts of all its
causes. So both go through the same mask as a deployment's log.
"""

import os
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from divio_provider.api.errors import DivioError
from divio_provider.resources.host.configuration import explained
from divio_provider.resources.host.redaction import redact

DEBUG = "DIVIO_DEBUG"
"""Set in the environment: tracebacks are shown."""

_SECRET_PARTS = frozenset({"shared_values", "credentials"})
"""Properties of our resources that are secret at any depth; of `variables` those are that `sensitive` names."""

_FRAMES = 50
_OURS = Path(__file__).parents[2]
_P = ParamSpec("_P")
_R = TypeVar("_R")


class Failed(Exception):
    """What a user reads when a resource could not do its work: one sentence or a line per site, never a secret."""


# The provider's process prints an exception as "module.Class: text", and the CLI puts "error: " before it. A class of
# builtins has no module to print; so users read "error: divio: …".
Failed.__module__ = "builtins"
Failed.__qualname__ = "divio"


def reported(verb: Callable[_P, _R]) -> Callable[_P, _R]:
    """Turn errors into what a user reads, without the chain of causes a traceback would print, and without secrets."""

    @wraps(verb)
    def wrapper(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return verb(*args, **kwargs)
        except Failed:
            raise
        except DivioError as error:
            raise Failed(explained(error)) from None
        except Exception as error:  # noqa: BLE001 - whatever it is, its text may hold a secret
            raise Failed(_crash(error, args, _token_of(args[0]))) from None

    return wrapper


def _crash(error: Exception, props: Iterable[object], token: str | None) -> str:
    """A sentence about `error`, with its traceback if `DIVIO_DEBUG` is set.

    `props` are the verb's arguments; what they hold in secret is masked, and so is the `token`.

    >>> props = {"variables": {"A": "plain", "B": "s3cret"}, "sensitive": ["B"], "credentials": "ada:hunter2"}
    >>> _crash(ValueError("plain, s3cret, hunter2, t0ken"), [props], "t0ken").partition(". Please report it")[0]
    'stopped by an error of its own: ValueError: plain, [secret], [secret], [secret]'
    """
    told = str(error)
    sentence = f"stopped by an error of its own{_place(error)}: {type(error).__name__}{': ' if told else ''}{told}"
    if os.environ.get(DEBUG):
        text = f"{sentence}\n{''.join(traceback.format_exception(error))}"
    else:
        text = f"{sentence}. Please report it; {DEBUG}=1 shows a traceback"
    return redact(text, [token, *(secret for given in props for secret in _secrets(given))])


def _place(error: Exception) -> str:
    # A limit of its own: where tracebacks are switched off, none are extracted either.
    frames = traceback.extract_tb(error.__traceback__, limit=-_FRAMES)
    ours = [frame for frame in frames if _OURS in Path(frame.filename).parents] or frames
    return f" ({Path(ours[-1].filename).name}, line {ours[-1].lineno})" if ours else ""


def _secrets(value: object, *, inside: bool = False) -> Iterator[str]:
    if isinstance(value, Mapping):
        named = value.get("sensitive")
        for name, part in value.items():
            if name == "variables" and isinstance(part, Mapping):
                # Where nobody says which are, all of them may be.
                known = named if isinstance(named, list) else list(part)
                yield from _secrets([part[one] for one in known if one in part], inside=True)
            else:
                yield from _secrets(part, inside=inside or name in _SECRET_PARTS)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _secrets(part, inside=inside)
    elif inside and isinstance(value, str):
        # Of user:password, a program may quote the second alone.
        yield from (value, value.partition(":")[2])


def _token_of(provider: Any) -> str | None:
    """The token that a provider works with; None before it is configured."""
    configuration = getattr(provider, "configuration", None)
    return configuration.settings.token if configuration is not None else None
