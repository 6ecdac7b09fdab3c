"""`divio-estate inspect` on real local Divios whose estates nobody declared."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import divio_estate
from tests.emulator.conftest import Estate
from tests.local_divio import LocalDivio

CANARY = "canary-t0ken-0123456789"
SHARED = ("DATABASE_URL", "DEFAULT_STORAGE_DSN")
ENVIRONMENTS = ("test", "live")


class Made:
    """An original and mirrors `m01`, `m02`, …, wired; nothing of the mirrors is deployed yet."""

    def __init__(self, divio: LocalDivio, mirrors: int) -> None:
        self.divio, self.estate = divio, Estate(divio)
        self.original = self.estate.original()
        self.shared = {name: {one: divio.deployed("acme-main", name)[one] for one in SHARED} for name in ENVIRONMENTS}
        self.slugs = [f"m{number:02}" for number in range(1, mirrors + 1)]
        applications = [self.estate.mirror(slug, self.original) for slug in self.slugs]
        listed = {(one["application"], one["slug"]): one["uuid"] for one in divio.all("/apps/v3/environments/")}
        self.environments = {
            (one["slug"], name): listed[one["uuid"], name] for one in applications for name in ENVIRONMENTS
        }
        for number, application in enumerate(applications, 2):
            self.wire(application, number)

    def wire(self, application: Any, site_id: int) -> None:
        """Gives a mirror a `SITE_ID` and the original's variables."""
        slug = application["slug"]
        for name in ENVIRONMENTS:
            if (slug, name) not in self.environments:
                self.environments[slug, name] = self.divio.environment(slug, name)["uuid"]
            self.set(slug, name, "SITE_ID", str(site_id))
            for one in SHARED:
                self.set(slug, name, one, self.shared[name][one], sensitive=True)

    def set(self, slug: str, name: str, variable: str, value: str, *, sensitive: bool = False) -> None:
        body = {"environment": self.environments[slug, name], "name": variable, "value": value}
        self.divio.post("/apps/v3/environment-variables/", {**body, "is_sensitive": sensitive})

    def unset(self, slug: str, name: str, variable: str) -> None:
        found = self.divio.all(f"/apps/v3/environment-variables/?environment={self.environments[slug, name]}")
        uuid = next(one["uuid"] for one in found if one["name"] == variable)
        self.divio.delete(f"/apps/v3/environment-variables/{uuid}/")

    def reset(self, slug: str, name: str, variable: str, value: str, *, sensitive: bool = False) -> None:
        self.unset(slug, name, variable)
        self.set(slug, name, variable, value, sensitive=sensitive)

    def deploy(self, slug: str, name: str) -> None:
        body = {"environment": self.environments[slug, name], "build_mode": "ADOPT"}
        self.divio.finished(self.divio.post("/apps/v3/deployments/", body)["uuid"])

    def deploy_all(self, *but: tuple[str, str]) -> None:
        for place in self.environments:
            if place not in but:
                self.deploy(*place)

    @property
    def secrets(self) -> list[str]:
        found = [value for values in self.shared.values() for value in values.values()]
        return [*found, *(one["secret_key"] for one in self.divio.world()["environments"])]


@pytest.fixture(scope="module")
def small() -> Iterator[tuple[Made, dict[str, Any]]]:
    with LocalDivio(deploy_seconds=0, token=CANARY) as divio:
        made = Made(divio, 2)
        made.deploy_all()
        yield made, divio.world()


@pytest.fixture
def made(small: tuple[Made, dict[str, Any]]) -> Made:
    made, world = small
    made.divio.replace_world(world)
    made.divio.clear_calls()
    return made


