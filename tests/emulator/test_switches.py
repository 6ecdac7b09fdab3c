"""What nobody outside Divio knows can be switched, by flag and at run time."""

from __future__ import annotations

import pytest

from divio_provider.emulator.settings import BadFlag, settings
from divio_provider.emulator.switches import choices
from tests.emulator.conftest import Estate

VARIABLES = "/apps/v3/environment-variables/"
SECRETS = ("DATABASE_URL", "DEFAULT_DATABASE_DSN", "DEFAULT_STORAGE_DSN", "PASSWORD", "SECRET_KEY")


def test_the_switches_are_shown_and_what_is_not_named_stays(divio):
    defaults = {name: values[0] for name, values in choices().items()}
    assert divio.get("/_emulator/switches") == defaults
    divio.switch(blanks="trimmed")
    assert divio.get("/_emulator/switches") == defaults | {"blanks": "trimmed"}
    wrongs: tuple[object, ...] = ({"blank": "kept"}, {"blanks": "cut"}, [], "x", {"blanks": None})
    for wrong in wrongs:
        assert divio.call("PUT", "/_emulator/switches", wrong).status_code == 400
    assert divio.get("/_emulator/switches")["blanks"] == "trimmed"


def test_a_flag_sets_a_switch_from_the_start(start_divio):
    divio = start_divio(switch=["built_ins=listed", "mirror_relation=hidden"])
    shown = divio.get("/_emulator/switches")
    assert (shown["built_ins"], shown["mirror_relation"], shown["blanks"]) == ("listed", "hidden", "kept")


@pytest.mark.parametrize(
    ("flag", "sentence"),
    [
        ("builtins=listed", "there is no switch builtins; there are blanks, built_ins"),
        ("blanks=", "give blanks=kept or blanks=trimmed"),
        ("blanks", "give blanks=kept or blanks=trimmed"),
    ],
)
def test_a_wrong_switch_is_named_with_what_would_be_right(flag, sentence):
    with pytest.raises(BadFlag, match=sentence):
        settings(switch=[flag])


def test_blanks_can_be_trimmed(estate, divio):
    estate.application("acme-main")
    divio.switch(blanks="trimmed")
    assert divio.set_variable("acme-main", "test", "V", "  a b \n")["value"] == "a b"
    assert divio.set_variable("acme-main", "test", "V", "\tc ")["value"] == "c"


def test_built_in_variables_can_be_listed(estate, divio):
    estate.original()
    divio.set_variable("acme-main", "live", "A", "1")
    divio.set_variable("acme-main", "live", "STAGE", "mine")
    assert set(divio.variables("acme-main", "live")) == {"A", "STAGE"}
    divio.switch(built_ins="listed")
    listed = divio.variables("acme-main", "live")
    assert {"DOMAIN", "GIT_BRANCH", *SECRETS} - {"PASSWORD"} <= set(listed)
    assert (listed["A"], listed["STAGE"], listed["DATABASE_URL"]) == ("1", "mine", None)
    live = divio.environment("acme-main", "live")["uuid"]
    [row] = divio.all(f"{VARIABLES}?environment={live}&name=DOMAIN")
    assert divio.get(f"{VARIABLES}?environment={live}&page_size=2")["count"] == len(listed)
    assert len(divio.all(f"{VARIABLES}?environment={live}&page_size=2")) == len(listed)
    assert divio.call("DELETE", f"{VARIABLES}{row['uuid']}/").status_code == 400
    divio.patch(f"{VARIABLES}{row['uuid']}/", {"value": "www.acme.example"})
    divio.switch(built_ins="hidden")
    assert divio.variables("acme-main", "live")["DOMAIN"] == "www.acme.example"


@pytest.mark.parametrize("how", ["null", "omitted"])
def test_sensitive_values_can_be_withheld_from_what_was_deployed(estate, divio, how):
    estate.application("acme-main")
    estate.services("acme-main", "live")
    divio.set_variable("acme-main", "live", "PASSWORD", "s3cret", sensitive=True)
    divio.set_variable("acme-main", "live", "THEME", "blue")
    deployment = divio.deploy("acme-main", "live")
    shown = divio.deployed("acme-main", "live")
    assert all(shown[name] for name in SECRETS)
    divio.switch(sensitive=how)
    withheld = divio.deployed("acme-main", "live")
    assert withheld == {
        **{name: value for name, value in shown.items() if name not in SECRETS},
        **(dict.fromkeys(SECRETS) if how == "null" else {}),
    }
    names = divio.get(f"/apps/v3/deployments/{deployment['uuid']}/")["environment_variables"]
    assert set(SECRETS) <= set(names)


