"""A matrix of refactorings: whatever a program, a state or a command is changed into, Divio keeps what nobody retired.

Each row is tried with the real CLI on what is up: a program without `Estate`, or an estate of 1+3. Nothing on Divio may
be deleted, written or deployed by it; a refusal stands in the preview, where there is one; and a way out that the
refusal names leads back to an empty preview. Rows with --skip-preview show that the run itself refuses as well, and that
one gets out of the half done state which that leaves.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.estates import STACKS, add_stacks, lent
from tests.engine.project import NAME, Project, until
from tests.local_divio import LocalDivio
from tests.search.refactorings import FORGET, PROGRAM, PUT_BACK, Cell, configured, edit, play, pulumi, spec, world

# -- a program without an Estate ---------------------------------------------------------------------------------------


def options(text: str) -> tuple[str, str]:
    """Options of all resources."""
    return ("ours = None", f"ours = pulumi.ResourceOptions({text})")


def imports(text: str) -> tuple[str, str]:
    """Something at the beginning of the program."""
    return ("import pulumi\n", f"import pulumi\n{text}\n")


def host(text: str) -> tuple[str, str]:
    """Another expression for the domain's host."""
    return ('host="wiki.example"', f"host={text}")


RENAMED = ('Application("wiki"', 'Application("handbook"')
ALIASED = ('PLACE = {"', 'PLACE = {"opts": pulumi.ResourceOptions(aliases=[pulumi.Alias("wiki")]), "')
NO_OPTIONS = ("**PLACE, opts=ours", "**PLACE")
VARIABLES_RENAMED = ('"wiki/live", site', '"handbook/live", site')
DOMAIN_RENAMED = ('Domain("wiki.example"', 'Domain("handbook.example"')
OUTPUT_HOST = host('pulumi.Output.from_input("wiki.example")')
ON_TEST = ('environment="live"', 'environment="test"')
SPLIT = (
    '{"A": "1"}, opts=ours)',
    """{}, opts=ours)
EnvironmentVariables("A", site="acme-wiki", environment="live", application=wiki.uuid, variables={"A": "1"})""",
)
SECRET_HOST = host('pulumi.Output.secret("wiki.example")')
INTO_COMPONENT = options('parent=Group("docs")')
OUT_OF_STACK = ("(parent=", "(aliases=[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)], parent=")
SUBCLASS = ("\nwiki = Application", "\nWiki = type('Wiki', (Application,), {})\nwiki = Wiki")
SUBCLASS_RENAMED = ('Wiki("wiki"', 'Wiki("handbook"')
RETAINED = options("retain_on_delete=True")
REPLACED_BY_NAME = options('replace_on_changes=["*"], delete_before_replace=True')
NAME_CHANGED = ('name="Wiki"', 'name="Docs"')
EXPLICIT_PROVIDER = (imports('mine = pulumi.ProviderResource("pulumi-python", "mine", {})'), options("provider=mine"))
NO_HOOK = imports(
    "pulumi.runtime.register_resource_transform("
    "lambda args: pulumi.ResourceTransformResult(args.props, pulumi.ResourceOptions()))"
)
SAYS_FORGET = imports('import os; os.environ["DIVIO_FORGET"] = "all"')
RETIRED = ("\nwiki = ", '\n__import__("divio_provider").retire(["acme-wiki"])\nwiki = ')
NOTHING_OF_OURS = (PROGRAM, "import pulumi\n")
OTHER_STACK: tuple[Any, ...] = (
    pulumi("stack init other --no-select"),
    lambda project: shutil.copy(*(project.folder / "stacks" / f"Pulumi.{name}.yaml" for name in ("demo", "other"))),
    pulumi("state move --source demo --dest other {wiki}"),
)
UP = pulumi("up --skip-preview")

ALIASES = "declared still, as "
DECLARED = "what is declared is neither destroyed nor replaced"
PARENT = "aliases=[Alias(parent=the old one)]"
OUTPUT = "another Domain stands for an Output"
NOT_RETIRED = "is not retired"
BY_PROVIDER = "is not deleted: it is declared, as handbook"