def inspect(folder: Path, made: Made, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    environment = {"DIVIO_TOKEN": made.divio.token, "HOME": str(folder), "NETRC": "", **environment}
    ran = divio_estate("inspect", "--api-url", made.divio.url, *arguments, cwd=folder, **environment)
    assert "Traceback" not in ran.stderr, ran.stderr
    assert not any(secret in ran.stdout + ran.stderr for secret in (CANARY, *made.secrets))
    return ran


def test_planted_faults_are_named_each_once_and_nothing_else(tmp_path: Path, start_divio: Any):
    divio = start_divio(deploy_seconds=0)
    made = Made(divio, 40)
    abroad = made.estate.mirror("m41", made.original, region=made.estate.regions["Ireland"])
    made.wire(abroad, 42)
    made.deploy("m09", "live")
    divio.deploy("acme-main", "live")
    for name in ENVIRONMENTS:
        made.reset("m02", name, "SITE_ID", "2")
        made.reset("m12", name, "SITE_ID", "1")
    made.unset("m03", "live", "SITE_ID")
    made.unset("m04", "test", "DATABASE_URL")
    made.reset("m05", "test", "DATABASE_URL", made.shared["live"]["DATABASE_URL"], sensitive=True)
    made.reset("m06", "live", "DEFAULT_STORAGE_DSN", "s3://a:b@elsewhere.example/?auth=s3v4", sensitive=True)
    made.unset("m07", "live", "DATABASE_URL")
    made.estate.services("m07", "live")
    divio.site("m11", "live", deployment="fail")
    made.reset("m13", "test", "SITE_ID", "014")
    made.reset("m14", "live", "SITE_ID", "")
    made.reset("m15", "test", "SITE_ID", "77")
    made.reset("m16", "live", "DEFAULT_STORAGE_DSN", made.shared["test"]["DEFAULT_STORAGE_DSN"], sensitive=True)
    made.estate.services("m17", "live")
    made.deploy("m17", "live")
    of_m17 = divio.deployed("m17", "live")["DEFAULT_DATABASE_DSN"]
    made.reset("m18", "live", "DATABASE_URL", of_m17, sensitive=True)
    made.set("m19", "test", "DEFAULT_DATABASE_DSN", made.shared["live"]["DATABASE_URL"], sensitive=True)
    made.unset("m20", "test", "SITE_ID")
    made.deploy_all(("m08", "live"), ("m09", "live"))
    made.set("m10", "live", "THEME", "new")
    made.set("m20", "test", "SITE_ID", "21")
    divio.site("m21", "live", deploy_seconds=600)
    divio.start_deployment("m21", "live", "ADOPT")
    divio.clear_calls()
    ran = inspect(tmp_path, made, "acme-main", "--json")
    assert ran.returncode == 1, ran.stderr
    found = json.loads(ran.stdout)
    assert [(one["site"], one["environment"], one["kind"]) for one in found["findings"]] == [
        ("acme-main", "", "duplicate-id"),
        ("m01", "", "duplicate-id"),
        ("m03", "live", "missing-id"),
        ("m04", "test", "missing-dsn"),
        ("m05", "test", "crossed-dsn"),
        ("m06", "live", "other-dsn"),
        ("m07", "live", "own-database"),
        ("m08", "live", "never-deployed"),
        ("m09", "live", "behind"),
        ("m10", "live", "undeployed"),
        ("m11", "live", "failed"),
        ("m13", "test", "odd-id"),
        ("m14", "live", "odd-id"),
        ("m15", "", "ids-differ"),
        ("m16", "live", "crossed-dsn"),
        ("m17", "live", "own-database"),
        ("m18", "live", "other-dsn"),
        ("m19", "test", "crossed-dsn"),
        ("m20", "test", "undeployed"),
        ("m41", "", "other-region"),
    ]
    texts = [one["text"] for one in found["findings"]]
    assert texts[0] == "has the SITE_ID 1 of m12; they are one site to Django"
    assert texts[1] == "has the SITE_ID 2 of m02; they are one site to Django"
    [note] = found["notes"]
    assert (note["site"], note["environment"], note["kind"]) == ("m21", "live", "running")
    assert of_m17 not in ran.stdout
    assert [one["site"] for one in found["sites"]] == ["acme-main", *made.slugs, "m41"]
    calls = divio.calls()
    assert {call["method"] for call in calls} == {"GET"}
    # Lists, what each environment was deployed with, and a few that the lists do not settle.
    assert len(calls) <= 84 + 20


def test_an_estate_without_faults_is_fine(made: Made, tmp_path: Path):
    ran = inspect(tmp_path, made, "acme-main")
    assert ran.returncode == 0, ran.stdout
    assert ran.stdout.endswith("All 3 sites are deployed, current and in sync.\n")
    rows = [line.split()[:3] for line in ran.stdout.splitlines() if line.startswith(("acme-main ", "m0"))][1:]
    assert rows == [["acme-main", "1", "ok"], ["m01", "2", "ok"], ["m02", "3", "ok"]]


def test_the_table_shows_site_ids_as_set_and_as_deployed(made: Made, tmp_path: Path):
    made.reset("m02", "test", "SITE_ID", "9")
    ran = inspect(tmp_path, made, "acme-main")
    assert "9 (deployed: 3), 3" in ran.stdout
    assert "m02 test: has changes that are not deployed: SITE_ID; deploy it" in ran.stdout
    assert ran.stdout.endswith("1 finding.\n")


def test_a_site_that_lacks_its_id_is_said_to_act_as_site_1(made: Made, tmp_path: Path):
    made.unset("m01", "live", "SITE_ID")
    ran = inspect(tmp_path, made, "acme-main")
    assert "m01 live: lacks SITE_ID and acts as site 1; its last deployment still carries 2" in ran.stdout


def test_a_new_mirror_is_one_finding_that_says_what_it_lacks(made: Made, tmp_path: Path):
    made.divio.make_mirror("acme-main", "m03")
    ran = inspect(tmp_path, made, "acme-main")
    said = "was never deployed, and lacks SITE_ID, DATABASE_URL, DEFAULT_STORAGE_DSN: set that first"
    assert f"m03: {said}; deploy it in the Control Panel\n1 finding.\n" in ran.stdout


def test_a_mirror_leads_to_its_original_and_that_is_said(made: Made, tmp_path: Path):
    ran = inspect(tmp_path, made, "m02")
    assert ran.stderr == "m02 is a mirror of acme-main, so acme-main is inspected.\n"
    assert ran.stdout.startswith("acme-main and 2 mirrors on ")
    found = json.loads(inspect(tmp_path, made, "m02", "--json").stdout)
    assert (found["asked"], found["original"]) == ("m02", "acme-main")


def test_the_json_has_the_form_that_the_documentation_describes(made: Made, tmp_path: Path):
    found = json.loads(inspect(tmp_path, made, "acme-main", "--json").stdout)
    assert set(found) == {"asked", "original", "api_url", "released_at", "release", "sites", "findings", "notes"}
    site = found["sites"][1]
    assert set(site) == {"site", "role", "site_id", "exists", "unfinished", "hold", "test", "live"}
    assert set(site["live"]) == {"result", "at", "current", "in_sync", "site_id", "deployed_site_id"}
    assert (site["live"]["site_id"], site["live"]["deployed_site_id"], site["site_id"]) == ("2", "2", 2)


@pytest.mark.parametrize(
    ("switch", "noted"),
    [
        ({"sensitive": "null"}, "Divio withholds DATABASE_URL of acme-main test, acme-main live, m01 test and 3 more"),
        ({"sensitive": "omitted"}, "Divio withholds DATABASE_URL of acme-main test"),
        ({"mirror_relation": "hidden"}, "Divio does not show which applications are mirrors"),
        ({"environments_list": "refused"}, ""),
        ({"built_ins": "listed"}, ""),
    ],
)
def test_what_divio_does_not_show_is_a_note_and_no_finding(
    made: Made, tmp_path: Path, switch: dict[str, str], noted: str
):
    before = made.divio.get("/_emulator/switches")
    made.divio.put("/_emulator/switches", {**before, **switch})
    try:
        ran = inspect(tmp_path, made, "acme-main")
    finally:
        made.divio.put("/_emulator/switches", before)
    assert ran.returncode == 0, ran.stdout
    assert "deployed" in ran.stdout.splitlines()[-1]
    assert "in sync" in ran.stdout.splitlines()[-1]
    assert noted in ran.stdout
    assert ("Note: " in ran.stdout) == bool(noted)


@pytest.mark.parametrize("verb", [["inspect", "acme-main"], ["inspect", "acme-main", "--json"], ["doctor"]])
def test_no_secret_is_in_any_output_with_every_logger_on(made: Made, tmp_path: Path, verb: list[str]):
    program = (
        "import logging, sys; logging.basicConfig(level=1, stream=sys.stderr);"
        "from divio_provider.cli.app import main; main()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, *verb, "--api-url", made.divio.url],
        cwd=tmp_path,
        env={**os.environ, "DIVIO_TOKEN": CANARY, "HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "DEBUG" in ran.stderr
    assert not any(secret in ran.stdout + ran.stderr for secret in (CANARY, *made.secrets))


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (["acme-mian"], {}, "there is no application 'acme-mian'. Did you mean 'acme-main'?"),
        (["acme-main"], {"DIVIO_TOKEN": ""}, "there is no token"),
        (["acme-main"], {"DIVIO_TOKEN": "wrong-0123456789"}, "401"),
        (["acme-main", "--stack", "demo"], {}, "--api-url and --stack exclude each other"),
    ],
)
def test_what_cannot_run_is_said_in_a_sentence(
    made: Made, tmp_path: Path, arguments: list[str], environment: dict[str, str], said: str
):
    ran = inspect(tmp_path, made, *arguments, **environment)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
