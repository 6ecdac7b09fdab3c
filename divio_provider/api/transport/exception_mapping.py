"""What an exception of the HTTP library means: which of our errors.

Their texts are not repeated: they hold addresses, the user and password of a proxy, and, for a header that cannot be
sent, the header itself.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import requests
import urllib3
from requests import exceptions as theirs

from divio_provider.api.errors import DivioError, Misconfigured, NotUnderstood, OutcomeUnknown, Unreachable

CAUGHT = (OSError, urllib3.exceptions.HTTPError, ValueError)
"""What sending may raise. ``requests``' own are all ``OSError``; now and then one of urllib3's slips through."""


class Meaning(NamedTuple):
    """What one of the HTTP library's exceptions means.

    Attributes:
        kind: our error.
        problem: what is wrong.
        hint: what the user can do.
        setting: the setting that may have to change.
    """

    kind: type[DivioError]
    problem: str
    hint: str = ""
    setting: str = ""


_LOST = Meaning(OutcomeUnknown, "the connection broke before the answer was there")
_GARBLED = Meaning(OutcomeUnknown, "the answer broke off or cannot be decoded")
_NO_SUCH_HOST = "Is the API's address right, and is there a network?"
_WRONG_SETTING = Meaning(
    Misconfigured, "the request cannot be built from the API's address and the proxy settings", setting="api_url"
)

_NO_CERTIFICATES = "NO_CERTIFICATE_OR_CRL_FOUND"
"""OpenSSL's word for a file without any certificate."""
_BUNDLES = (
    "Do REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE and SSL_CERT_FILE, where set, point to existing files of certificates?"
)

MEANINGS: tuple[tuple[type[Exception], Meaning], ...] = (
    # Subclasses come before their bases: the first that fits counts.
    (theirs.ConnectTimeout, Meaning(Unreachable, "no connection came about in time")),
    (theirs.ReadTimeout, Meaning(OutcomeUnknown, "no answer came in time")),
    (theirs.Timeout, Meaning(OutcomeUnknown, "no answer came in time")),
    (theirs.ProxyError, Meaning(Unreachable, "the proxy cannot be reached or refused to pass the request on")),
    (theirs.SSLError, Meaning(OutcomeUnknown, "the encrypted connection failed")),
    (theirs.ChunkedEncodingError, _GARBLED),
    (theirs.ContentDecodingError, _GARBLED),
    (theirs.StreamConsumedError, _GARBLED),
    (theirs.UnrewindableBodyError, _LOST),
    (theirs.RetryError, _LOST),
    (theirs.ConnectionError, _LOST),
    (theirs.TooManyRedirects, Meaning(NotUnderstood, "the answer is a redirect that goes in circles")),
    (theirs.JSONDecodeError, Meaning(NotUnderstood, "the answer is no JSON")),
    (theirs.InvalidJSONError, Meaning(Misconfigured, "the request's body cannot be written as JSON")),
    (theirs.URLRequired, _WRONG_SETTING),
    (theirs.MissingSchema, _WRONG_SETTING),
    (theirs.InvalidSchema, _WRONG_SETTING),
    (theirs.InvalidProxyURL, Meaning(Misconfigured, "the address of the proxy in the environment is none")),
    (theirs.InvalidURL, _WRONG_SETTING),
    (theirs.InvalidHeader, Meaning(Misconfigured, "a header cannot be sent: the token holds what no header can carry")),
    (theirs.HTTPError, _LOST),
    (theirs.RequestException, _LOST),
    (urllib3.exceptions.HTTPError, _LOST),
)


def error_for(error: Exception, method: str, path: str) -> DivioError:
    """Our error for what the HTTP library raised while sending or receiving; `path` is without its query."""
    meaning = _meaning(error)
    return meaning.kind(meaning.problem, method=method, path=path, hint=meaning.hint, setting=meaning.setting)


def _meaning(error: Exception) -> Meaning:
    if isinstance(error, theirs.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        told = re.search(r"certificate verify failed: ([^(\n]+)", str(error))
        why = f" ({told[1].strip(' .')})" if told else ""
        hint = "Point REQUESTS_CA_BUNDLE to your organisation's certificates, or correct the API's address."
        return Meaning(Misconfigured, f"the host's certificate is not trusted{why}", hint, "api_url")
    if isinstance(error, theirs.SSLError) and _NO_CERTIFICATES in str(error):
        return Meaning(Misconfigured, "the file of trusted certificates holds none", _BUNDLES)
    reason = None if isinstance(error, theirs.ProxyError) else _reason(error)
    if isinstance(reason, urllib3.exceptions.NameResolutionError):
        return Meaning(Unreachable, "the host's name is not known", _NO_SUCH_HOST, "api_url")
    if isinstance(reason, urllib3.exceptions.NewConnectionError):
        return Meaning(Unreachable, "the host takes no connection", _NO_SUCH_HOST, "api_url")
    for theirs_class, meaning in MEANINGS:
        if isinstance(error, theirs_class):
            return meaning
    if isinstance(error, requests.RequestException | ConnectionError):
        return _LOST
    if isinstance(error, OSError):
        return Meaning(Misconfigured, "a file that the connection needs cannot be read", _BUNDLES)
    return _WRONG_SETTING


def _reason(error: Exception) -> object:
    """urllib3's own reason inside an exception of requests: tells "never left" from "lost on the way"."""
    inner = error.args[0] if error.args else None
    return getattr(inner, "reason", inner)
