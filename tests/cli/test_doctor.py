"""`divio-estate doctor` on a real local Divio, and on its schema as a file."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import divio_estate
from tests.emulator.conftest import Estate
from tests.local_divio import LocalDivio

CANARY = "canary-t0ken-0123456789"


@pytest.fixture(scope="module")
def local() -> Iterator[LocalDivio]:
    with LocalDivio(deploy_seconds=0, token=CANARY) as divio:
        yield divio


@pytest.fixture
def divio(local: LocalDivio) -> LocalDivio:
    local.clear_calls()
    return local


@pytest.fixture
def schema(divio: LocalDivio) -> dict[str, Any]:
    found: dict[str, Any] = divio.get("/apps/v3/schema.json")
    return found


def doctor(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    ran = divio_estate("doctor", *arguments, cwd=folder, **{"DIVIO_TOKEN": CANARY, "HOME": str(folder), **environment})
    assert "Traceback" not in ran.stderr, ran.stderr
    assert CANARY not in ran.stdout + ran.stderr
    return ran


def on_file(folder: Path, document: object) -> tuple[int, list[dict[str, str]]]:
    (folder / "schema.json").write_text(json.dumps(document))
    ran = doctor(folder, "--schema", "schema.json", "--json", DIVIO_TOKEN="")
    return ran.returncode, json.loads(ran.stdout)["findings"]


def test_the_local_divio_is_fine_or_labelled_unknown(divio: LocalDivio, tmp_path: Path):
    ran = doctor(tmp_path, "--api-url", divio.url, "--json")
    assert ran.returncode == 0, ran.stdout
    found = json.loads(ran.stdout)
    assert found["findings"] == []
    assert {item["verdict"] for item in found["items"]} == {"fine", "unknown"}
    unverified = [item for item in found["items"] if item["verdict"] == "unknown" and item["kind"] != "behaviour"]
    assert all(item["detail"] for item in unverified)


def test_the_table_says_what_the_account_sees_and_what_stays_unverified(divio: LocalDivio, tmp_path: Path):
    ran = doctor(tmp_path, "--api-url", divio.url)
    assert ran.returncode == 0, ran.stdout
    for said in (
        "token: belongs to demo@acme.example",
        "organisations: Acme",
        "plan groups of Acme: Standard, Small",
        "services in Frankfurt: postgres, s3",
        "divio:mirrors: auto chooses field:mirror_of",
        "divio:domains: auto chooses api",
        "unknown  throttling",
        "All that can be verified is fine;",
    ):
        assert said in ran.stdout


def test_it_only_reads_and_asks_little(divio: LocalDivio, tmp_path: Path):
    doctor(tmp_path, "--api-url", divio.url)
    calls = divio.calls()
    assert {call["method"] for call in calls} == {"GET"}
    assert len(calls) < 20


def test_of_a_changed_schema_exactly_the_changes_are_named(schema: dict[str, Any], tmp_path: Path):
    models, paths = schema["components"]["schemas"], schema["paths"]
    for model in ("EnvironmentVariable", "EnvironmentVariableCreate", "EnvironmentVariableUpdate"):
        properties = models[model]["properties"]
        properties["is_secret"] = properties.pop("is_sensitive")
    del paths["/apps/v3/deployments/{uuid}/logs/"]
    models["Deployment"]["properties"]["ended_at"] = {"type": "integer"}
    models["DeploymentDetail"]["properties"]["ended_at"] = {"type": "integer"}
    status, findings = on_file(tmp_path, schema)
    assert status == 1
    assert [(one["kind"], one["about"], one["name"], one["verdict"]) for one in findings] == [
        ("path", "deployments", "/apps/v3/deployments/{uuid}/logs", "missing"),
        ("field", "deployments", "ended_at", "differs"),
        ("field", "environment-variables", "is_sensitive", "missing"),
    ]
    assert "is it is_secret there?" in findings[2]["detail"]


@pytest.mark.parametrize(
    ("gone", "model", "renamed", "other", "retyped", "names"),
    [
        (
            "/apps/v3/application-activities/",
            "ApplicationCreate",
            "plan_group",
            "ServiceInstance",
            "prefix",
            ["plan_group", "/apps/v3/application-activities/", "prefix"],
        ),
        (
            "/apps/v3/applications/",
            "BackupCreate",
            "services",
            "DomainCreate",
            "is_primary",
            ["/apps/v3/applications/", "is_primary", "services"],
        ),
        (
            "/apps/v3/service-instance-backups/{uuid}/",
            "ReleaseCommand",
            "label",
            "EnvironmentVariableCreate",
            "value",
            ["release_commands.label", "value", "/apps/v3/service-instance-backups/{uuid}/"],
        ),
    ],
)
def test_one_field_renamed_one_path_gone_one_type_changed_are_three_findings(
    schema: dict[str, Any],
    tmp_path: Path,
    gone: str,
    model: str,
    renamed: str,
    other: str,
    retyped: str,
    names: list[str],
):
    del schema["paths"][gone]
    models = schema["components"]["schemas"]
    models[model]["properties"]["another_name"] = models[model]["properties"].pop(renamed)
    models[other]["properties"][retyped] = {"type": "array", "items": {"type": "string"}}
    status, findings = on_file(tmp_path, schema)
    assert (status, [one["name"] for one in findings]) == (1, names)


def test_a_path_that_is_gone_is_one_line_not_one_for_each_field(schema: dict[str, Any], tmp_path: Path):
    del schema["paths"]["/apps/v3/applications/"]
    status, findings = on_file(tmp_path, schema)
    assert (status, [one["name"] for one in findings]) == (1, ["/apps/v3/applications/"])


def test_a_verb_that_is_gone_is_named_with_its_path(schema: dict[str, Any], tmp_path: Path):
    del schema["paths"]["/apps/v3/environment-variables/{uuid}/"]["patch"]
    _, findings = on_file(tmp_path, schema)
    assert [one["name"] for one in findings] == ["PATCH /apps/v3/environment-variables/{uuid}/"]


def test_a_field_that_a_creation_newly_requires_is_named(schema: dict[str, Any], tmp_path: Path):
    model = schema["components"]["schemas"]["DeploymentCreate"]
    model["properties"]["reason"] = {"type": "string"}
    model["required"].append("reason")
    _, findings = on_file(tmp_path, schema)
    assert [(one["about"], one["name"], one["verdict"]) for one in findings] == [("deployments", "reason", "differs")]


def test_a_schema_file_needs_neither_token_nor_network(schema: dict[str, Any], tmp_path: Path):
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    ran = doctor(tmp_path, "--schema", "schema.json", "--json", DIVIO_TOKEN="", HTTPS_PROXY="http://127.0.0.1:9")
    found = json.loads(ran.stdout)
    assert ran.returncode == 0, ran.stdout
    assert found["account"] is None
    unknown = {item["about"] for item in found["items"] if item["verdict"] == "unknown"}
    # The file is about /apps/ alone.
    assert {"me", "organisations", "application-plan-groups"} <= unknown
    assert found["choices"]["divio:mirrors"]["chosen"] == "field:mirror_of"


@pytest.mark.parametrize(
    ("variant", "chosen"),
    [
        ("none", "manual"),
        pytest.param(*["field:original"] * 2, marks=pytest.mark.slow),
        pytest.param(*["action:/apps/v3/applications/{uuid}/mirror/"] * 2, marks=pytest.mark.slow),
    ],
)
def test_it_tells_what_auto_would_choose(variant: str, chosen: str, tmp_path: Path, start_divio: Any):
    divio = start_divio(deploy_seconds=0, mirrors=variant)
    ran = doctor(tmp_path, "--api-url", divio.url, "--json", DIVIO_TOKEN=divio.token)
    found = json.loads(ran.stdout)
    assert (ran.returncode, found["choices"]["divio:mirrors"]["chosen"]) == (0, chosen), found["findings"]
    assert found["choices"]["divio:mirrors"]["why"]


def test_the_json_has_the_form_that_the_documentation_describes(divio: LocalDivio, tmp_path: Path):
    found = json.loads(doctor(tmp_path, "--api-url", divio.url, "--json").stdout)
    assert set(found) == {"source", "account", "choices", "limits", "counts", "items", "findings"}
    assert set(found["account"]) == {"user", "plan_groups", "services", "applications", "mirrors", "unsubscribed"}
    assert set(found["items"][0]) == {"kind", "about", "name", "verdict", "certainty", "source", "detail"}
    assert set(found["counts"]) == {"fine", "differs", "missing", "unknown"}
    assert sum(found["counts"].values()) == len(found["items"])


def test_an_estate_is_counted(divio: LocalDivio, tmp_path: Path):
    world = divio.world()
    estate = Estate(divio)
    estate.mirror("acme-blog", estate.application("acme-main"))
    found = json.loads(doctor(tmp_path, "--api-url", divio.url, "--json").stdout)
    divio.replace_world(world)
    assert (found["account"]["applications"], found["account"]["mirrors"]) == (2, 1)


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (["--api-url", "URL"], {"DIVIO_TOKEN": ""}, "there is no token"),
        (["--api-url", "URL"], {"DIVIO_TOKEN": "wrong-0123456789"}, "401"),
        (["--schema", "nowhere.json"], {}, "nowhere.json: there is no such file"),
        (["--schema", "broken.json"], {}, "broken.json: is no OpenAPI document"),
        (["--schema", "other.json"], {}, "other.json: describes nothing under /apps/"),
        (["--stack", "demo", "--api-url", "URL"], {}, "--api-url and --stack exclude each other"),
    ],
)
def test_what_cannot_run_is_said_in_a_sentence(
    divio: LocalDivio, tmp_path: Path, arguments: list[str], environment: dict[str, str], said: str
):
    (tmp_path / "broken.json").write_text("{[")
    (tmp_path / "other.json").write_text('{"paths": {"/pets/": {}}}')
    ran = doctor(tmp_path, *(divio.url if one == "URL" else one for one in arguments), **environment)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert "wrong-0123456789" not in ran.stderr