QUICK_PROGRAMS = [
    Cell("renamed", (RENAMED,), "up --skip-preview", ALIASES, FORGET),
]
PROGRAMS = [
    Cell("destroyed", (), "destroy --run-program", DECLARED),
    Cell("renamed", (RENAMED,), "up", ALIASES, (ALIASED, NO_OPTIONS)),
    Cell("renamed, all changes ignored", (RENAMED, options('ignore_changes=["*"]')), "up", ALIASES, PUT_BACK),
    Cell("renamed, and retired at once", (RENAMED, RETIRED), "up", ALIASES, PUT_BACK),
    Cell("renamed, and retained at once", (RENAMED, RETAINED), "up", ALIASES, PUT_BACK),
    Cell("renamed, retained before", (RETAINED, UP, RENAMED), "up"),
    Cell("renamed, a transform dropped the hook", (NO_HOOK, UP, RENAMED), "up --skip-preview", BY_PROVIDER, FORGET),
    Cell("renamed, the program says DIVIO_FORGET", (RENAMED, SAYS_FORGET), "up"),
    Cell("renamed", (RENAMED,), "up --target **handbook", "", FORGET),
    Cell("renamed", (RENAMED,), "up --target {wiki}", "", PUT_BACK),
    Cell("renamed", (RENAMED,), "up --exclude **handbook", ALIASES, PUT_BACK),
    Cell("variables renamed", (VARIABLES_RENAMED,), "up --skip-preview", ALIASES, FORGET),
    Cell("domain renamed", (DOMAIN_RENAMED,), "up", ALIASES, FORGET),
    Cell("domain renamed", (DOMAIN_RENAMED,), "up --skip-preview --continue-on-error", ALIASES, FORGET),
    Cell("its host is an Output", (DOMAIN_RENAMED, OUTPUT_HOST), "up", OUTPUT, PUT_BACK),
    Cell("its host is a secret", (DOMAIN_RENAMED, SECRET_HOST), "up --skip-preview", OUTPUT, FORGET),
    Cell("its host is another", (host('"other.example"'),), "up --skip-preview", "host cannot change", PUT_BACK),
    Cell("its variables on Test", (ON_TEST,), "up --skip-preview", "environment cannot change", PUT_BACK),
    Cell("its variables split in two", (SPLIT,), "up", "is declared twice", PUT_BACK),
    Cell("its variables split in two", (SPLIT,), "up --skip-preview", "is declared twice", PUT_BACK),
    Cell("moved into a component", (INTO_COMPONENT,), "up", PARENT, (OUT_OF_STACK,)),
    Cell("moved into a component", (INTO_COMPONENT,), "up --skip-preview --continue-on-error", PARENT, FORGET),
    Cell("a subclass", (SUBCLASS,), "up --expect-no-changes"),
    Cell("a subclass, renamed", (SUBCLASS, SUBCLASS_RENAMED), "up", ALIASES, PUT_BACK),
    Cell("replaced by a change", (REPLACED_BY_NAME, NAME_CHANGED), "up", DECLARED, PUT_BACK),
    Cell("replaced by a change", (REPLACED_BY_NAME, NAME_CHANGED), "up --skip-preview", DECLARED, PUT_BACK),
    Cell("explicit provider", EXPLICIT_PROVIDER, "up", "", PUT_BACK),
    Cell("none of ours declared", (NOTHING_OF_OURS,), "up", "was not registered", PUT_BACK),
    Cell("none of ours declared", (NOTHING_OF_OURS,), "up --skip-preview", "was not registered", PUT_BACK),
    Cell("replaced", (), "up --replace {wiki}", DECLARED),
    Cell("replaced", (), "up --skip-preview --target-replace {wiki}", DECLARED, FORGET),
    Cell("variables replaced", (), "up --skip-preview --replace {wiki_live}", DECLARED, FORGET),
    Cell("deployment replaced", (), "up --skip-preview --replace {wiki_deployed}"),
    Cell("tainted", (pulumi("state taint {wiki}"),), "up", DECLARED, (pulumi("state untaint {wiki}"),)),
    Cell("domain tainted", (pulumi("state taint {wiki_example}"),), "up --skip-preview", DECLARED, FORGET),
    Cell("renamed in the state", (pulumi("state rename {wiki} handbook"),), "up", ALIASES, (RENAMED,)),
    Cell("deleted from the state", (pulumi("state delete {wiki} --target-dependents"),), "up"),
    Cell("moved to another stack", OTHER_STACK, "destroy --skip-preview --run-program --stack other", DECLARED, FORGET),
    Cell("destroyed", (), "destroy", "--run-program"),
    Cell("destroyed", (), "destroy --skip-preview --run-program --continue-on-error", DECLARED, PUT_BACK),
]  # fmt: skip

