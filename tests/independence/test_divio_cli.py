"""divio-cli's lists, creations, deployments and logs."""

from __future__ import annotations

import pytest


def test_it_shows_what_divio_offers(cli, divio, estate):
    assert "Acme" in cli.run("organisations", "list")
    assert [row["uuid"] for row in cli.json("organisations", "list", "--json")] == [estate.organisation]
    assert {row["name"]: row["uuid"] for row in cli.json("regions", "list", "--json")} == estate.regions
    services = cli.run("services", "list", "--region", estate.regions["Frankfurt"])
    assert "PostgreSQL" in services
    assert "Amazon S3" in services
    assert "No services found." in cli.run("services", "list", "--region", "nowhere")
    assert "Login" in cli.run("doctor", "-c", "login")


@pytest.mark.slow
def test_it_lists_applications_and_mirrors(cli, estate):
    original = estate.original()
    mirror = estate.mirror("acme-shop", original)
    listed = cli.run("app", "list")
    for application in (original, mirror):
        assert application["uuid"] in listed
    assert "Acme" in cli.run("app", "list", "--grouped")
    assert {row["slug"] for row in cli.json("app", "list", "--json")["results"]} == {"acme-main", "acme-shop"}


def creation(estate, **changes):
    flags = {
        "name": "Acme",
        "slug": "acme-main",
        "organisation": estate.organisation,
        "plan-group": estate.plans["Standard"],
        "region": estate.regions["Frankfurt"],
    }
    return [
        "app",
        "create",
        "-I",
        *(part for flag, value in (flags | changes).items() for part in (f"--{flag}", value)),
    ]


def test_it_creates_an_application_from_a_template_and_deploys_it(cli, divio, estate):
    template = divio.get("/apps/v3/app-templates/")["results"][0]
    said = cli.run(*creation(estate, template=template["url"]), "--deploy")
    assert "Application created!" in said
    assert "PostgreSQL" in said
    application = divio.application("acme-main")
    assert application["name"] == "Acme"
    [deployment] = divio.deployments("acme-main", "test")
    assert divio.finished(deployment["uuid"])["success"] is True
    assert {"DATABASE_URL", "DEFAULT_STORAGE_DSN"} <= set(divio.deployed("acme-main", "test"))
    assert divio.deployments("acme-main", "live") == []


def test_it_creates_an_application_without_a_template(cli, divio, estate):
    created = cli.json(*creation(estate), "--json")
    assert created["slug"] == "acme-main"
    assert divio.application("acme-main")["region"] == estate.regions["Frankfurt"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"slug": "acme-taken"}, "already exists"),
        ({"slug": "Not A Slug"}, "slug"),
        ({"organisation": "nobody"}, "Invalid organization"),
        ({"plan-group": "none"}, "Invalid plan"),
        ({"region": "nowhere"}, "Invalid region"),
        ({"template": "no-address"}, "Invalid template"),
    ],
)
def test_what_it_cannot_create_it_refuses_in_words(cli, divio, estate, changes, sentence):
    estate.application("acme-taken")
    assert sentence.lower() in cli.run(*creation(estate, **changes), code=1).lower()
    assert len(divio.world()["applications"]) == 1


def test_it_deploys_and_shows_the_logs(cli, divio, estate):
    application = estate.application("acme-main")
    remote = ("--remote-id", application["uuid"])
    assert "not deployed yet" in cli.run("app", "logs", "test", *remote, code=1)
    cli.run("app", "deploy", "test", *remote)
    [deployment] = divio.deployments("acme-main", "test")
    assert deployment["success"] is True
    log = cli.run("app", "deploy-log", "test", *remote)
    assert deployment["uuid"] in log
    assert "Deployment successful" in log
    assert "Listening at" in cli.run("app", "logs", "test", "--utc", *remote)
    assert "No logs available" in cli.run("app", "deploy-log", "live", *remote)


@pytest.mark.slow
def test_it_attaches_to_a_deployment_that_runs(cli, divio, estate):
    application = estate.application("acme-main")
    divio.site("acme-main", "live", deploy_seconds=12)
    divio.start_deployment("acme-main", "live")
    cli.run("app", "deploy", "live", "--build-mode", "FORCE", "--remote-id", application["uuid"])
    assert len(divio.deployments("acme-main", "live")) == 1