def test_a_second_deployment_can_be_queued_and_starts_when_the_first_has_ended(estate, divio):
    estate.application("acme-main")
    divio.switch(second_deployment="queued")
    divio.site("acme-main", "test", deploy_seconds=0.4)
    first = divio.start_deployment("acme-main", "test")
    second = divio.start_deployment("acme-main", "test")
    third = divio.start_deployment("acme-main", "test")
    assert (second["started_at"], second["ended_at"], second["percent"]) == (None, None, 0)
    assert [row["uuid"] for row in divio.deployments("acme-main", "test")] == [
        third["uuid"],
        second["uuid"],
        first["uuid"],
    ]
    divio.set_variable("acme-main", "test", "LATE", "1")
    ended = [divio.finished(one["uuid"]) for one in (first, second, third)]
    assert ended[1]["started_at"] == ended[0]["ended_at"]
    assert ended[2]["started_at"] == ended[1]["ended_at"]
    assert "LATE" not in ended[0]["environment_variables"]
    assert "LATE" in ended[1]["environment_variables"]


def test_a_queued_deployment_outlives_a_restart(start_divio, tmp_path):
    divio = start_divio(data=tmp_path / "divio.sqlite", deploy_seconds=0.5, switch=["second_deployment=queued"])
    Estate(divio).application("acme-main")
    divio.start_deployment("acme-main", "test")
    queued = divio.start_deployment("acme-main", "test")
    divio.restart()
    assert divio.finished(queued["uuid"])["success"] is True


def test_the_list_of_all_environments_can_be_refused(estate, divio):
    application = estate.application("acme-main")
    divio.switch(environments_list="refused")
    assert divio.call("GET", "/apps/v3/environments/").status_code == 400
    assert divio.call("GET", "/apps/v3/environments/?slug=live").status_code == 400
    assert divio.get(f"/apps/v3/environments/?application={application['uuid']}")["count"] == 2


def test_a_mirrors_original_can_be_hidden(estate, divio):
    original = estate.original()
    mirror = estate.mirror("acme-shop", original)
    divio.switch(mirror_relation="hidden")
    assert "mirror_of" not in divio.application("acme-shop")
    assert divio.call("DELETE", f"/apps/v3/applications/{original['uuid']}/").status_code == 400
    divio.switch(mirror_relation="shown")
    assert divio.application("acme-shop") == mirror


def test_an_original_can_be_deleted_and_its_mirrors_stay_without_an_image(estate, divio):
    original = estate.original()
    mirror = estate.mirror("acme-shop", original)
    divio.set_variable("acme-shop", "live", "SITE_ID", "2")
    divio.deploy("acme-shop", "live")
    running = estate.image("acme-shop", "live")
    divio.switch(original_deletion="allowed")
    divio.delete(f"/apps/v3/applications/{original['uuid']}/")
    assert divio.application("acme-main") is None
    left = divio.application("acme-shop")
    assert (left["uuid"], left["mirror_of"]) == (mirror["uuid"], original["uuid"])
    assert divio.environment("acme-shop", "live")["branch"] == "main"
    assert (estate.image("acme-shop", "live"), divio.deployed("acme-shop", "live")["SITE_ID"]) == (running, "2")
    assert divio.finished(divio.start_deployment("acme-shop", "live")["uuid"])["success"] is False
    assert "the original of this mirror was deleted" in estate.log("acme-shop", "live")
    divio.replace_world(divio.world())
    divio.delete(f"/apps/v3/applications/{mirror['uuid']}/")
    assert divio.all("/apps/v3/applications/") == []


def test_domains_can_be_missing_from_the_api_and_its_schema(divio):
    assert "/apps/v3/domains/" in divio.get("/apps/v3/schema.json")["paths"]
    divio.switch(domains="missing")
    assert "/apps/v3/domains/" not in divio.get("/apps/v3/schema.json")["paths"]
    assert divio.call("GET", "/apps/v3/domains/").status_code == 404
    assert divio.call("POST", "/apps/v3/domains/", {}).status_code == 404
