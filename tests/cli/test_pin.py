"""`divio-estate pin` on real stacks: the Pulumi CLI with a state in a folder, no engine needed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import divio_estate
from tests.estate.declarations import FINE

PULUMI = shutil.which("pulumi") or shutil.which("pulumi", path=str(Path(sys.executable).parent))
pytestmark = pytest.mark.skipif(PULUMI is None, reason="needs the Pulumi CLI: make pulumi")

IDS = {"acme-main": 1.0, "acme-blog": 2.0, "acme-shop": 3.0}
RETIRED = {"acme-gone": 4.0, "acme-shop/5": 5.0}
PINNED = (
    FINE.replace("    name: Acme Blog\n", "    name: Acme Blog\n    site_id: 2\n") + "    site_id: 3\n"
    "\n# Sites that are gone; their SITE_IDs are never another site's. Written by `divio-estate pin`.\n"
    "retired:\n  acme-gone:\n    site_id: 4\n\n"
    "# SITE_IDs that sites had before they got another. Written by `divio-estate pin`.\nreserved: [5]\n"
)


class Project:
    """A folder with a declaration and a stack of the state given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "stacks/estate.yaml"
        self.environment = {
            "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        self.file.parent.mkdir()
        self.file.write_text(FINE)
        (folder / "state").mkdir()
        (folder / "Pulumi.yaml").write_text("name: acme\nruntime: yaml\nstackConfigDir: stacks\n")

    def pulumi(self, *arguments: str, told: str | None = None) -> str:
        return subprocess.run(
            [str(PULUMI), *arguments, "--non-interactive"],
            cwd=self.folder,
            env={**os.environ, **self.environment},
            input=told,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    def stack(self, name: str, **outputs: dict[str, float]) -> None:
        """A stack that holds a register of SITE_IDs; without outputs one that holds nothing."""
        self.pulumi("stack", "init", name)
        state = json.loads(self.pulumi("stack", "export", "--stack", name))
        if outputs:
            type_ = "pulumi-python:dynamic/divio:SiteIds"
            register = {
                "urn": f"urn:pulumi:{name}::acme::{type_}::site-ids",
                "custom": True,
                "id": "site-ids",
                "type": type_,
                "outputs": outputs,
            }
            state["deployment"]["resources"] = [register]
        self.pulumi("stack", "import", "--stack", name, told=json.dumps(state))

    def pin(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return divio_estate("pin", *arguments, cwd=self.folder, **self.environment)


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def test_ids_of_the_stack_are_written_once(project):
    project.stack("demo", ids=IDS, retired=RETIRED)
    mode = project.file.stat().st_mode
    ran = project.pin()
    assert (ran.returncode, ran.stderr) == (0, "")
    assert project.file.read_text() == PINNED
    assert project.file.stat().st_mode == mode
    assert ran.stdout.splitlines() == [
        "stacks/estate.yaml: written",
        "  mirrors.acme-blog.site_id: 2",
        "  mirrors.acme-shop.site_id: 3",
        "  retired.acme-gone.site_id: 4",
        "  reserved[0]: 5",
    ]
    before = project.file.stat()
    again = project.pin()
    assert (again.returncode, again.stdout) == (0, "stacks/estate.yaml: nothing to do, every SITE_ID is there\n")
    assert (project.file.stat().st_ino, project.file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert {path.name for path in project.file.parent.iterdir()} == {"estate.yaml", "Pulumi.demo.yaml"}


def test_check_writes_nothing_and_exits_1_while_there_is_something_to_write(project):
    project.stack("sites", ids=IDS, retired=RETIRED)
    ran = project.pin("--check", "--json", "--stack", "sites")
    assert ran.returncode == 1
    assert json.loads(ran.stdout) == {
        "file": "stacks/estate.yaml",
        "added": {
            "mirrors.acme-blog.site_id": 2,
            "mirrors.acme-shop.site_id": 3,
            "retired.acme-gone.site_id": 4,
            "reserved[0]": 5,
        },
        "written": False,
    }
    assert project.file.read_text() == FINE
    project.file.write_text(PINNED)
    assert project.pin("--check", "--stack", "sites").returncode == 0


def test_a_stack_that_does_not_exist_or_has_no_ids_is_told_in_one_sentence(project):
    project.stack("demo")
    unknown = project.pin("--stack", "nowhere")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert unknown.stderr == "pulumi stack export: no stack named 'nowhere' found\n"
    empty = project.pin()
    assert (empty.returncode, empty.stdout) == (2, "")
    assert empty.stderr == (
        "the stack has no SITE_IDs for acme-main yet; run `pulumi up` first, or name the stack that has them: --stack\n"
    )
    assert project.file.read_text() == FINE


def test_a_declaration_with_problems_is_left_alone(project):
    project.stack("demo", ids=IDS, retired={})
    project.file.write_text(FINE + "regoin: x\n")
    ran = project.pin()
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == 'stacks/estate.yaml:12: regoin: unknown key; did you mean "region"?\n'


def test_a_missing_pulumi_is_told_in_one_sentence(project):
    program = (
        "import sys; sys.argv[1:] = ['pin']; sys.executable = '/nowhere/python'\n"
        "from divio_provider.cli.app import main; main()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=project.folder,
        env={**os.environ, "PATH": "", "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "the Pulumi CLI is not on PATH; install it, or put its folder there\n"
