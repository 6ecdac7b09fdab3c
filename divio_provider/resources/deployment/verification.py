"""Whether a deployed site answers as it should."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from requests.auth import HTTPBasicAuth

from divio_provider.api.client import Divio
from divio_provider.api.transport.sessions import NoAuth, verifying_session
from divio_provider.resources.deployment.targets import Target

_PAUSE_S = 1.0


@dataclass(frozen=True)
class SiteAnswer:
    """What a site answered; ``status`` is None where it did not, and ``text`` then says why."""

    status: int | None
    text: str


@dataclass(frozen=True)
class Expectation:
    """What a site must answer: at `path` the `status`, with `text` somewhere in it, within `timeout` seconds.

    `user` and `password` are for basic authentication. With `identity` the page must name the site's slug and SITE_ID.
    """

    path: str = "/"
    status: int = 200
    text: str = ""
    timeout: float = 60.0
    user: str = ""
    password: str = ""
    identity: bool = False

    @classmethod
    def of(cls, props: Mapping[str, Any] | None) -> "Expectation | None":
        """From a `Deployment`'s property; None: nothing is verified."""
        if not props:
            return None
        user, _, password = str(props.get("credentials") or "").partition(":")
        return cls(
            path=str(props.get("path") or "/"),
            status=int(props.get("status") or 200),
            text=str(props.get("text") or ""),
            timeout=float(props.get("timeout") or 60.0),
            user=user,
            password=password,
            identity=bool(props.get("identity")),
        )


def verify(divio: Divio, target: Target, url: str, deployment: str, expectation: Expectation) -> str:
    """Ask the site until it answers as expected, or say in words what was wrong last. A Test may have to wake up first.

    The request carries the deployed `DOMAIN` as its host, so that Django knows which site is meant.
    """
    domain = divio.deployments.variables(deployment).get("DOMAIN") or ""
    deadline = time.monotonic() + expectation.timeout
    while True:
        answer = ask(
            url.rstrip("/") + "/" + expectation.path.lstrip("/"),
            host=domain,
            user=expectation.user,
            password=expectation.password,
            timeout=min(10.0, expectation.timeout),
        )
        problem = _problem(answer, target, expectation)
        if not problem or time.monotonic() > deadline:
            return problem
        time.sleep(_PAUSE_S)


def _problem(answer: SiteAnswer, target: Target, expectation: Expectation) -> str:
    if answer.status is None:
        return f"does not answer at {expectation.path}: {answer.text}"
    if answer.status != expectation.status:
        return f"answers {answer.status} at {expectation.path} instead of {expectation.status}"
    if expectation.text not in answer.text:
        return f'answers at {expectation.path} without the text "{expectation.text}"'
    if expectation.identity and not (_names(answer.text, target.site) and _names(answer.text, target.site_id)):
        return f"answers at {expectation.path}, but does not name {target.site} and SITE_ID {target.site_id}"
    return ""


def _names(text: str, word: str) -> bool:
    """Whether a page names something as a word of its own: 2 is not named by 2026, nor acme by acme-main."""
    return bool(word) and re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None


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
