"""What a client needs to know, and where the token comes from."""

from __future__ import annotations

import logging
import math
import netrc
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from divio_provider.api.errors import Misconfigured

DEFAULT_API_URL = "https://api.divio.com"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """Where Divio is, who we are, and how fast we may go. Hashable; the token shows in no ``repr``.

    Attributes:
        token: API token; None when there is none, which only the first request complains about. What Divio's
            users' scripts do is understood: a value that begins with the word ``Token`` loses it.
        api_url: address of the API without a path, ``https://api.divio.com`` unless given.
        requests_per_second: requests that leave this process in a second, 10 unless given; no limit of Divio's is
            known.
        read_only: whether every write is refused before it leaves.
        mirrors: how the API makes mirrors, as ``contract/mirrors.py`` reads it; ``auto``: its schema tells.
        domains: who writes domains, as ``contract/domains.py`` reads it; ``auto``: its schema tells.
        audit: the file that gets a line for each call that changes something (``transport/audit.py``); empty: none.
        stack: what the program calls what it works on, for the audit; empty: nothing.

    Raises:
        Misconfigured: one of them cannot work; the message names it and shows no token.

    >>> Settings(token="abc", api_url="http://127.0.0.1:8100/").api_url
    'http://127.0.0.1:8100'
    """

    token: str | None = field(repr=False)
    api_url: str = DEFAULT_API_URL
    requests_per_second: float = 10
    read_only: bool = False
    mirrors: str = "auto"
    domains: str = "auto"
    audit: str = ""
    stack: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "token", checked_token(self.token))
        object.__setattr__(self, "api_url", checked_api_url(self.api_url))
        if not (math.isfinite(self.requests_per_second) and self.requests_per_second > 0):
            message = f"requests a second must be a number above 0, not {self.requests_per_second}"
            raise Misconfigured(message, setting="requests_per_second")


def checked_token(token: str | None) -> str | None:
    """The token as it goes on the wire; None when it is unset or empty.

    Raises:
        Misconfigured: it holds what no header can carry; checked here because the HTTP library would quote it.
    """
    text = re.sub(r"^token\s+", "", (token or "").strip(), flags=re.IGNORECASE)
    if not text:
        return None
    if not re.fullmatch(r"[\x21-\x7e]+", text):
        raise Misconfigured(
            "the token holds blanks, line ends or letters that no token has",
            hint="Copy it once more from the Control Panel's page of access tokens.",
            setting="token",
        )
    return text


def checked_api_url(api_url: str) -> str:
    """The API's address without a slash at its end.

    Raises:
        Misconfigured: it is no address of a host.
    """
    text = api_url.strip().rstrip("/")
    problem = ""
    try:
        parts = urlsplit(text)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        problem = "is not an address"
    else:
        if parts.username or parts.password:
            problem = "holds a user or password; the token is a setting of its own"
        elif parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_fine:
            problem = f"is not an address of a host: {text!r}"
        elif parts.path or parts.query or parts.fragment:
            problem = f"ends with the host, without a path: {text!r}"
        else:
            return f"{parts.scheme}://{parts.netloc.lower()}"
    raise Misconfigured(f"the API's address {problem}", setting="api_url", hint=f"It looks like {DEFAULT_API_URL}.")


def find_token(
    environ: Mapping[str, str], configured: str | None, api_url: str, account: str | None = None
) -> str | None:
    """The API token, from the first place that has one; empty means unset.

    Without an account: ``DIVIO_TOKEN``, then the configured one, then the netrc entry for the API's host, where
    divio-cli keeps it. With an account: ``DIVIO_TOKEN_<ACCOUNT>``, then that account's own configured one, and
    nothing else, so that one account never works with another's rights.

    >>> find_token({"DIVIO_TOKEN": "", "HOME": "/nowhere"}, "abc", "https://api.divio.com")
    'abc'
    >>> find_token({"DIVIO_TOKEN": "x"}, None, "https://api.divio.com", account="agency-2") is None
    True
    """
    variable = f"DIVIO_TOKEN_{re.sub(r'[^A-Za-z0-9]', '_', account).upper()}" if account else "DIVIO_TOKEN"
    for token in (environ.get(variable), configured):
        if token and token.strip():
            return token.strip()
    return None if account else netrc_token(environ, api_url)


def netrc_token(environ: Mapping[str, str], api_url: str) -> str | None:
    """The password of the API's host in a netrc file: ``NETRC``, ``NETRC_PATH`` (divio-cli's), or ``~/.netrc``.

    A ``default`` entry does not count: its password belongs to other hosts.
    """
    host = urlsplit(api_url).hostname or ""
    home = environ.get("HOME") or str(Path.home())
    for place in (environ.get("NETRC"), environ.get("NETRC_PATH"), f"{home}/.netrc"):
        if not place:
            continue
        try:
            # Read by its name, so that the module's rules for files of other owners (default file only) do not apply.
            entry = netrc.netrc(str(Path(place).expanduser())).hosts.get(host)
        except FileNotFoundError:
            continue
        except (OSError, netrc.NetrcParseError, UnicodeDecodeError):
            # Not its words: they may quote the file. Not an error either: a preview needs no token.
            log.warning("the netrc file %s cannot be read, so no token was looked for in it", place)
            continue
        if entry and entry[2] and entry[2].strip():
            return entry[2].strip()
    return None
