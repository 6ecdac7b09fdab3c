"""What people read when a provider fails: one sentence, for an unexpected error with its place, and never a secret.

The text of another library's exception may quote the value that it cannot read (`int()` does), and a traceback prints the
texts of all causes. So both are masked like a deployment's log.
"""

import os
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

from divio_provider.api.errors import DivioError
from divio_provider.resources.host.configuration import DEBUG, explained
from divio_provider.resources.host.redaction import redact
from divio_provider.resources.host.repeated_errors import THIS_RUN, Cause

_SECRET_PARTS = frozenset({"shared_values", "credentials"})
"""Properties of our resources that are secret at any depth; of `variables` those are that `sensitive` names."""

_FRAMES = 50
_OURS = Path(__file__).parents[2]
_Verb = TypeVar("_Verb", bound=Callable[..., Any])


class Failed(Exception):
    """What a user reads when a resource could not do its work: one sentence or a line per site, never a secret.

    Args:
        text: what a user reads.
        cause: a few words for it where it hits several resources alike; a run then tells `text` once.
    """

    def __init__(self, text: str, *, cause: str = "") -> None:
        super().__init__(text)
        self.cause = cause


# The provider's process prints an exception as "module.Class: text", and the CLI puts "error: " before it. A class of
# builtins has no module to print; so users read "error: divio: …".
Failed.__module__ = "builtins"
Failed.__qualname__ = "divio"


def reported(verb: _Verb) -> _Verb:
    """Make a provider's verb raise nothing but `Failed`: no chain of causes that a traceback would print, no secret.

    A run reports a cause that hits many resources once in full. Afterwards a `read` returns what the state holds, since
    the run has failed already; any other verb fails with a few words.
    """

    @wraps(verb)
    def wrapper(provider: Any, *args: Any) -> Any:
        is_read = verb.__name__ == "read"
        if is_read and THIS_RUN.got_no_answer():
            return provider.stored(*args)
        try:
            return verb(provider, *args)
        except Exception as error:  # noqa: BLE001 - whatever it is, its text may hold a secret
            text, cause = _message_and_cause(error, args, provider)
            if cause is None or THIS_RUN.is_new(cause):
                raise Failed(text) from None
            if is_read:
                return provider.stored(*args)
            raise Failed(f"as above: {cause.words}") from None

    return cast(_Verb, wrapper)


def _message_and_cause(error: Exception, props: Iterable[object], provider: Any) -> tuple[str, Cause | None]:
    """What a user reads of an error, and its cause; None: no other resource can have the same."""
    if isinstance(error, Failed):
        return str(error), Cause(error.cause, error.cause) if error.cause else None
    if isinstance(error, DivioError):
        return explained(error), Cause.of(error)
    configuration = getattr(provider, "configuration", None)  # not there before it is configured
    text = _crash(error, props, configuration.settings.token if configuration is not None else None)
    return text, Cause(text, f"{type(error).__name__}{_place(error)}")


def _crash(error: Exception, props: Iterable[object], token: str | None) -> str:
    """A sentence about `error`, with its traceback if `DIVIO_DEBUG` is set.

    `props` are the verb's arguments; what they hold in secret is masked, and so is the `token`.

    >>> props = {"variables": {"A": "plain", "B": "s3cret"}, "sensitive": ["B"], "credentials": "ada:hunter2"}
    >>> _crash(ValueError("plain, s3cret, hunter2, t0ken"), [props], "t0ken").partition(". Please report it")[0]
    'failed with an unexpected error: ValueError: plain, [secret], [secret], [secret]'
    """
    told = str(error)
    sentence = f"failed with an unexpected error{_place(error)}: {type(error).__name__}{': ' if told else ''}{told}"
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
                # Without that list, each of them may be secret.
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
