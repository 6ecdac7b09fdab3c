"""The client's errors in the words of whoever configured it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import divio_provider.api
from divio_provider.api import Divio, Settings
from divio_provider.api.errors import DivioError, Misconfigured, NoToken, ReadOnly
from divio_provider.api.models import ApplicationCreate
from divio_provider.resources.host.configuration import Configuration, explained

NEW = ApplicationCreate(name="Acme", slug="acme", organisation="o", plan_group="p", region="r")


def sources() -> str:
    folder = Path(divio_provider.api.__file__).parent
    return "".join(file.read_text(encoding="utf-8") for file in folder.rglob("*.py"))


def test_without_a_token_every_place_for_one_is_named() -> None:
    with pytest.raises(NoToken) as error:
        Divio(Settings(token=None)).me.get()
    assert all(way in explained(error.value) for way in ("DIVIO_TOKEN", "divio:token", "--secret", "netrc"))


def test_a_refused_write_names_the_key_that_refuses_it() -> None:
    with pytest.raises(ReadOnly) as error:
        Divio(Settings(token="x", read_only=True)).applications.create(NEW)
    assert explained(error.value).endswith("Unset divio:readOnly to let the program write to Divio.")


@pytest.mark.parametrize(("key", "value"), [("apiUrl", "nonsense"), ("audit", "/nowhere/audit.jsonl")])
def test_a_setting_that_cannot_work_is_told_with_its_key(key: str, value: str) -> None:
    with pytest.raises(Misconfigured) as error:
        Divio(Configuration.read({f"divio:{key}": value}.get, {"HOME": "/nowhere"}).settings)
    assert f"divio:{key}" in explained(error.value)


def test_every_setting_that_the_client_names_has_a_key() -> None:
    named = {one for pair in re.findall(r'setting="(\w+)"|"setting": "(\w+)"', sources()) for one in pair if one}
    assert named >= {"api_url", "token", "read_only", "mirrors", "domains", "audit", "requests_per_second"}
    for setting in named:
        assert "divio:" in explained(DivioError("no", setting=setting))


def test_the_client_speaks_of_no_configuration_key() -> None:
    assert not re.findall(r"divio:[a-z]\w*", sources())
    assert explained(DivioError("no")) == "no"


def test_the_audit_tells_the_stack_that_somebody_chose_by_the_environment() -> None:
    environ = {"HOME": "/nowhere", "PULUMI_STACK": "live"}
    nothing: dict[str, str] = {}
    assert Configuration.read(nothing.get, environ).settings.stack == "live"
    assert Configuration.read(nothing.get, environ, "test").settings.stack == "test"
