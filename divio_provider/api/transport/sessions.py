"""Sessions of the HTTP library that carry the token, and nothing that could take its place.

requests puts the netrc entry of the host in the place of a header that was set, and does so again on every redirect it
follows. An ``AuthBase`` object is what it respects; redirects are followed by ``transport.py`` instead. Switching the
whole environment off (``trust_env``) would lose proxies and CA bundles, which offices need.

A certificate is always verified: neither an empty variable nor a setting of requests' turns that off, because what leaves
here is a token. Whom to trust is the environment's choice: ``REQUESTS_CA_BUNDLE``, ``CURL_CA_BUNDLE`` (requests' own),
``SSL_CERT_FILE``, ``SSL_CERT_DIR`` (OpenSSL's, which the Pulumi CLI reads as well), else the certificates of certifi.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from divio_provider._version import __version__

USER_AGENT = f"divio-provider/{__version__} (requests/{requests.__version__}; Python/{platform.python_version()})"


class NoAuth(AuthBase):
    """Puts nothing on a request. Being there at all is what keeps requests from looking into netrc."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Leave a request as it is."""
        return request


@dataclass(frozen=True)
class TokenAuth(AuthBase):
    """Puts the API's token on a request."""

    token: str = field(repr=False)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put the token on a request, as requests asks for it."""
        request.headers["Authorization"] = f"Token {self.token}"
        return request


class VerifyingAdapter(HTTPAdapter):
    """Sends over connections whose certificate is verified, whatever anybody set on the session."""

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send a request, as requests asks for it."""
        return super().send(request, stream, timeout, verify or True, cert, proxies)


def new_session(token: str) -> requests.Session:
    """A session for one thread, with the API's token; connections are kept alive in it."""
    session = verifying_session(TokenAuth(token))
    session.headers.update({"User-Agent": USER_AGENT, "Accept": "application/json"})
    # Django would take a session's cookie for a log-in and then ask for its CSRF token.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def verifying_session(auth: AuthBase) -> requests.Session:
    """A session that goes through the environment's proxies and trusts whom the environment trusts.

    Args:
        auth: what it puts on each request; netrc has no say.
    """
    session = requests.Session()
    session.auth = auth
    session.mount("https://", VerifyingAdapter())
    # requests' own variables win over what a session says.
    session.verify = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR") or True
    return session
