"""A site itself, asked over HTTP: the one request of ours that does not go to Divio's API, and carries no token."""

from __future__ import annotations

from dataclasses import dataclass

import requests
from requests.auth import HTTPBasicAuth

from divio_provider.api.transport.sessions import NoAuth, verifying_session


@dataclass(frozen=True)
class SiteAnswer:
    """What a site answered; ``status`` is None where it did not, and ``text`` then says why."""

    status: int | None
    text: str


def ask(url: str, *, host: str = "", user: str = "", password: str = "", timeout: float = 10.0) -> SiteAnswer:
    """GET ``url``, telling it ``host`` as the name the site is known by; no redirect is followed.

    Raises nothing: a site that does not answer is an answer, too.
    """
    session = verifying_session(HTTPBasicAuth(user.encode(), password.encode()) if user else NoAuth())
    try:
        response = session.get(
            url,
            headers={"Host": host} if host else {},
            timeout=timeout,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        return SiteAnswer(None, type(error).__name__)
    finally:
        session.close()
    return SiteAnswer(response.status_code, response.text)
