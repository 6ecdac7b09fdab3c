"""divio-cli moves databases and media: backups made, uploaded, restored and downloaded through the local Divio alone.

What it does with Docker on the machine of its user is left to a program that says yes to everything.
"""

from __future__ import annotations

import base64
import io
import tarfile

import pytest


@pytest.fixture
def project(cli, estate):
    """A project's folder, configured, of an application whose Test has a database and a storage."""
    application = estate.original()
    cli.configure(application["uuid"], "acme-main")
    return cli


def content(divio, estate, kind):
    """What is in a service instance of Test, as the next backup would hold it."""
    uuid = estate.instance("acme-main", "test", kind)["uuid"]
    row = next(row for row in divio.world()["service_instances"] if row["uuid"] == uuid)
    return base64.b64decode(row["content"] or "")


@pytest.mark.slow
def test_media_are_pushed_and_pulled_again(project, divio, estate):
    media = project.folder / "data" / "media"
    media.mkdir(parents=True)
    (media / "logo.svg").write_text("<svg/>")
    assert "Restoring" in project.run("app", "push", "media", "test", "--noinput")
    with tarfile.open(fileobj=io.BytesIO(content(divio, estate, "STORAGE"))) as archive:
        assert archive.getnames() == ["logo.svg"]
    (media / "logo.svg").write_text("changed")
    assert "Downloading" in project.run("app", "pull", "media", "test")
    assert (media / "logo.svg").read_text() == "<svg/>"


@pytest.mark.slow
def test_a_database_is_pushed(project, divio, estate):
    dump = b"-- PostgreSQL database dump\n-- mine\n"
    (project.folder / "mine.sql").write_bytes(dump)
    assert "Restoring" in project.run("app", "push", "db", "test", "--noinput", "--dumpfile", "mine.sql")
    assert content(divio, estate, "DATABASE") == dump


@pytest.mark.slow
def test_a_database_is_pulled(project):
    said = project.run("app", "pull", "db", "live", "--keep-tempfile")
    assert "Importing database" in said
    assert (project.folder / ".divio" / "data.dump").read_text().startswith("-- PostgreSQL database dump")


def test_there_is_nothing_to_push_to_without_a_service(cli, estate):
    application = estate.application("acme-main")
    cli.configure(application["uuid"], "acme-main")
    assert "No service of type" in cli.run("app", "push", "media", "test", "--noinput", code=1)


@pytest.mark.slow
def test_an_upload_that_fails_is_told(project, divio):
    media = project.folder / "data" / "media"
    media.mkdir(parents=True)
    (media / "logo.svg").write_text("<svg/>")
    divio.faults([{"method": "POST", "path": "^/apps/v3/backup-restores/", "status": 400, "body": {"backup": ["No."]}}])
    assert "No." in project.run("app", "push", "media", "test", "--noinput", code=1)
