"""Backups: made, downloaded, brought along, restored."""

from __future__ import annotations

import io
import tarfile

import pytest
import requests

from tests.emulator.conftest import Estate

BACKUPS = "/apps/v3/backups/"


def plain(method, url, **options):
    """A request as a program without a token makes it."""
    with requests.Session() as http:
        http.trust_env = False
        return http.request(method, url, timeout=10, **options)


def downloaded(divio, backup):
    body = {"backup": backup["uuid"], "service_instance_backups": backup["service_instance_backups"]}
    download = divio.post("/apps/v3/backup-downloads/", body)
    [part] = divio.all(f"/apps/v3/backup-download-service-instances/?backup={download['uuid']}")
    part = divio.get(f"/apps/v3/backup-download-service-instances/{part['uuid']}")
    assert part["ended_at"]
    assert part["errors"] == []
    return plain("GET", part["download_url"]).content


def uploaded(divio, instance, content):
    body = {"environment": instance["environment"], "services": [instance["uuid"]], "notes": "a push"}
    upload = divio.post(f"{BACKUPS}upload/", body)
    way = upload["results"][instance["uuid"]]
    assert way["handler"] == "exo-presigned-v1"
    assert divio.get(f"{BACKUPS}{upload['uuid']}/")["state"] == "WORKING"
    if content is not None:
        assert plain("PUT", way["upload_parameters"]["url"], data=content).ok
    assert plain("POST", way["finish_url"]).ok
    return divio.get(f"{BACKUPS}{upload['uuid']}/")


def test_a_backup_holds_a_dump_of_the_database(estate, divio):
    estate.original()
    backup = estate.backup("acme-main", "live")
    assert (backup["state"], backup["success"]) == ("COMPLETED", "SUCCESS")
    part = divio.get(f"/apps/v3/service-instance-backups/{backup['service_instance_backups'][0]}/")
    assert (part["backup"], part["service_type"], part["errors"]) == (backup["uuid"], "DATABASE", [])
    content = downloaded(divio, backup)
    assert content.startswith(b"-- PostgreSQL database dump")
    assert part["size"] == len(content)


def test_a_backup_of_a_storage_is_an_archive(estate, divio):
    estate.original()
    content = downloaded(divio, estate.backup("acme-main", "live", "STORAGE"))
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        assert archive.getnames() == ["readme.txt"]


def test_what_is_uploaded_and_restored_is_in_the_next_backup(estate, divio):
    estate.original()
    instance = estate.instance("acme-main", "test", "DATABASE")
    upload = uploaded(divio, instance, b"-- my own dump\n")
    assert (upload["state"], upload["success"]) == ("COMPLETED", "SUCCESS")
    [part] = upload["service_instance_backups"]
    body = {"backup": upload["uuid"], "service_instance_restores": [{"service_instance_backup": part}]}
    restore = divio.post("/apps/v3/backup-restores/", body)
    shown = divio.get(f"/apps/v3/backup-restores/{restore['uuid']}/")
    assert (shown["finished"], shown["success"]) == (True, "SUCCESS")
    assert downloaded(divio, estate.backup("acme-main", "test")) == b"-- my own dump\n"
    assert downloaded(divio, estate.backup("acme-main", "live")).startswith(b"-- PostgreSQL")


def test_an_upload_that_brought_nothing_fails(estate, divio):
    estate.original()
    upload = uploaded(divio, estate.instance("acme-main", "test", "DATABASE"), None)
    assert (upload["state"], upload["success"]) == ("COMPLETED", "FAILURE")
    part = divio.get(f"/apps/v3/service-instance-backups/{upload['service_instance_backups'][0]}/")
    assert part["errors"] == ["Nothing was uploaded."]


@pytest.mark.slow
def test_a_backup_takes_its_time(start_divio, estate, divio):
    del estate, divio
    slow = start_divio(deploy_seconds=1)
    slow_estate = Estate(slow)
    slow_estate.original()
    backup = slow_estate.backup("acme-main", "live")
    assert (backup["state"], backup["success"]) == ("WORKING", None)


@pytest.mark.parametrize("services", [None, [], ["nothing"], "x", [None], [["a"]]])
def test_an_unknown_service_instance_is_an_error(estate, divio, services):
    estate.original()
    body = {"environment": divio.environment("acme-main", "live")["uuid"], "services": services}
    for path in (BACKUPS, f"{BACKUPS}upload/"):
        answer = divio.call("POST", path, body)
        assert (answer.status_code, list(answer.json())) == (400, ["services"])


def test_there_is_no_backup_of_a_service_that_is_not_provisioned(estate, divio):
    estate.application("acme-main")
    estate.services("acme-main", "test")
    instance = estate.instance("acme-main", "test", "DATABASE")
    answer = divio.call("POST", BACKUPS, {"environment": instance["environment"], "services": [instance["uuid"]]})
    assert answer.json() == {"services": ["DATABASE DEFAULT is not provisioned yet."]}


def test_parts_of_another_backup_are_not_restored(estate, divio):
    estate.original()
    one, other = estate.backup("acme-main", "live"), estate.backup("acme-main", "test")
    parts = other["service_instance_backups"]
    for path, field, value in (
        ("backup-downloads", "service_instance_backups", parts),
        ("backup-restores", "service_instance_restores", [{"service_instance_backup": part} for part in parts]),
    ):
        answer = divio.call("POST", f"/apps/v3/{path}/", {"backup": one["uuid"], field: value})
        assert (answer.status_code, list(answer.json())) == (400, [field])
