"""A flag that cannot be used is one clear sentence."""

from __future__ import annotations

import pytest

from divio_provider.emulator.settings import BadFlag, settings
from tests.cli.command import divio_estate
from tests.emulator.conftest import refusal


def test_a_bad_flag_is_one_refusal(tmp_path):
    for flags in (
        {"mirrors": "field"},
        {"mirrors": "field:Not a field"},
        {"mirrors": "action:/apps/v3/applications/mirror/"},
        {"mirrors": "action:/apps/v3/applications/{uuid}/{name}/"},
        {"mirrors": "perhaps"},
        {"rate_limit": "fast"},
        {"rate_limit": "0"},
        {"port": 70000},
        {"latency": -1},
        {"latency": float("nan")},
        {"deploy_seconds": -1},
        {"page_size": 0},
        {"token": "two words"},
        {"data": tmp_path},
    ):
        with pytest.raises(BadFlag) as error:
            settings(**flags)
        flag = next(iter(flags)).replace("_", "-")
        assert str(error.value).startswith(f"--{flag}")
    other = tmp_path / "notes.txt"
    other.write_text("not a database, but long enough to be taken for one\n" * 50)
    for text in (refusal("--mirrors", "perhaps"), refusal("--data", str(other)), refusal("--host", "192.0.2.1")):
        assert text.count("\n") == 1
        assert "Traceback" not in text
    assert other.read_text().startswith("not a database")


def test_the_command_says_the_same_of_a_bad_flag(tmp_path):
    done = divio_estate("emulator", "--mirrors", "perhaps", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("--mirrors perhaps: give field:NAME")
    assert (done.stdout, done.stderr.count("\n")) == ("", 1)