# -- an estate ---------------------------------------------------------------------------------------------------------


def without(slug: str, *, instead: str = "") -> Callable[[Project], None]:
    """A mirror's line is deleted, or has another slug."""

    def change(project: Project) -> None:
        declared = project.declared()
        mirror = declared["mirrors"].pop(slug)
        declared["mirrors"] |= {instead: mirror} if instead else {}
        project.declare(declared)

    return change


WRAPPED = (
    "\nrun()",
    """
import pulumi

from divio_provider import Estate
from divio_provider.program.stack_config import StackConfig

settings = StackConfig.read()
above = pulumi.ComponentResource("acme:index:Group", "docs")
Estate("acme-main", settings.load(), secrets=settings.secrets, opts=pulumi.ResourceOptions(parent=above))
""",
)
RENAMED_ESTATE = (WRAPPED, ('Estate("acme-main"', 'Estate("acme"'), ("parent=above", ""))
WAVES = {"waves": [{"name": "first", "sites": ["acme-blog"]}, {"name": "others", "sites": "rest"}]}
ONLY_SITES, EVERYTHING = configured("manage", ["sites"]), (configured("manage", None),)
NO_SITES = (configured("manage", ["test", "live"]), configured("sitesStack", "demo"))
NEWS, MISTYPED = without("acme-news"), without("acme-news", instead="acme-nevs")
UNKNOWN = "is no longer declared, and not retired either"
DESTROY = "destroy --run-program --skip-preview"
TAINTED = pulumi("state taint {acme_news} {acme_news_live} {blog_acme_example}")

ESTATES = [
    Cell("manage narrowed", (ONLY_SITES,), "up", NOT_RETIRED, EVERYTHING),
    Cell("manage narrowed", (ONLY_SITES,), "up --skip-preview --continue-on-error", NOT_RETIRED, EVERYTHING),
    Cell("manage narrowed", NO_SITES, "up --skip-preview", NOT_RETIRED, EVERYTHING),
    Cell("line deleted", (NEWS,), "up", UNKNOWN, PUT_BACK),
    Cell("slug mistyped", (MISTYPED,), "up --skip-preview --continue-on-error", UNKNOWN, PUT_BACK),
    Cell("slug mistyped", (MISTYPED,), "up --target {site_ids} --target-dependents", UNKNOWN, PUT_BACK),
    Cell("line deleted", (NEWS,), "up --skip-preview --target {acme_news}", "", PUT_BACK),
    Cell("line deleted", (NEWS,), "up --skip-preview --target {acme_news} --target-dependents", "", PUT_BACK),
    Cell("line deleted", (NEWS,), "up --skip-preview --exclude {site_ids}", NOT_RETIRED, PUT_BACK),
    Cell("line deleted", (NEWS,), "up --exclude {site_ids} --exclude-dependents", "", PUT_BACK),
    Cell("moved into a component", (WRAPPED,), "up", PARENT, (OUT_OF_STACK,)),
    Cell("renamed", RENAMED_ESTATE, "up", "", PUT_BACK),
    Cell("register replaced", (), "up --skip-preview --replace {site_ids}", "marked for protection"),
    Cell("original replaced", (), "up --replace {acme_main}", DECLARED),
    Cell("original replaced", (), "up --skip-preview --ignore-protect --replace {acme_main}", DECLARED, FORGET),
    Cell("mirror replaced", (), "up --skip-preview --replace {acme_news}", DECLARED, FORGET),
    Cell("tainted", (TAINTED,), "up --skip-preview", DECLARED, FORGET),
    Cell("waves renamed", (spec(rollout=WAVES),), "up"),
    Cell("register gone from the state", (pulumi("state delete {site_ids} --force --target-dependents"),), "up"),
    Cell("destroyed", (), "destroy", "--run-program"),
    Cell("destroyed", (), "destroy --run-program --refresh --remove", DECLARED),
    Cell("destroyed", (), f"{DESTROY} --refresh --remove", DECLARED, PUT_BACK),
    Cell("destroyed", (), f"{DESTROY} --ignore-protect --continue-on-error", DECLARED, PUT_BACK),
    Cell("destroyed", (), f"{DESTROY} --exclude-protected", DECLARED, PUT_BACK),
    Cell("destroyed", (), f"{DESTROY} --target {{acme_news}} --target-dependents", DECLARED, PUT_BACK),
    Cell("destroyed", (), f"{DESTROY} --exclude {{acme_news}}", DECLARED, PUT_BACK),
]  # fmt: skip


