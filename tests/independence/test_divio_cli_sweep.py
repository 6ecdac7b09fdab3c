"""Every command of divio-cli that talks to Divio, once right and once wrong: it works, or says why not in its own words.

`DivioCli.run` fails on a traceback and on another exit code. Left out is what cannot work with an address as the zone
(`login`, `logout`, `app-template list`: a second client takes the zone for a domain's name), and what needs a terminal.
"""

from __future__ import annotations

import pytest

NOWHERE = "aaaaaaaaaaaaaaaaaaaaaaaaaa"

OF_AN_ENVIRONMENT = (
    ("app", "deploy"),
    ("app", "deploy-log"),
    ("app", "logs"),
    ("app", "open"),
    ("app", "ssh"),
    ("app", "service-instances", "list"),
    ("app", "deployments", "list", "-e"),
    ("app", "env-vars", "list", "-e"),
    ("app", "env-vars", "get", "THEME", "-e"),
)


def missing(said: str) -> bool:
    return any(words in said.lower() for words in ("not found", "does not exist", "unable to retrieve"))


@pytest.mark.parametrize("command", [OF_AN_ENVIRONMENT[0], OF_AN_ENVIRONMENT[5]])
def test_an_environment_that_does_not_exist_is_told(cli, estate, command):
    application = estate.application("acme-main")
    assert missing(cli.run(*command, "nope", "--remote-id", application["uuid"], code=1))


@pytest.mark.slow
@pytest.mark.parametrize("command", OF_AN_ENVIRONMENT, ids=" ".join)
def test_no_command_breaks_on_what_is_not_there(cli, estate, command):
    application = estate.application("acme-main")
    assert missing(cli.run(*command, "nope", "--remote-id", application["uuid"], code=1))
    assert missing(cli.run(*command, "test", "--remote-id", NOWHERE, code=1))


@pytest.mark.slow
def test_every_other_command_works_in_a_projects_folder(cli, divio, estate):
    application = estate.original()
    cli.configure(application["uuid"], "acme-main")
    live = divio.deployments("acme-main", "live")[0]["uuid"]
    region = estate.regions["Frankfurt"]
    for command in (
        ("-v", "app", "list"),
        ("app", "dashboard"),
        ("app", "open", "live"),
        ("app", "status"),
        ("app", "deploy", "live", "--build-mode", "ADOPT"),
        ("app", "deployments", "list", "--limit", "1", "--all-envs"),
        ("app", "deployments", "get-var", live, "STAGE"),
        ("app", "env-vars", "list", "--limit", "1", "--all-envs"),
        ("app", "service-instances", "list", "live"),
        ("doctor", "-c", "login"),
        ("organisations", "list", "--limit", "1"),
        ("regions", "list", "--limit", "1"),
        ("services", "list", "--region", region, "--limit", "1", "--json"),
        ("version", "-s"),
    ):
        cli.run(*command)
    for command in (
        ("app", "deployments", "get", NOWHERE),
        ("app", "deployments", "get-var", NOWHERE, "STAGE"),
        ("app", "setup", "nowhere"),
        ("addon", "register", "Name", "package", "--organisation", "7"),
    ):
        assert missing(cli.run(*command, code=1))
