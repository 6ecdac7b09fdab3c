"""What an answer of Divio's means: data, or which error. Pure: knows status, headers and body, and sends nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from divio_provider.api.contract.types import Call
from divio_provider.api.errors import (
    Busy,
    DivioError,
    Forbidden,
    NotFound,
    NotUnderstood,
    OutcomeUnknown,
    Refused,
    Unauthorized,
)
from divio_provider.api.transport.retry import http_date, retry_after

M = TypeVar("M", bound=BaseModel)

IS_API_URL_RIGHT = "Is the API's address right, and is a proxy or a log-in page in between?"
ECHO_LENGTH = 12
"""Characters in a row that a sentence of Divio's may share with a secret value before it is left out."""
ECHO = "(left out: Divio's words repeat what was sent)"

# Django REST Framework answers 403 in place of 401 where the server's first way of authentication is one without a
# challenge; then only its words (rest_framework/exceptions.py and authentication.py) tell the two apart.
_TOKEN_WORDS = ("invalid token", "authentication credentials were not provided", "incorrect authentication")


@dataclass(frozen=True, slots=True)
class Response:
    """An answer as the server sent it.

    Attributes:
        method: verb of the request.
        path: path of the request, without its query.
        status: HTTP status.
        headers: header fields, looked up in lower case.
        content: the body's bytes.
    """

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def date(self) -> datetime | None:
        """The server's own time, in whole seconds and UTC; None when it named none that can be read."""
        return http_date(self.headers.get("date", ""))

    @property
    def kind(self) -> str:
        """What the body is, for a sentence: ``HTML``, ``no body``, or the content type."""
        body = self.content.lstrip()
        declared = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not body:
            return "no body"
        if declared == "text/html" or body[:1] == b"<":
            return "HTML"
        return "something that is no JSON"


def data_of(response: Response) -> object:
    """The JSON of an answer with a status of 2xx; None when its body is empty.

    Raises:
        NotUnderstood: the body is not JSON.
    """
    if not response.content.strip():
        return None
    try:
        data: object = json.loads(response.content)
    except (ValueError, RecursionError):
        raise not_understood(response, f"answered {response.status} with {response.kind}") from None
    return data


def error_of(response: Response, secrets: Sequence[str], now: datetime) -> DivioError:
    """The error that an unsuccessful answer stands for.

    Args:
        response: one with a status other than 2xx.
        secrets: values that no message may repeat.
        now: the time, should the answer name none; dates in ``Retry-After`` count from it.
    """
    status = response.status
    fields = words_of(response.content, secrets)
    said = f"answered {status}" if fields is not None else f"answered {status} with {response.kind}"
    asked = retry_after(response.headers.get("retry-after"), response.date or now)
    about: dict[str, Any] = {
        "method": response.method, "path": response.path, "status": status, "fields": fields or {},
    }  # fmt: skip
    if response.kind == "HTML":
        about |= {"hint": IS_API_URL_RIGHT, "setting": "api_url"}
    if status == 429 or (status == 503 and asked is not None):
        return Busy(said, wait_s=asked, **about)
    if status >= 500 or status in {408, 425}:
        return OutcomeUnknown(said, **about)
    # Divio says "not found" in JSON. A page that says so comes from another server, and proves nothing.
    if status < 400 or (status == 404 and fields is None and response.kind != "no body"):
        return not_understood(response, said)
    refusal = _refusal(status, fields or {})
    return refusal(said, **{"hint": refusal.way_out, "setting": "token" if refusal is Unauthorized else "", **about})


def _refusal(status: int, fields: Mapping[str, tuple[str, ...]]) -> type[Refused]:
    words = " ".join(sentence for sentences in fields.values() for sentence in sentences).lower()
    if status == 401 or (status == 403 and any(one in words for one in _TOKEN_WORDS)):
        return Unauthorized
    return {403: Forbidden, 404: NotFound}.get(status, Refused)


def not_understood(response: Response, problem: str) -> NotUnderstood:
    """The error for an answer that is not what Divio's API says; `problem` ends without a full stop."""
    return NotUnderstood(
        problem,
        method=response.method,
        path=response.path,
        status=response.status,
        hint=IS_API_URL_RIGHT,
        setting="api_url",
    )


def unexpected(call: Call, problem: str) -> NotUnderstood:
    """The same where the answer is JSON."""
    return NotUnderstood(problem, method=call.method, path=call.path, hint=IS_API_URL_RIGHT, setting="api_url")


def words_of(content: bytes, secrets: Sequence[str] = ()) -> dict[str, tuple[str, ...]] | None:
    """Divio's own words in an error's body, field by field; None when the body is not in a shape we know.

    Args:
        content: the body's bytes.
        secrets: values that must not be repeated; a sentence that does is left out.

    >>> words_of(b'{"slug": ["This slug is taken."]}')
    {'slug': ('This slug is taken.',)}
    >>> words_of(b'{"value": ["hunter2 is not valid."]}', ["hunter2"])
    {'value': ("(left out: Divio's words repeat what was sent)",)}
    """
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if isinstance(body, list):
        body = {"non_field_errors": body}
    if not isinstance(body, dict):
        return None
    words: dict[str, tuple[str, ...]] = {}
    for key, value in body.items():
        field = ECHO if echoes(key, secrets) else key[:64]
        sentences = tuple(ECHO if echoes(one, secrets) else one for one in _sentences(value))
        if sentences:
            words[field] = words.get(field, ()) + sentences
    return words


def _sentences(value: object) -> Iterable[str]:
    """All texts in an error's value: nested serializers nest their errors (DRF)."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _sentences(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from (f"{key}: {sentence}" for sentence in _sentences(one))


def echoes(sentence: str, secrets: Sequence[str]) -> bool:
    """Whether a sentence from outside repeats a secret value, or a longer stretch of one."""
    for secret in secrets:
        if not secret.strip():
            continue
        if secret.strip() in sentence:
            return True
        stretches = range(len(sentence) - ECHO_LENGTH + 1)
        if any(sentence[start : start + ECHO_LENGTH] in secret for start in stretches):
            return True
    return False


def read(model: type[M], data: object, call: Call) -> M:
    """One object of Divio's, made of an answer's JSON.

    Raises:
        NotUnderstood: a field that we rely on is missing or of another type; names the field, never its value.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in one['loc']) or 'the answer'}: {one['type']}"
            for one in error.errors(include_input=False, include_context=False, include_url=False)[:5]
        )
    raise NotUnderstood(
        f"the answer is no {model.__name__} as we know it ({wrong})",
        method=call.method,
        path=call.path,
        hint="Divio's API may have changed; divio_provider/api/contract says what is relied on.",
    )
