"""The error tree: nothing of the HTTP library gets through, and nothing secret is repeated."""

from __future__ import annotations

import inspect
import json
import logging
import traceback
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import requests
import urllib3
from hypothesis import given
from hypothesis import strategies as st
from requests import exceptions as theirs

from divio_provider.api import Divio, Settings, errors
from divio_provider.api.errors import Busy, DivioError, Misconfigured, OutcomeUnknown, Refused, Unreachable
from divio_provider.api.transport.exception_mapping import CAUGHT, MEANINGS, error_for
from divio_provider.api.transport.responses import Response, error_of, words_of
from tests.api.conftest import TOKEN, FakeClock, Reply, Server

OURS = [one for one in vars(errors).values() if inspect.isclass(one) and issubclass(one, DivioError)]
THEIRS = [
    one
    for one in vars(theirs).values()
    if inspect.isclass(one) and issubclass(one, requests.RequestException) and not issubclass(one, Warning)
]


@pytest.mark.parametrize("theirs_class", THEIRS, ids=lambda one: one.__name__)
def test_every_exception_of_requests_has_a_error_for_its_own(theirs_class: type[Exception]) -> None:
    """Red for a new one? Add it to MEANINGS in divio_provider/api/transport/exception_mapping.py, ahead of its bases."""
    assert theirs_class in {one for one, _ in MEANINGS}


def test_no_meaning_is_hidden_by_one_before_it() -> None:
    classes = [one for one, _ in MEANINGS]
    for position, one in enumerate(classes):
        assert not [base for base in classes[:position] if issubclass(one, base)], one


@pytest.mark.parametrize("theirs_class", THEIRS, ids=lambda one: one.__name__)
def test_none_of_their_exceptions_slips_through(theirs_class: type[Exception]) -> None:
    assert issubclass(theirs_class, CAUGHT)
    arguments = ("text", "document", 0) if issubclass(theirs_class, theirs.JSONDecodeError) else ("secret-in-url",)
    ours = error_for(theirs_class(*arguments), "GET", "/x/")
    assert isinstance(ours, DivioError)
    assert "secret-in-url" not in str(ours)


def test_a_connection_that_never_came_about_is_told_from_one_that_broke() -> None:
    def failed(reason: object) -> DivioError:
        inner = urllib3.exceptions.MaxRetryError(None, "/x/", reason)  # type: ignore[arg-type]
        return error_for(theirs.ConnectionError(inner), "POST", "/x/")

    assert isinstance(failed(urllib3.exceptions.NewConnectionError(None, "refused")), Unreachable)  # type: ignore[arg-type]
    assert isinstance(failed(urllib3.exceptions.ProtocolError("reset")), OutcomeUnknown)
    assert isinstance(error_for(theirs.SSLError("CERTIFICATE_VERIFY_FAILED"), "GET", "/"), Misconfigured)


def test_ours_do_not_inherit_from_theirs() -> None:
    assert len(OURS) > 15
    for one in OURS:
        assert not issubclass(one, OSError)


def test_the_drawn_tree_is_the_real_one() -> None:
    drawn = inspect.getdoc(errors) or ""
    for one in OURS:
        assert f" {one.__name__} " in drawn.replace("\n", " ") + " ", one.__name__


def test_a_long_story_is_cut() -> None:
    error = Refused("no", fields={"name": ("x" * 10_000,), "slug": ("y",) * 50})
    assert len(str(error)) < 500
    assert "and 41 more" in str(error)