@pytest.fixture(scope="session")
def own_program(
    shared_divio: tuple[LocalDivio, dict[str, Any]], home: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Project, dict[str, Any]]:
    """`PROGRAM`, up after a change, so that no generation is a new resource's; and the world that it made."""
    divio, new_world = shared_divio
    divio.replace_world(new_world)
    project = Project.begin(tmp_path_factory.mktemp("own") / "project", divio, home)
    project.declare({})
    project.add_stack("demo", secrets=False)
    for program in (PROGRAM.replace('"A": "1"', '"A": "0"'), PROGRAM):
        (project.folder / "__main__.py").write_text(program)
        project.up()
    return project, divio.world()


@pytest.fixture
def own(own_program: tuple[Project, dict[str, Any]], divio: LocalDivio, tmp_path: Path) -> Iterator[Project]:
    """A copy of it."""
    yield from lent(own_program, divio, tmp_path / "own")


@pytest.mark.parametrize("cell", QUICK_PROGRAMS, ids=str)
def test_a_refactored_program_deletes_nothing(own: Project, cell: Cell):
    play(own, cell)


@pytest.mark.slow
@pytest.mark.parametrize("cell", PROGRAMS, ids=str)
def test_no_refactoring_of_a_program_deletes_or_deploys_anything(own: Project, cell: Cell):
    play(own, cell)


@pytest.mark.slow
@pytest.mark.parametrize("cell", ESTATES, ids=str)
def test_no_refactoring_of_an_estate_deletes_or_deploys_anything(project: Project, cell: Cell):
    play(project, cell)


# -- what takes several steps ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_one_stack_split_into_three_and_joined_again_changes_nothing(project: Project):
    before = world(project)
    add_stacks(project)
    for stack in STACKS:
        project.up(stack=stack)
    project.destroy("--run-program", environ=FORGET)
    project.add_stack("joined")
    project.up(stack="joined")
    for stack in reversed(STACKS):
        project.destroy("--run-program", stack=stack, environ=FORGET)
    project.preview("--expect-no-changes", stack="joined")
    assert world(project) == before


@pytest.mark.slow
def test_a_renamed_stack_and_a_renamed_project_change_nothing(project: Project):
    before = world(project)
    edit(project, (pulumi("stack rename other --stack demo"),))
    project.up(stack="other")
    project.preview("--expect-no-changes", stack="other")
    for path in (project.folder / "Pulumi.yaml", project.folder / "stacks" / "Pulumi.other.yaml"):
        path.write_text(path.read_text().replace(f"name: {NAME}", "name: renamed").replace(f"{NAME}:", "renamed:"))
    project.pulumi("stack", "rename", "organization/renamed/other", "--stack", f"organization/{NAME}/other")
    project.up(stack="other")
    project.preview("--expect-no-changes", stack="other")
    assert world(project) == before


