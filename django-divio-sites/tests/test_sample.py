"""The sample project and its variant with django CMS run as real sites: on SQLite and PostgreSQL, two on one database."""

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from urllib.error import HTTPError

import pytest
import yaml

from tests.postgres import Postgres
from tests.sample import CMS, PACKAGE, SAMPLE, Sample, copy_sample, database_url, python_with, wheel

# Environments are made, and what is downloaded for them may take its time.
pytestmark = pytest.mark.timeout(600)
VARIANTS = {"plain": ("requirements.txt", {}), "cms": ("requirements-cms.txt", CMS)}
SITES = {
    "acme-main": {"SITE_ID": "1", "DOMAIN": "acme.example", "SITE_NAME": "Acme", "ESTATE_ROLE": "original"},
    "acme-blog": {"SITE_ID": "2", "DOMAIN": "blog.acme.example", "SITE_NAME": "Acme Blog", "ESTATE_ROLE": "mirror"},
}
EDITOR = """
import json
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

client = Client(headers={"host": settings.DOMAIN})
user, _ = User.objects.get_or_create(username="editor", is_staff=True, is_superuser=True)
client.force_login(user)
print(json.dumps({path: client.get(path, follow=True).status_code for path in PATHS}))
"""
PAGE = """
from cms.api import add_plugin, create_page
from cms.models import PageContent
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sites.models import Site
from django.db import transaction
from djangocms_versioning.models import Version

user, _ = User.objects.get_or_create(username="editor", is_staff=True, is_superuser=True)
with transaction.atomic():
    page = create_page(f"Page of {settings.SLUG}", "page.html", "en", site=Site.objects.get_current(), created_by=user)
    content = PageContent.admin_manager.get(page=page)
    add_plugin(content.get_placeholders().get(), "TextPlugin", "en", body=f"<p>Text of {settings.SLUG}</p>")
    Version.objects.get_for_content(content).publish(user)
    page.set_as_homepage(user)
"""
ARTICLE = """
from django.conf import settings
from django.utils import timezone
from news.models import Article

Article.objects.create(
    site_id=settings.SITE_ID, title=f"Article of {settings.SLUG}", slug="same", body="Text", published_at=timezone.now()
)
"""


@pytest.fixture(params=VARIANTS)
def variant(request, tmp_path) -> Sample:
    """A copy of the sample, and one of its variant."""
    requirements, variables = VARIANTS[request.param]
    return copy_sample(tmp_path, python_with(requirements), **variables)


@pytest.fixture(params=["sqlite", "postgres"])
def migrated(request, variant, postgres: Postgres):
    """A variant on a database that is migrated."""
    with ExitStack() as stack:
        if request.param == "postgres":
            stack.enter_context(postgres.database("sample"))
            variant.variables["DATABASE_URL"] = database_url(postgres, "sample")
        variant.manage("migrate")
        yield variant


def shell(sample: Sample, code: str, **variables: str) -> str:
    return sample.manage("shell", "--verbosity", "0", "--command", code, **variables).stdout