@pytest.mark.parametrize(
    "value",
    ["hunter2", "p", "long-secret-value-with-parts", "two\nlines of a secret", 'quo"ted \\ secret', "ümläut-secret-é"],
)
@pytest.mark.parametrize(
    "echo",
    [
        lambda value: {"value": [f"'{value}' is not valid."]},
        lambda value: {"value": [f"{value!r} is not valid."]},
        lambda value: {value: ["unknown field"]},
        lambda value: {"non_field_errors": [value]},
        lambda value: {"detail": f"at {value[:16]}…"} if len(value) >= 16 else {"detail": value},
        lambda value: {"nested": [{"deep": [value]}]},
    ],
)
def test_no_error_repeats_a_value_that_was_sent(
    divio: Divio, server: Server, value: str, echo: Callable[[str], object]
) -> None:
    server.answer = lambda seen: Reply(400, echo(value)) if seen.method != "GET" else Reply(200, {"results": []})
    for write in (
        lambda: divio.environment_variables.create("e1", "NAME", value, is_sensitive=True),
        lambda: divio.environment_variables.update("v1", value=value),
    ):
        with pytest.raises(Refused) as error:
            write()
        sentence = error.value.words.replace(": ", " ")
        if len(value) > 1:
            assert value not in str(error.value)
            assert value[:12] not in str(error.value)
            assert value not in repr(error.value.fields)
        else:
            assert "left out" in sentence


@given(st.text(min_size=12, max_size=60), st.text(max_size=30), st.text(max_size=30))
def test_no_stretch_of_a_secret_survives(secret: str, before: str, after: str) -> None:
    body = json.dumps({"value": [before + secret + after]}).encode()
    for sentences in (words_of(body, [secret]) or {}).values():
        assert all(secret not in one for one in sentences if secret.strip())


def test_neither_token_nor_values_show_anywhere(
    server: Server, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    value = "canary-v4lue-9876543210"
    settings = Settings(token=TOKEN, api_url=server.url, requests_per_second=10_000)
    divio = Divio(settings, clock=clock)
    variable = {"uuid": "v1", "name": "A", "environment": "e1", "is_sensitive": False, "value": value}
    seen: list[str] = [repr(settings), str(settings), repr(divio), repr(vars(divio))]

    server.script(Reply(500), Reply(429), Reply(201, variable))
    seen.append(repr(divio.environment_variables.update("v1", value=value)))
    server.script(Reply(200, {"environment": "e1", "environment_variables": {"A": [value]}}))
    for reply in (
        Reply(200, {"environment_variables": {"A": [value]}}),
        Reply(200, {**variable, "value": [value]}),
        Reply(400, {"value": [f"{value} with {TOKEN}"]}),
        Reply(400, f"{value} {TOKEN}"),
        Reply(302, headers={"Location": "http://elsewhere.example/"}),
        Reply(drop=True),
        Reply(200, f"<html>{value}{TOKEN}</html>"),
    ):
        server.script(reply)
        for call in (
            lambda: divio.deployments.variables("d1"),
            lambda: divio.environment_variables.update("v1", value=value),
            lambda: divio.environment_variables.create("e1", "A", value, is_sensitive=True),
        ):
            try:
                seen.append(repr(call()))
            except DivioError as error:
                seen += [str(error), repr(error), repr(vars(error)), "".join(traceback.format_exception(error))]
    text = "\n".join([*seen, caplog.text])
    assert len(seen) > 30
    assert TOKEN not in text
    assert value not in text


def test_busy_needs_a_word_of_divios() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    plain = error_of(Response("POST", "/x/", 503, {}, b""), (), now)
    asked = error_of(Response("POST", "/x/", 503, {"retry-after": "5"}, b""), (), now)
    assert isinstance(plain, OutcomeUnknown)
    assert isinstance(asked, Busy)
    assert asked.wait_s == 5


def test_a_date_to_wait_for_counts_from_the_servers_own_time() -> None:
    headers = {"retry-after": "Thu, 01 Jan 2026 00:00:09 GMT", "date": "Thu, 01 Jan 2026 00:00:04 GMT"}
    error = error_of(Response("GET", "/x/", 429, headers, b""), (), datetime(2020, 1, 1, tzinfo=UTC))
    assert isinstance(error, Busy)
    assert error.wait_s == 5