@pytest.mark.slow
def test_an_old_state_imported_again_writes_and_deploys_nothing(project: Project):
    project.pulumi("stack", "export", "--stack", "demo", "--file", "old.json")
    declared = project.declared()
    declared["mirrors"]["acme-news"]["variables"] = {"THEME": "new"}
    project.declare(declared)
    project.up()
    before, ledger = world(project), project.ledger()
    project.divio.clear_calls()
    project.pulumi("stack", "import", "--stack", "demo", "--file", "old.json")
    project.up()
    project.preview("--expect-no-changes")
    assert project.writes() == []
    assert project.ledger() == ledger
    assert world(project)["environment_variables"] == before["environment_variables"]


INLINE = """\
import os, sys
from pathlib import Path
from pulumi import automation

source, name, url, here, passed = Path("__main__.py").read_text(), *sys.argv[1:]
stack = automation.create_or_select_stack(
    "demo", name, lambda: exec(source, {}), opts=automation.LocalWorkspaceOptions(env_vars={"DIVIO_FORGET": passed}))
stack.set_config("divio:apiUrl", automation.ConfigValue(url))
os.environ["DIVIO_FORGET"] = here
stack.up()
"""
"""An inline program of the Automation API, whose own environment is another than the one that it passes to the CLI."""


@pytest.mark.slow
@pytest.mark.parametrize(("here", "passed"), [("", "all"), ("all", ""), ("all", "all")])
def test_an_inline_program_forgets_what_its_own_environment_names_and_deletes_nothing(
    own: Project, here: str, passed: str
):
    before = world(own)
    edit(own, (RENAMED,))
    script = own.folder / "inline.py"
    script.write_text(INLINE)
    ran = subprocess.run(
        [sys.executable, script, NAME, own.divio.url, here, passed],
        cwd=own.folder, env=own.environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert world(own) == before
    assert (ran.returncode == 0) == bool(here), ran.stderr
    assert bool(here) or ALIASES in ran.stderr


def killed_after(project: Project, writes: int) -> None:
    """A run whose CLI is killed once Divio had so many writes."""
    project.divio.clear_calls()
    process = project.start("up", "--stack", "demo", "--yes", "--skip-preview")
    try:
        until(lambda: len(project.writes()) >= writes or process.poll() is not None, within=120, what="its writes")
        assert process.poll() is None, project.said
    finally:
        process.kill()
        process.wait()
    until(lambda: not project.providers(), within=5, what="no provider's process is left")
    project.pulumi("cancel", "--yes", "--stack", "demo")


@pytest.mark.slow
@pytest.mark.parametrize("writes", [1, 3, 5])
def test_a_killed_run_of_a_program_that_is_then_refactored_deletes_nothing(own: Project, writes: int):
    own.divio.site("acme-wiki", "live", deploy_seconds=1)
    before = own.ledger()
    edit(own, (('{"A": "1"}', '{"A": "1", "B": "2", "C": "3", "D": "4", "E": "5"}'),))
    killed_after(own, writes)
    own.divio.clear_calls()
    edit(own, (RENAMED,))
    for flags in ((), ("--run-program",)):
        run = own.destroy(*flags, check=False) if flags else own.up(check=False)
        assert run.code != 0
    own.up(environ=FORGET)
    own.preview("--expect-no-changes")
    assert [call for call in own.writes() if call.startswith("DELETE")] == []
    assert own.ledger() == [*before, "acme-wiki/live"]
    assert own.divio.deployed("acme-wiki", "live")["E"] == "5"


@pytest.mark.slow
@pytest.mark.parametrize("happens", [True, False], ids=["deleted", "not yet deleted"])
def test_a_killed_deletion_is_not_continued_when_the_line_is_back(project: Project, happens: bool):
    declared = project.declared()
    project.retire("acme-news")
    project.divio.faults([{"method": "DELETE", "path": "/applications/", "status": 503, "happens": happens}])
    killed_after(project, 1)
    project.divio.faults([])
    project.divio.clear_calls()
    project.declare(declared)
    project.up("--refresh")
    assert [call for call in project.writes() if call.startswith("DELETE")] == []
    assert project.divio.deployed("acme-news", "live")["SITE_ID"] == "4"
    project.up("--refresh", "--expect-no-changes")
