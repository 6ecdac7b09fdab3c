"""The command answers mistakes with a sentence and an exit code: 0 fine, 1 found something, 2 could not run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from divio_provider.estate.declaration.json_schema import schema
from tests.cli.command import divio_estate
from tests.estate.declarations import FINE

ROOT = Path(__file__).parents[2]

BROKEN = FINE + "regoin: x\nvariables: {A: no}\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks/estate.yaml").write_text(FINE)
    return tmp_path


def test_a_fine_declaration_is_told_by_its_number_of_sites(folder):
    ran = divio_estate("validate", cwd=folder)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "3 sites, fine\n", "")


def test_the_estate_of_the_demonstration_is_fine():
    assert divio_estate("validate", cwd=ROOT).stdout == "4 sites, fine\n"


def test_problems_are_a_line_each_and_exit_1(folder):
    (folder / "other.yaml").write_text(BROKEN)
    ran = divio_estate("validate", "other.yaml", cwd=folder)
    assert ran.returncode == 1
    assert ran.stdout == (
        'other.yaml:12: regoin: unknown key; did you mean "region"?\n'
        'other.yaml:13: variables.A: no without quotes is true or false to YAML, not text; quote it: "no"\n'
    )
    assert ran.stderr == ""


def test_a_machine_can_read_problems(folder):
    (folder / "stacks/estate.yaml").write_text(BROKEN)
    ran = divio_estate("validate", "--json", cwd=folder)
    assert ran.returncode == 1
    found = json.loads(ran.stdout)
    assert found["file"] == "stacks/estate.yaml"
    assert found["problems"][0] == {
        "file": "stacks/estate.yaml",
        "line": 12,
        "key": "regoin",
        "message": 'unknown key; did you mean "region"?',
    }
    (folder / "stacks/estate.yaml").write_text(FINE)
    assert json.loads(divio_estate("validate", "--json", cwd=folder).stdout) == {
        "file": "stacks/estate.yaml",
        "sites": 3,
        "problems": [],
        "warnings": [],
    }


def test_warnings_have_a_line_and_are_no_problem(folder):
    text = FINE + "    hold: {reason: broken theme, until: 2020-12-31}\nrollout: {connections: {per_site: 20}}\n"
    (folder / "stacks/estate.yaml").write_text(text)
    ran = divio_estate("validate", cwd=folder)
    assert (ran.returncode, ran.stderr) == (0, "")
    hold, connections, last = ran.stdout.splitlines()
    assert hold.startswith(
        "warning: stacks/estate.yaml:12: mirrors.acme-shop.hold.until: is still on hold (broken theme), and 2020-12-31 is "
    )
    assert connections.startswith(
        "warning: stacks/estate.yaml:13: rollout.connections: 3 sites with 2 of them deployed"
    )
    assert last == "3 sites, usable, with warnings"
    found = json.loads(divio_estate("validate", "--json", cwd=folder).stdout)
    assert [warning["line"] for warning in found["warnings"]] == [12, 13]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: path.unlink(), "there is no such file; run this where Pulumi.yaml is, or name the file"),
        (lambda path: (path.unlink(), path.mkdir()), "cannot be read: Is a directory"),
        (lambda path: path.write_bytes(b"name: \xff\xfe"), "is not UTF-8 text (byte 6); save it as UTF-8"),
    ],
)
@pytest.mark.parametrize("verb", ["validate", "pin"])
def test_a_file_that_cannot_be_read_is_told_in_one_sentence(folder, make, sentence, verb):
    make(folder / "stacks/estate.yaml")
    ran = divio_estate(verb, cwd=folder)
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", f"stacks/estate.yaml: {sentence}\n")


@pytest.mark.parametrize("arguments", [["valdate"], ["validate", "--jsn"], ["validate", "a", "b"]])
def test_wrong_usage_exits_2(folder, arguments):
    ran = divio_estate(*arguments, cwd=folder)
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert "Traceback" not in ran.stderr


def test_the_schema_is_printed_and_written(folder):
    assert json.loads(divio_estate("schema", cwd=folder).stdout) == schema()
    ran = divio_estate("schema", "--write", "stacks/estate.schema.json", cwd=folder)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert json.loads((folder / "stacks/estate.schema.json").read_text()) == schema()
    assert divio_estate("schema", "--write", "nowhere/x", cwd=folder).stderr == (
        "nowhere/x: cannot be written: No such file or directory\n"
    )


@pytest.mark.parametrize(
    ("missing", "arguments", "extra"), [("typer", "validate", "cli"), ("fastapi", "emulator", "emulator")]
)
def test_a_missing_extra_is_told_with_the_command_that_installs_it(missing, arguments, extra):
    program = (
        f"import sys; sys.modules[{missing!r}] = None; sys.argv[1:] = [{arguments!r}]\n"
        "from divio_provider.cli.app import main; main()"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert f"pip install 'divio-provider[{extra}]'" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_looking_at_a_declaration_needs_neither_pulumi_nor_the_network():
    program = (
        'import sys; from divio_provider.cli.app import commands; commands(["validate", "pin", "schema"]); '
        "print(*sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"pulumi", "requests", "fastapi"} & {name.partition(".")[0] for name in ran.stdout.split()}
