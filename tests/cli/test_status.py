"""`divio-estate status` on a real local Divio whose estate was made by hand, so without any stack."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import divio_estate
from tests.emulator.conftest import Estate
from tests.estate.declarations import FINE
from tests.local_divio import LocalDivio

SHARED = ("DATABASE_URL", "DEFAULT_STORAGE_DSN")


@pytest.fixture(scope="module")
def made() -> Iterator[tuple[LocalDivio, dict[str, Any]]]:
    """A local Divio with the estate of FINE, wired and deployed, and that world."""
    with LocalDivio(deploy_seconds=0) as divio:
        estate = Estate(divio)
        original = estate.original()
        for number, slug in enumerate(("acme-blog", "acme-shop"), 2):
            estate.mirror(slug, original)
            for environment in ("test", "live"):
                deployed = divio.deployed("acme-main", environment)
                for name in SHARED:
                    divio.set_variable(slug, environment, name, deployed[name], sensitive=True)
                divio.set_variable(slug, environment, "SITE_ID", str(number))
                divio.deploy(slug, environment)
        yield divio, divio.world()


@pytest.fixture
def divio(made: tuple[LocalDivio, dict[str, Any]]) -> LocalDivio:
    divio, world = made
    divio.renew(world)
    return divio


class Command:
    """The command in a folder with the declaration."""

    def __init__(self, folder: Path, divio: LocalDivio) -> None:
        self.folder, self.divio = folder, divio
        deployed = divio.deployed("acme-main", "live")
        self.secrets = [divio.token, *(deployed[name] for name in SHARED)]
        (folder / "stacks").mkdir()
        self.declare(FINE)

    def declare(self, text: str) -> None:
        (self.folder / "stacks/estate.yaml").write_text(text)

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        environment = {"DIVIO_TOKEN": self.divio.token, "HOME": str(self.folder), "NETRC": "", **environment}
        ran = divio_estate("status", "--api-url", self.divio.url, *arguments, cwd=self.folder, **environment)
        assert "Traceback" not in ran.stderr, ran.stderr
        assert not any(secret in ran.stdout + ran.stderr for secret in self.secrets)
        return ran

    def findings(self, *arguments: str) -> set[tuple[str, str, str]]:
        ran = self.run("--json", *arguments)
        found = json.loads(ran.stdout)["findings"]
        assert ran.returncode == bool(found)
        return {(finding["site"], finding["environment"], finding["kind"]) for finding in found}


@pytest.fixture
def command(tmp_path: Path, divio: LocalDivio) -> Command:
    return Command(tmp_path, divio)


def test_a_level_estate_is_fine(command: Command):
    ran = command.run("--deep")
    assert ran.returncode == 0, ran.stdout
    assert ran.stdout.endswith("All 3 sites are deployed, current and in sync.\n")
    rows = [line.split()[:3] for line in ran.stdout.splitlines() if line.startswith("acme-")][1:]
    assert rows == [["acme-main", "1", "ok"], ["acme-blog", "2", "ok"], ["acme-shop", "3", "ok"]]


@pytest.mark.slow
def test_the_table_is_narrow_and_never_cut_outside_a_terminal(command: Command):
    slug = "acme-" + 45 * "x"
    command.declare(FINE + f"  {slug}:\n    name: Long\n")
    narrow = [line for line in command.run(COLUMNS="40").stdout.splitlines() if slug not in line]
    assert slug in command.run(COLUMNS="40").stdout
    assert not any("…" in line for line in narrow)
    command.declare(FINE)
    assert max(len(line) for line in command.run().stdout.splitlines()) <= 80


def test_the_json_has_the_form_that_the_readme_describes(command: Command):
    found = json.loads(command.run("--json", "--deep").stdout)
    assert set(found) == {
        "file", "stack", "api_url", "deep", "released_at", "until", "release", "sites", "findings", "notes"
    }  # fmt: skip
    shop = next(site for site in found["sites"] if site["site"] == "acme-shop")
    assert set(shop) == {"site", "role", "site_id", "exists", "unfinished", "hold", "test", "live"}
    assert set(shop["live"]) == {"result", "at", "current", "in_sync", "site_id", "deployed_site_id"}
    assert (shop["role"], shop["site_id"], shop["live"]["site_id"]) == ("mirror", 3, "3")
    assert (shop["live"]["result"], shop["live"]["current"], shop["live"]["in_sync"]) == ("ok", True, True)


def test_it_only_reads_and_asks_a_few_times_a_site(command: Command):
    command.divio.clear_calls()
    command.run()
    calls = command.divio.calls()
    # The lists, what the original was deployed with, and when its Live was released.
    assert len(calls) <= 10
    command.divio.clear_calls()
    command.run("--deep")
    assert len(command.divio.calls()) == len(calls) + 4, "one more for each of the mirrors' environments"
    assert {call["method"] for call in calls} == {"GET"}


def with_mirrors(world: dict[str, Any], count: int) -> dict[str, Any]:
    """The world with copies of acme-shop: each environment has six variables and was deployed three times."""
    shop = next(row for row in world["applications"] if row["slug"] == "acme-shop")
    made = {table: list(rows) for table, rows in world.items()}

    def copy(table: str, row: dict[str, Any], **changes: Any) -> dict[str, Any]:
        added = {**row, "uuid": f"{len(made[table]):026}", **changes}
        made[table].append(added)
        return added

    for number in range(4, count + 2):
        slug = f"acme-{number}"
        application = copy("applications", shop, slug=slug, name=slug, number=2000 + number)
        for environment in [row for row in world["environments"] if row["application"] == shop["uuid"]]:
            place = {"environment": copy("environments", environment, application=application["uuid"])["uuid"]}
            values = {"SITE_ID": str(number), **{f"EXTRA_{one}": "1" for one in range(3)}}
            for row in [row for row in world["environment_variables"] if row["environment"] == environment["uuid"]]:
                copy("environment_variables", row, **place, value=values.pop(row["name"], row["value"]))
            for name, value in values.items():
                copy("environment_variables", {"is_sensitive": False}, **place, name=name, value=value)
            for row in [row for row in world["deployments"] if row["environment"] == environment["uuid"]]:
                carried = {**row["variables"], "SITE_ID": str(number), **values}
                for _ in range(3):
                    last = copy("deployments", row, **place, application=application["uuid"], variables=carried)
                made["environments"][-1] |= {"last_finished": last["uuid"], "last_successful": last["uuid"]}
    return made


def test_status_of_1_and_200_sites_takes_at_most_70_calls(command: Command):
    command.declare(FINE + "".join(f"  acme-{number}: {{name: Site}}\n" for number in range(4, 202)))
    command.divio.renew(with_mirrors(command.divio.world(), 200))
    ran = command.run()
    assert ran.returncode == 0, ran.stdout
    assert "All 201 sites are deployed, current" in ran.stdout
    assert len(command.divio.calls()) <= 70


def test_a_release_of_the_original_puts_its_mirrors_behind(command: Command):
    command.divio.deploy("acme-main", "live")
    assert command.findings() == {(slug, "", "behind") for slug in ("acme-blog", "acme-shop")}


def test_a_variable_that_was_not_deployed_is_not_in_sync(command: Command):
    command.divio.set_variable("acme-shop", "live", "THEME", "new")
    assert command.findings("--deep") == {("acme-shop", "live", "undeployed")}
    ran = command.run()
    assert ran.returncode == 0, ran.stdout
    assert ran.stdout.endswith("All 3 sites are deployed, current, and in sync as far as shown.\n")


def test_a_variable_that_was_changed_by_hand_and_deployed_is_named(command: Command):
    command.declare(FINE + "    variables: {THEME: shop, TOKEN: {secret: true}, LANG: en}\n")
    for name, value in (("THEME", "mine"), ("LANG", "en"), ("TOKEN", "plain")):
        command.divio.set_variable("acme-shop", "live", name, value, sensitive=name == "LANG")
    for name, value in (("THEME", "shop"), ("TOKEN", "hidden")):
        command.divio.set_variable("acme-shop", "test", name, value, sensitive=name == "TOKEN")
    command.divio.deploy("acme-shop", "live")
    command.divio.deploy("acme-shop", "test")
    ran = command.run()
    assert (
        "acme-shop live: differs from the file: LANG is sensitive, although it is no secret; THEME has another value; TOKEN "
        "is shown in plain text, although it is a secret\n"
    ) in ran.stdout
    assert (
        "acme-shop test: differs from the file: LANG is not set; pulumi up --refresh sets what is declared\n"
        in ran.stdout
    )
    assert command.findings() == {("acme-shop", name, "variables") for name in ("test", "live")}
    site = json.loads(command.run("--json").stdout)["sites"][2]
    assert site["live"]["in_sync"] is False


@pytest.mark.slow
def test_what_an_exclusive_site_has_besides_is_named(command: Command):
    command.declare(FINE + "    ownership: exclusive\n")
    command.divio.set_variable("acme-shop", "live", "LEFT", "1")
    command.divio.set_variable("acme-blog", "live", "LEFT", "1")
    for slug in ("acme-blog", "acme-shop"):
        command.divio.deploy(slug, "live")
    assert command.findings() == {("acme-shop", "live", "variables")}
    assert "LEFT is not declared" in command.run().stdout


def domain(command: Command, slug: str, host: str, **fields: bool) -> None:
    """A domain attached in the Control Panel."""
    body = {"is_primary": False, "is_redirect": False, **fields}
    application = command.divio.application(slug)["uuid"]
    command.divio.post("/apps/v3/domains/", {"application": application, "domain": host, **body})


@pytest.mark.slow
def test_a_domain_that_was_changed_by_hand_and_deployed_is_named(command: Command):
    command.declare(FINE + "    domains: [shop.example, store.example, s.example, old.example]\n")
    domain(command, "acme-shop", "shop.example", is_primary=True)
    domain(command, "acme-shop", "store.example", is_redirect=True)
    domain(command, "acme-blog", "s.example")
    domain(command, "acme-blog", "more.example")
    for slug in ("acme-blog", "acme-shop"):
        command.divio.deploy(slug, "live")
    ran = command.run()
    assert (
        "acme-shop live: differs from the file: store.example is its redirect, declared as alias; s.example is attached to "
        "acme-blog; old.example is attached to no site; pulumi up --refresh puts them where they are declared\n"
    ) in ran.stdout
    assert "Note: acme-blog live: has the domain more.example, not declared in the file.\n" in ran.stdout
    assert command.findings() == {("acme-shop", "live", "domains")}


def test_where_divio_lists_no_domains_that_is_said(command: Command):
    command.declare(FINE + "    domains: [shop.example]\n")
    command.divio.faults([{"path": "/domains/", "status": 404}])
    ran = command.run()
    assert ran.returncode == 0, ran.stdout
    assert "Note: Divio does not show the account's domains, so they were not held against the file.\n" in ran.stdout


@pytest.mark.slow
def test_a_domain_that_was_not_deployed_is_not_in_sync(command: Command):
    command.declare(FINE + "    domains: [shop.example]\n")
    domain(command, "acme-shop", "shop.example", is_primary=True)
    assert command.findings() == set()
    assert command.findings("--deep") == {("acme-shop", "live", "undeployed")}


def test_a_changed_site_id_and_its_twin_are_found(command: Command):
    command.divio.set_variable("acme-shop", "test", "SITE_ID", "2")
    assert command.findings() == {("acme-blog", "test", "duplicate-id")}
    assert "acme-blog test: has the SITE_ID 2 of acme-shop; they are one site to Django" in command.run().stdout


def test_a_failed_deployment_is_found(command: Command):
    command.divio.site("acme-blog", "live", deployment="fail")
    command.divio.finished(command.divio.start_deployment("acme-blog", "live")["uuid"])
    assert command.findings() == {("acme-blog", "live", "failed")}


def test_a_rotated_password_is_found_on_every_mirror(command: Command):
    command.divio.rotate("acme-main", "test")
    command.divio.deploy("acme-main", "test")
    assert command.findings("--deep") == {(slug, "test", "other-dsn") for slug in ("acme-blog", "acme-shop")}


def test_a_declared_site_that_is_not_there_is_missing(command: Command):
    command.declare(FINE + "  acme-news:\n    name: Acme News\n")
    assert command.findings() == {("acme-news", "", "missing")}


@pytest.mark.slow
def test_a_site_on_hold_is_shown_and_is_a_finding_only_after_its_last_day(command: Command):
    command.divio.deploy("acme-main", "live")
    command.divio.deploy("acme-blog", "test")
    command.divio.deploy("acme-blog", "live")
    assert command.findings() == {("acme-shop", "", "behind")}
    command.declare(FINE + "    hold: {reason: broken theme, until: 9999-12-31}\n")
    ran = command.run("--deep")
    assert ran.returncode == 0, ran.stdout
    assert "Note: acme-shop: is on hold: broken theme, until 9999-12-31." in ran.stdout
    assert "behind" in ran.stdout
    assert ran.stdout.endswith("1 site is on hold; the other 2 are deployed, current and in sync.\n")
    command.declare(FINE + "    hold: {reason: broken theme, until: 2020-12-31}\n")
    assert command.findings() == {("acme-shop", "", "hold-over")}
    shop = json.loads(command.run("--json").stdout)["sites"][2]
    assert shop["hold"] == {"reason": "broken theme", "until": "2020-12-31", "over": True}
    assert "acme-shop: is still on hold (broken theme), and 2020-12-31 is over; remove the hold" in command.run().stdout


def test_the_declared_release_is_shown_with_where_it_is(command: Command):
    command.declare(FINE + 'release: {name: "2026-11", phase: contract}\n')
    command.divio.set_variable("acme-main", "test", "ESTATE_RELEASE", "2026-11")
    command.divio.deploy("acme-main", "test")
    assert "release 2026-11 (contract): on the original's Test, not yet on Live (none)\n" in command.run().stdout
    found = json.loads(command.run("--json").stdout)
    assert found["release"] == {"name": "2026-11", "phase": "contract", "test": "2026-11", "live": None}


def test_a_foreign_mirror_is_listed(command: Command):
    command.divio.make_mirror("acme-main", "acme-party")
    ran = command.run()
    assert ran.returncode == 0, ran.stdout
    assert "acme-party (foreign)" in ran.stdout


def test_an_empty_divio_has_only_findings(command: Command, start_divio: Any):
    command.divio = start_divio(deploy_seconds=0)
    ran = divio_estate("status", "--api-url", command.divio.url, cwd=command.folder, DIVIO_TOKEN=command.divio.token)
    assert ran.returncode == 1
    assert ran.stdout.endswith("3 findings.\n")


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        ([], {"DIVIO_TOKEN": ""}, "there is no token"),
        ([], {"DIVIO_TOKEN": "wrong"}, "401"),
        (["nowhere.yaml"], {}, "nowhere.yaml: there is no such file"),
        (["--stack", "demo"], {}, "--api-url and --stack exclude each other"),
    ],
)
def test_what_cannot_run_is_said_in_a_sentence(
    command: Command, arguments: list[str], environment: dict[str, str], said: str
):
    ran = command.run(*arguments, **environment)
    assert ran.returncode == 2
    assert said in ran.stderr
    assert ran.stdout == ""
    assert len(ran.stderr.splitlines()) == 1


def test_a_broken_declaration_is_no_traceback(command: Command):
    command.declare("organisation: [")
    ran = command.run()
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "stacks/estate.yaml" in ran.stderr


def test_an_unknown_stack_is_said_in_pulumis_words(command: Command):
    (command.folder / "Pulumi.yaml").write_text("name: acme\nruntime: yaml\n")
    (command.folder / "state").mkdir()
    environment = {
        "PULUMI_BACKEND_URL": f"file://{command.folder / 'state'}",
        "PULUMI_HOME": str(command.folder / "home"),
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    ran = divio_estate("status", "--stack", "nowhere", cwd=command.folder, **environment)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "Traceback" not in ran.stderr
    assert "nowhere" in ran.stderr or "Pulumi CLI" in ran.stderr
