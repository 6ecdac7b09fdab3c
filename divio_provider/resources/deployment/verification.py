"""Whether a deployed site answers as it should."""

import re
import time

import requests
from pydantic import BaseModel, ConfigDict, Field
from requests.auth import HTTPBasicAuth

from divio_provider.api.client import Divio
from divio_provider.api.transport.sessions import NoAuth, verifying_session
from divio_provider.resources.deployment.targets import Target

_PAUSE_S = 1.0


class Expectation(BaseModel):
    """What a site must answer: `inputs.Verify`, once all of it is known."""

    model_config = ConfigDict(frozen=True)

    path: str = "/"
    status: int = 200
    text: str = ""
    timeout: float = 60.0
    """In seconds: a Test may have to wake up first."""
    credentials: str = Field("", repr=False)
    identity: bool = False


def verify(divio: Divio, target: Target, url: str, deployment: str, expectation: Expectation) -> str:
    """Ask a site until it answers as expected, or say in words what was wrong last.

    The request carries the `DOMAIN` of the deployment with that uuid as its host, so that Django knows which site is meant.
    """
    domain = divio.deployments.variables(deployment).get("DOMAIN") or ""
    deadline = time.monotonic() + expectation.timeout
    while True:
        try:
            problem = _problem(get_page(url, domain, expectation), target, expectation)
        except requests.RequestException as error:
            # Its text may hold the credentials.
            problem = f"does not answer at {expectation.path}: {type(error).__name__}"
        if not problem or time.monotonic() > deadline:
            return problem
        time.sleep(_PAUSE_S)


def get_page(url: str, host: str, expectation: Expectation) -> requests.Response:
    """Get the page that a site is verified by; no redirect is followed. Raises requests.RequestException.

    `host` is the name that the site is known by; empty: that of the address.
    """
    user, _, password = expectation.credentials.partition(":")
    auth = HTTPBasicAuth(user.encode(), password.encode()) if user else NoAuth()
    with verifying_session(auth) as session:
        return session.get(
            f"{url.rstrip('/')}/{expectation.path.lstrip('/')}",
            headers={"Host": host} if host else {},
            timeout=min(10.0, expectation.timeout),
            allow_redirects=False,
        )


def _problem(answer: requests.Response, target: Target, expectation: Expectation) -> str:
    if answer.status_code != expectation.status:
        return f"answers {answer.status_code} at {expectation.path} instead of {expectation.status}"
    if expectation.text not in answer.text:
        return f'answers at {expectation.path} without the text "{expectation.text}"'
    if expectation.identity and not (_mentions(answer.text, target.site) and _mentions(answer.text, target.site_id)):
        return f"answers at {expectation.path}, but does not name {target.site} and SITE_ID {target.site_id}"
    return ""


def _mentions(text: str, word: str) -> bool:
    """Whether a page names something as a word of its own: 2 is not named by 2026, nor acme by acme-main."""
    return bool(word) and re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None