@pytest.mark.slow
def test_a_deployment_that_fails_is_told(cli, divio, estate):
    application = estate.application("acme-main")
    divio.failing([{"site": "acme-main", "log": "no such table: django_site"}])
    remote = ("--remote-id", application["uuid"])
    said = cli.run("app", "deploy", "test", *remote, code=1)
    assert "deploy-log" in said
    assert "no such table: django_site" in cli.run("app", "deploy-log", "test", *remote)


@pytest.mark.slow
def test_it_shows_deployments_and_what_they_carried(cli, divio, estate):
    application = estate.original()
    remote = ("--remote-id", application["uuid"])
    live = divio.deployments("acme-main", "live")[0]["uuid"]
    assert live in cli.run("app", "deployments", "list", "-e", "live", *remote)
    everything = cli.run("app", "deployments", "list", "--all-envs", *remote)
    assert live in everything
    assert "Environment: test" in everything
    assert "DEFAULT_STORAGE_DSN" in cli.run("app", "deployments", "get", live, *remote)
    shown = cli.json("app", "deployments", "--json", "get-var", live, "DATABASE_URL", *remote)
    assert divio.deployed("acme-main", "live")["DATABASE_URL"] in str(shown)
    assert "live" in cli.run("app", "deployments", "get-var", live, "STAGE", *remote)
    assert "no environment variable named 'NOPE'" in cli.run("app", "deployments", "get-var", live, "NOPE", *remote)
    cli.run("app", "deployments", "get", "aaaaaaaaaaaaaaaaaaaaaaaaaa", *remote, code=1)


@pytest.mark.slow
def test_it_knows_an_application_by_its_old_number(cli, divio, estate):
    application = estate.original()
    number = divio.get("/legacy/v3/applications/")["results"][0]["id"]
    by_number = cli.run("app", "deployments", "list", "-e", "live", "--remote-id", str(number))
    assert by_number == cli.run("app", "deployments", "list", "-e", "live", "--remote-id", application["uuid"])
    assert "Unable to retrieve" in cli.run("app", "deployments", "list", "--remote-id", "7", code=1)


def test_it_shows_variables_but_no_sensitive_value(cli, divio, estate):
    application = estate.application("acme-main")
    remote = ("--remote-id", application["uuid"])
    assert "No environment variables found" in cli.run("app", "env-vars", "list", "-e", "test", *remote)
    divio.set_variable("acme-main", "test", "THEME", "blue")
    divio.set_variable("acme-main", "live", "PASSWORD", "s3cret-value", sensitive=True)
    assert "blue" in cli.run("app", "env-vars", "get", "THEME", "-e", "test", *remote)
    everything = cli.run("app", "env-vars", "list", "--all-envs", *remote)
    assert "PASSWORD" in everything
    assert "blue" in everything
    assert "s3cret-value" not in everything
    assert "No environment variable named" in cli.run("app", "env-vars", "get", "NOPE", "-e", "test", *remote)
    assert "does not exist" in cli.run("app", "env-vars", "list", "-e", "nope", *remote, code=1)


@pytest.mark.slow
def test_it_adds_service_instances_once(cli, divio, estate):
    application = estate.application("acme-main")
    remote = ("--remote-id", application["uuid"])
    region = estate.regions["Frankfurt"]
    service = next(row for row in divio.all(f"/apps/v3/services/?region={region}") if row["type"] == "DATABASE")
    add = ["app", "service-instances", "add", "test", "--prefix", "SECOND", "--region", region]
    cli.run(*add, "--service", service["uuid"], *remote)
    listed = cli.run("app", "service-instances", "list", "test", *remote)
    assert "SECOND" in listed
    assert "DATABASE" in listed
    assert "unique set" in cli.run(*add, "--service", service["uuid"], *remote, code=1)
    cli.run(*add, "--service", "nothing", *remote, code=1)


@pytest.mark.slow
def test_trouble_is_told_in_its_own_words(cli, divio, estate):
    application = estate.application("acme-main")
    remote = ("--remote-id", application["uuid"])
    divio.faults([{"status": 401}])
    assert "token" in cli.run("organisations", "list", code=1)
    divio.faults([{"status": 403}])
    assert "token" in cli.run("regions", "list", code=1)
    divio.faults([{"status": 404}])
    assert "not found" in cli.run("app", "list", code=1).lower()
    for rule in ({"status": 429, "retry_after": 1}, {"status": 500}, {"status": 503, "body": "<h1>down</h1>"}):
        divio.faults([rule])
        assert cli.run("app", "deployments", "list", *remote, code=1)
    divio.faults([{"drop": "before"}])
    assert "Network" in cli.run("regions", "list", code=1)
