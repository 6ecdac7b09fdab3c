"""Settings and the places of the token."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from divio_provider.api import Settings, find_token
from divio_provider.api.errors import Misconfigured

API = "https://api.divio.com"


@pytest.mark.parametrize(
    "token", ["s3cret words", "s3cret\nend", "s3cret\r\nInjected: header", "s3cret\tbed", "s3crümlaut", "s3cret\0"]
)
def test_a_token_that_no_header_can_carry_is_refused_without_being_shown(token: str) -> None:
    with pytest.raises(Misconfigured) as error:
        Settings(token=token)
    assert token not in str(error.value)
    assert token[:4] not in str(error.value)


@pytest.mark.parametrize(
    ("given", "used"),
    [("abc", "abc"), (" abc\n", "abc"), ("Token abc", "abc"), ("", None), ("  ", None), (None, None)],
)
def test_a_token_is_taken_as_people_write_it_down(given: str | None, used: str | None) -> None:
    assert Settings(token=given).token == used


@pytest.mark.parametrize(
    "url",
    ["api.divio.com", "ftp://api.divio.com", "https://", "https://api.divio.com/apps/v3", "https://x:y@api.divio.com",
     "https://api.divio.com?x=1", "https://api.divio.com:notaport", "http://[::1", ""],
)  # fmt: skip
def test_an_address_that_is_none_is_said_to_be_none(url: str) -> None:
    with pytest.raises(Misconfigured, match="the API's address") as error:
        Settings(token="abc", api_url=url)
    assert error.value.setting == "api_url"


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(Misconfigured, match="requests a second") as error:
        Settings(token="abc", requests_per_second=rate)
    assert error.value.setting == "requests_per_second"


def test_settings_are_equal_by_what_they_say() -> None:
    assert Settings(token="a", api_url=f"{API}/") == Settings(token="a")
    assert hash(Settings(token="a", api_url=API.upper().replace("HTTPS", "https"))) == hash(Settings(token="a"))
    assert Settings(token="a") != Settings(token="b")


def write(path: Path, text: str) -> str:
    path.write_text(text)
    path.chmod(0o600)
    return str(path)


def test_the_order_of_places(tmp_path: Path) -> None:
    write(tmp_path / ".netrc", "machine api.divio.com login me password from-netrc\n")
    environ = {"DIVIO_TOKEN": "from-environment", "HOME": str(tmp_path)}
    config = "from-config"
    assert find_token(environ, config, API) == "from-environment"
    assert find_token({**environ, "DIVIO_TOKEN": ""}, config, API) == "from-config"
    assert find_token({**environ, "DIVIO_TOKEN": ""}, "", API) == "from-netrc"
    assert find_token({"HOME": "/nowhere"}, None, API) is None


def test_an_account_has_two_places_and_no_other(tmp_path: Path) -> None:
    write(tmp_path / ".netrc", "machine api.divio.com login me password from-netrc\n")
    environ = {"DIVIO_TOKEN": "default", "DIVIO_TOKEN_AGENCY_2": "agency", "HOME": str(tmp_path)}
    assert find_token(environ, "own", API, "agency-2") == "agency"
    assert find_token(environ, "own", API, "other") == "own"
    assert find_token(environ, None, API, "other") is None


def test_netrc_is_where_its_variables_say(tmp_path: Path) -> None:
    one = write(tmp_path / "one", "machine api.divio.com login me password one\n")
    two = write(tmp_path / "two", "machine 127.0.0.1 login me password two\n")
    assert find_token({"NETRC": one}, None, API) == "one"
    assert find_token({"NETRC_PATH": two}, None, "http://127.0.0.1:8100") == "two"
    assert find_token({"NETRC": one, "NETRC_PATH": two}, None, "http://127.0.0.1:8100") == "two"


def test_a_default_entry_is_for_other_hosts(tmp_path: Path) -> None:
    other = write(tmp_path / "netrc", "machine example.org login me password x\ndefault login me password y\n")
    assert find_token({"NETRC": other}, None, API) is None


def test_a_broken_netrc_is_no_reason_to_fail_and_is_not_quoted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = write(tmp_path / "netrc", "s3cret-word machine\n")
    with caplog.at_level(logging.DEBUG):
        assert find_token({"NETRC": broken, "HOME": str(tmp_path)}, None, API) is None
        assert find_token({"NETRC": str(tmp_path), "HOME": str(tmp_path)}, None, API) is None
    assert "cannot be read" in caplog.text
    assert "s3cret-word" not in caplog.text
