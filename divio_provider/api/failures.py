"""What an exception of the HTTP library means: which of our errors.

Their texts are not repeated: they hold addresses, the user and password of a proxy, and, for a header that cannot be
sent, the header itself.
"""

from __future__ import annotations

import re

import requests
import urllib3
from requests import exceptions as theirs

from divio_provider.api.errors import DivioError, Misconfigured, NotUnderstood, OutcomeUnknown, Unreachable

CAUGHT = (OSError, urllib3.exceptions.HTTPError, ValueError)
"""What sending may raise. ``requests``' own are all ``OSError``; now and then one of urllib3's slips through."""

_LOST = (OutcomeUnknown, "the connection broke before the answer was there")
_WRONG_SETTING = (Misconfigured, "the request cannot be built from divio:apiUrl and the proxy settings")
_GARBLED = (OutcomeUnknown, "the answer broke off or cannot be decoded")

_NO_CERTIFICATES = "NO_CERTIFICATE_OR_CRL_FOUND"
"""OpenSSL's word for a file without any certificate."""
_BUNDLES = (
    "Do REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE and SSL_CERT_FILE, where set, point to existing files of certificates?"
)

MEANINGS: tuple[tuple[type[Exception], tuple[type[DivioError], str]], ...] = (
    # Subclasses come before their bases: the first that fits counts.
    (theirs.ConnectTimeout, (Unreachable, "no connection came about in time")),
    (theirs.ReadTimeout, (OutcomeUnknown, "no answer came in time")),
    (theirs.Timeout, (OutcomeUnknown, "no answer came in time")),
    (theirs.ProxyError, (Unreachable, "the proxy cannot be reached or refused to pass the request on")),
    (theirs.SSLError, (OutcomeUnknown, "the encrypted connection failed")),
    (theirs.ChunkedEncodingError, _GARBLED),
    (theirs.ContentDecodingError, _GARBLED),
    (theirs.StreamConsumedError, _GARBLED),
    (theirs.UnrewindableBodyError, _LOST),
    (theirs.RetryError, _LOST),
    (theirs.ConnectionError, _LOST),
    (theirs.TooManyRedirects, (NotUnderstood, "the answer is a redirect that goes in circles")),
    (theirs.JSONDecodeError, (NotUnderstood, "the answer is no JSON")),
    (theirs.InvalidJSONError, (Misconfigured, "the request's body cannot be written as JSON")),
    (theirs.URLRequired, _WRONG_SETTING),
    (theirs.MissingSchema, _WRONG_SETTING),
    (theirs.InvalidSchema, _WRONG_SETTING),
    (theirs.InvalidProxyURL, (Misconfigured, "the address of the proxy in the environment is none")),
    (theirs.InvalidURL, _WRONG_SETTING),
    (theirs.InvalidHeader, (Misconfigured, "a header cannot be sent: the token holds what no header can carry")),
    (theirs.HTTPError, _LOST),
    (theirs.RequestException, _LOST),
    (urllib3.exceptions.HTTPError, _LOST),
)


def meaning_of(error: Exception, method: str, path: str) -> DivioError:
    """Our error for one of the HTTP library's.

    Args:
        error: what was raised while sending or receiving.
        method: verb of the request.
        path: path of the request, without its query.
    """
    kind, problem, hint = _judge(error)
    return kind(problem, method=method, path=path, hint=hint)


def _judge(error: Exception) -> tuple[type[DivioError], str, str]:
    reason = _reason(error)
    if isinstance(error, theirs.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        told = re.search(r"certificate verify failed: ([^(\n]+)", str(error))
        why = f" ({told[1].strip(' .')})" if told else ""
        return (
            Misconfigured,
            f"the host's certificate is not trusted{why}",
            "Point REQUESTS_CA_BUNDLE to your organisation's certificates, or correct divio:apiUrl.",
        )
    if isinstance(error, theirs.SSLError) and _NO_CERTIFICATES in str(error):
        return Misconfigured, "the file of trusted certificates holds none", _BUNDLES
    if not isinstance(error, theirs.ProxyError) and isinstance(reason, urllib3.exceptions.NameResolutionError):
        return Unreachable, "the host's name is not known", "Is divio:apiUrl right, and is there a network?"
    if not isinstance(error, theirs.ProxyError) and isinstance(reason, urllib3.exceptions.NewConnectionError):
        return Unreachable, "the host takes no connection", "Is divio:apiUrl right, and is there a network?"
    for theirs_class, (kind, problem) in MEANINGS:
        if isinstance(error, theirs_class):
            return kind, problem, ""
    if isinstance(error, requests.RequestException | ConnectionError):
        return *_LOST, ""
    if isinstance(error, OSError):
        return (
            Misconfigured,
            "a file that the connection needs cannot be read",
            _BUNDLES,
        )
    return *_WRONG_SETTING, ""


def _reason(error: Exception) -> object:
    """urllib3's own reason inside an exception of requests: tells "never left" from "lost on the way"."""
    inner = error.args[0] if error.args else None
    return getattr(inner, "reason", inner)