def fetch(address: str, **headers: str) -> tuple[int, str]:
    """The answer's status and text; a redirect is not followed."""

    class NoRedirect(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None

    asked = urllib.request.Request(address, headers=headers)
    try:
        with urllib.request.build_opener(NoRedirect).open(asked, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.headers.get("Location") or error.read().decode()


def test_models_and_migrations_agree(variant):
    variant.manage("makemigrations", "--check", "--dry-run")


def test_check_finds_nothing(variant):
    said = variant.manage("check", "--tag", "divio", "--fail-level", "WARNING")
    assert said.stdout == "System check identified no issues (0 silenced).\n"


@pytest.mark.slow
def test_two_sites_on_one_database_show_their_own_content(migrated):
    cms = "DJANGO_SETTINGS_MODULE" in migrated.variables
    for slug, variables in SITES.items():
        migrated.manage("updatesite", ESTATE_SLUG=slug, **variables)
        shell(migrated, PAGE if cms else ARTICLE, ESTATE_SLUG=slug, **variables)
    for slug, variables in SITES.items():
        other = next(other for other in SITES if other != slug)
        with migrated.serve(ESTATE_SLUG=slug, DEBUG="1", **variables) as site:
            status, text = fetch(site + ("/en/" if cms else "/"), Host=variables["DOMAIN"])
            health = json.loads(fetch(site + "/health/")[1])
        assert status == 200
        assert f"of {slug}" in text
        assert f"of {other}" not in text
        assert variables["SITE_NAME"] in text
        assert (health["slug"], health["site_id"], health["database"]) == (slug, int(variables["SITE_ID"]), True)
    # Beside it, so that a variant is migrated once: an editor's pages.
    paths = ["/downloads/", "/admin/", "/admin/news/article/", "/admin/news/article/add/", "/admin/sites/site/"]
    paths += ["/admin/downloads/download/add/"]
    paths += ["/articles/", "/admin/cms/pagecontent/", "/admin/filer/folder/"] if cms else ["/news/same/"]
    statuses = shell(migrated, f"PATHS = {paths}\n{EDITOR}", DEBUG="1", ESTATE_SLUG="acme-blog", **SITES["acme-blog"])
    assert json.loads(statuses.splitlines()[-1]) == dict.fromkeys(paths, 200)


def test_release_commands_migrate_once_and_write_both_rows(tmp_path, postgres):
    sample = copy_sample(tmp_path, python_with("requirements.txt"))
    commands = yaml.safe_load((SAMPLE / "estate.yaml").read_text())["original"]["release_commands"]
    with postgres.database("sample"):
        for slug, variables in SITES.items():
            for command in commands:
                sample.manage(
                    *command["command"].split()[2:],
                    DATABASE_URL=database_url(postgres, "sample"),
                    ESTATE_SLUG=slug,
                    **variables,
                )
        with postgres.connect("sample") as connection:
            rows = connection.execute("SELECT id, domain, name FROM django_site ORDER BY id").fetchall()
    assert rows == [(1, "acme.example", "Acme"), (2, "blog.acme.example", "Acme Blog")]


@pytest.mark.slow
@pytest.mark.parametrize("django", ["4.2", "5.2"])
def test_sample_runs_on_older_djangos(tmp_path, django):
    sample = copy_sample(tmp_path, python_with("", f"Django=={django}.*"))
    sample.manage("migrate")
    sample.manage("makemigrations", "--check", "--dry-run")
    with sample.serve(DEBUG="1") as site:
        assert fetch(site + "/")[0] == 200


@pytest.mark.slow
def test_image_serves_static_files_and_the_domains_of_its_site(tmp_path):
    """What the Dockerfile runs: collectstatic without a variable, then gunicorn with those of a site."""
    sample = copy_sample(tmp_path, python_with("requirements.txt"), DJANGO_SETTINGS_MODULE="estate.settings")
    dockerfile = (SAMPLE / "Dockerfile").read_text()
    build = re.search(r"^RUN python (manage\.py .*)$", dockerfile, re.MULTILINE)
    start = json.loads(re.search(r"^CMD (\[.*\])$", dockerfile, re.MULTILINE)[1])
    sample.run(*build[1].split())
    sample.manage("migrate")
    place = {"STAGE": "live", "SECRET_KEY": "of-the-estate", "DOMAIN": "acme.example", "SITE_ID": "1"}
    server = subprocess.Popen(
        [Path(sample.python).parent / start[0], *start[1:], "--bind=127.0.0.1:0"],
        cwd=sample.folder,
        env=sample.environment(**place, DOMAIN_ALIASES="a.example", DOMAIN_REDIRECTS="old.example, older.example"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        port = next(line for line in server.stderr if "Listening at" in line).rsplit(":", 1)[1].split()[0]
        site, secure = f"http://127.0.0.1:{port}", {"X-Forwarded-Proto": "https"}
        assert fetch(site + "/", Host="acme.example") == (301, "https://acme.example/")
        assert fetch(site + "/", Host="a.example", **secure)[0] == 200
        assert fetch(site + "/x/?y=1", Host="older.example", **secure) == (301, "https://acme.example/x/?y=1")
        assert fetch(site + "/", Host="another.example", **secure)[0] == 400
        assert fetch(site + "/health/", Host="acme.example")[0] == 200
        login = fetch(site + "/admin/login/", Host="acme.example", **secure)[1]
        styles = re.search(r'href="(/static/admin/css/base\.[0-9a-f]+\.css)"', login)
        assert fetch(site + styles[1], Host="acme.example", **secure)[0] == 200
    finally:
        server.terminate()
        server.communicate(timeout=30)


def test_a_site_on_divio_without_secret_key_signs_nothing(tmp_path):
    key = "from django.conf import settings; settings.SECRET_KEY"
    said = copy_sample(tmp_path).manage("shell", "--command", key, STAGE="live", DOMAIN="acme.example", code=1)
    assert said.stderr == "manage.py: The SECRET_KEY setting must not be empty.\n"


def test_missing_package_is_one_sentence(tmp_path):
    said = copy_sample(tmp_path, python_with("", "Django")).manage("check", DATABASE_URL="postgres://a@b/c", code=1)
    assert said.stderr == "manage.py: DATABASE_URL is set, which needs: pip install -r requirements.txt\n"


def test_estate_yaml_is_valid():
    command = shutil.which(
        "divio-estate", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    )
    if command is None:
        pytest.skip("needs divio-provider: make install")
    said = subprocess.run([command, "validate", SAMPLE / "estate.yaml"], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout) == (0, "3 sites, fine\n"), said.stderr


def test_wheel_has_the_whole_package_and_nothing_else():
    packed = subprocess.run(["python3", "-m", "zipfile", "--list", wheel()], capture_output=True, text=True, check=True)
    names = {line.split()[0] for line in packed.stdout.splitlines()[1:]}
    files = {path for path in (PACKAGE / "divio_sites").rglob("*") if path.is_file() and path.suffix != ".pyc"}
    assert {name for name in names if ".dist-info/" not in name} == {str(path.relative_to(PACKAGE)) for path in files}
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def test_requirements_name_the_wheel_that_is_built():
    assert f"./wheels/{wheel().name}" in (SAMPLE / "requirements.txt").read_text().splitlines()
