"""The provider's own configuration: the namespace `divio` of a stack, and the environment of the CLI."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from divio_provider.api.errors import DivioError
from divio_provider.api.settings import Settings, find_token

DEBUG = "DIVIO_DEBUG"
"""Set in the environment: tracebacks are shown."""

NAMESPACE = "divio"
_KEYS = ("token", "apiUrl", "requestsPerSecond", "mirrors", "domains", "readOnly", "account", "allowDelete", "audit")


@dataclass(frozen=True)
class Configuration:
    """What a stack says about how to talk to Divio.

    `allow_delete` are slugs of adopted applications that may be deleted.
    """

    settings: Settings
    allow_delete: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def read(cls, get: Callable[[str], str | None], environ: Mapping[str, str], stack: str = "") -> "Configuration":
        """Read it; `get` answers a configuration key such as `divio:apiUrl`. A missing token is no error here.

        `stack` is the stack's name for the audit; where it is empty, `PULUMI_STACK` is used.

        A refresh sees the configuration as of the last `up`, the environment as it is: so the environment wins.
        """
        values = {key: (get(f"{NAMESPACE}:{key}") or "").strip() for key in _KEYS}
        api_url = values["apiUrl"] or "https://api.divio.com"
        token = find_token(environ, values["token"], api_url, values["account"] or None)
        allowed = environ.get("DIVIO_ALLOW_DELETE") or values["allowDelete"]
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
            allow_delete=frozenset(slug.strip(' "[]') for slug in allowed.split(",") if slug.strip(' "[]')),
        )


_SETTINGS = {
    "token": "For a stack: `pulumi config set --secret {}`.",
    "api_url": "The address is set by {}.",
    "requests_per_second": "The rate is set by {}.",
    "read_only": "Unset {} to let the program write to Divio.",
    "mirrors": "How mirrors are made is set by {}.",
    "domains": "Who writes domains is set by {}.",
    "audit": "The file is set by {}.",
}
_KEY_OF = {"api_url": "apiUrl", "requests_per_second": "requestsPerSecond", "read_only": "readOnly"}


def explained(error: Exception) -> str:
    """What a user reads of an error: its text, and the configuration key of the client's setting that it is about.

    >>> explained(DivioError("the host's name is not known", setting="api_url"))
    "the host's name is not known. The address is set by divio:apiUrl."
    """
    text, setting = str(error), error.setting if isinstance(error, DivioError) else ""
    if not setting:
        return text
    where = _SETTINGS[setting].format(f"{NAMESPACE}:{_KEY_OF.get(setting, setting)}")
    return f"{text}{'' if text.endswith(('.', '!', '?')) else '.'} {where}"


def _rate(text: str) -> float:
    try:
        rate = float(text or 10)
    except ValueError:
        rate = 0.0
    if not 0 < rate < 1e6:
        raise ValueError(f'divio:requestsPerSecond is "{text}", but must be a number greater than 0, for example 10')
    return rate
