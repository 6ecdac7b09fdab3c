"""The provider's own configuration: the namespace `divio` of a stack, and the environment of the CLI."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from divio_provider.api.errors import DivioError
from divio_provider.api.settings import Settings, find_token

DEBUG = "DIVIO_DEBUG"
"""Set in the environment: tracebacks are shown."""

ALLOW_DELETE = "DIVIO_ALLOW_DELETE"
"""Names, in the environment of one run, what may be deleted: slugs, `site-ids`, or `all`."""
FORGET = "DIVIO_FORGET"
"""The same for what is dropped from the state, while Divio keeps it."""
TAKE_OVER = "DIVIO_TAKE_OVER"
"""The same for sites that exist on Divio and differ: what is declared wins."""
ALL = "all"

NAMESPACE = "divio"
_KEYS = ("token", "apiUrl", "requestsPerSecond", "mirrors", "domains", "readOnly", "account", "deleted", "audit")


@dataclass(frozen=True)
class Configuration:
    """What a stack says about how to talk to Divio.

    `deleted` are slugs of applications that a person deleted, although Divio may only hide them. `forgotten` and
    `may_delete` are what this run may drop from the state, or delete, although it is not retired; `taken_over` the sites
    that it may change although they were deployed before this state knew them.
    """

    settings: Settings
    deleted: frozenset[str] = frozenset()
    forgotten: frozenset[str] = frozenset()
    may_delete: frozenset[str] = frozenset()
    taken_over: frozenset[str] = frozenset()

    @classmethod
    def read(cls, get: Callable[[str], str | None], environ: Mapping[str, str], stack: str = "") -> "Configuration":
        """Read it; `get` answers a configuration key such as `divio:apiUrl`. A missing token is no error here.

        `stack` is the stack's name for the audit; where it is empty, `PULUMI_STACK` is used.

        A refresh sees the configuration as of the last `up`, the environment as it is: so the environment wins.
        """
        values = {key: (get(f"{NAMESPACE}:{key}") or "").strip() for key in _KEYS}
        api_url = values["apiUrl"] or "https://api.divio.com"
        token = find_token(environ, values["token"], api_url, values["account"] or None)
        return cls(
            settings=Settings(
                token=token,
                api_url=api_url,
                requests_per_second=_rate(values["requestsPerSecond"]),
                read_only=values["readOnly"].lower() == "true",
                mirrors=values["mirrors"] or "auto",
                domains=values["domains"] or "auto",
                audit=values["audit"],
                stack=stack or environ.get("PULUMI_STACK", ""),
            ),
            deleted=slugs(environ.get("DIVIO_DELETED") or values["deleted"]),
            forgotten=slugs(environ.get(FORGET, "")),
            may_delete=slugs(environ.get(ALLOW_DELETE, "")),
            taken_over=slugs(environ.get(TAKE_OVER, "")),
        )


def slugs(text: str) -> frozenset[str]:
    """The words of a list in the environment or the configuration.

    >>> sorted(slugs('["acme-shop", "acme-news"]')), sorted(slugs(" all, ,"))
    (['acme-news', 'acme-shop'], ['all'])
    """
    return frozenset(word.strip(' "[]') for word in text.split(",")) - {""}


def includes(words: frozenset[str], name: str) -> bool:
    """Whether a list names something, by itself or by `all`.

    >>> includes(slugs("acme-shop"), "acme-shop"), includes(slugs("all"), "acme-shop"), includes(slugs(""), "acme-shop")
    (True, True, False)
    """
    return not words.isdisjoint({ALL, name})


_KEY_OF = {"api_url": "apiUrl", "requests_per_second": "requestsPerSecond", "read_only": "readOnly"}


def explained(error: Exception) -> str:
    """What a user reads of an error: its text, and the configuration key of the client's setting that it is about.

    >>> explained(DivioError("the host's name is not known", setting="api_url"))
    "the host's name is not known. The setting is divio:apiUrl."
    """
    text, setting = str(error), error.setting if isinstance(error, DivioError) else ""
    if not setting:
        return text
    key = f"{NAMESPACE}:{_KEY_OF.get(setting, setting)}"
    way = f"For a stack: `pulumi config set --secret {key}`." if setting == "token" else f"The setting is {key}."
    return f"{text}{'' if text.endswith(('.', '!', '?')) else '.'} {way}"


def _rate(text: str) -> float:
    try:
        rate = float(text or 10)
    except ValueError:
        rate = 0.0
    if not 0 < rate < 1e6:
        raise ValueError(f'divio:requestsPerSecond is "{text}", but must be a number greater than 0, for example 10')
    return rate
