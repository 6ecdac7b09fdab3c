"""`manage.py updatesite`: real processes on real databases, alone and at once."""

import itertools
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.postgres import Postgres
from tests.processes import Database, Ran, Site, Worker, finish

NewDatabase = Callable[..., Database]


@pytest.fixture
def live(new_database: NewDatabase) -> Database:
    return new_database()


@pytest.fixture
def main(live: Database) -> Site:
    return Site(live)


@pytest.fixture
def blog(live: Database) -> Site:
    return Site(live, site_id=2, slug="acme-blog", role="mirror", domain="blog.example")


@pytest.fixture
def shop(live: Database) -> Site:
    return Site(live, site_id=3, slug="acme-shop", role="mirror", domain="shop.example")


@pytest.fixture
def worker(live: Database) -> Iterator[Worker]:
    with ExitStack() as stack:
        found = Worker(live)
        stack.callback(found.close)
        yield found


def refused(ran: Ran, *words: str) -> None:
    """One sentence on stderr, exit code 1, and nothing else."""
    assert ran.code == 1, ran
    assert ran.out == "", ran
    said = ran.err.strip()
    assert said.startswith("CommandError: "), ran
    assert said.endswith("."), ran
    assert "\n" not in said, ran
    for word in words:
        assert word in said, ran


# --- The row --------------------------------------------------------------------------------------------------------


def test_the_original_claims_djangos_default_row_and_mirrors_get_their_own(main: Site, blog: Site, shop: Site) -> None:
    for site in (main, blog, shop):
        assert site.manage("updatesite").code == 0
    assert main.database.rows() == [
        (1, "acme.example", "acme-main"),
        (2, "blog.example", "acme-blog"),
        (3, "shop.example", "acme-shop"),
    ]


def test_a_second_run_changes_nothing(blog: Site) -> None:
    blog.manage("updatesite")
    before = blog.database.rows(), blog.database.rows("SELECT * FROM divio_sites_siteowner")
    again = blog.manage("updatesite")
    assert (again.code, again.out) == (0, "Row 2 of django_site is acme-blog's: blog.example, acme-blog (as before).\n")
    assert (blog.database.rows(), blog.database.rows("SELECT * FROM divio_sites_siteowner")) == before


def test_without_djangos_default_row_the_original_makes_its_own(main: Site) -> None:
    main.database.run("DELETE FROM django_site")
    assert main.manage("updatesite").code == 0
    assert main.database.rows() == [(1, "acme.example", "acme-main")]


def test_the_sites_admin_gets_a_free_id_after_an_explicit_one(main: Site, blog: Site) -> None:
    main.manage("updatesite")
    replace(blog, site_id=9).manage("updatesite")
    main.database.run("INSERT INTO django_site (domain, name) VALUES ('made.by.hand', 'by hand')")
    assert main.database.rows()[-1] == (10, "made.by.hand", "by hand")


def test_a_change_of_the_own_domain_and_name_is_an_update(blog: Site) -> None:
    blog.manage("updatesite")
    ran = replace(blog, domain="news.example", more={"SITE_NAME": "Acme  News"}).manage("updatesite")
    assert ran.code == 0
    assert "was blog.example" in ran.out
    assert (2, "news.example", "Acme News") in blog.database.rows()


def test_what_a_person_changes_or_deletes_in_the_sites_admin_is_put_right(main: Site, blog: Site) -> None:
    main.manage("updatesite")
    blog.manage("updatesite")
    blog.database.run(
        "UPDATE django_site SET domain = 'oops.example' WHERE id = 2", "DELETE FROM django_site WHERE id = 1"
    )
    assert "was oops.example" in blog.manage("updatesite").out
    assert main.manage("updatesite").code == 0
    assert blog.database.rows() == [(1, "acme.example", "acme-main"), (2, "blog.example", "acme-blog")]


def test_a_row_that_was_deleted_by_hand_still_belongs_to_its_site(blog: Site, shop: Site) -> None:
    blog.manage("updatesite")
    blog.database.run("DELETE FROM django_site WHERE id = 2")
    refused(replace(shop, site_id=2).manage("updatesite"), "belongs to acme-blog")


def test_the_process_that_updates_sees_the_new_row_at_once(main: Site) -> None:
    code = (
        "from django.contrib.sites.models import Site; from django.core.management import call_command\n"
        "before = Site.objects.get_current().domain; call_command('updatesite')\n"
        "print(before, Site.objects.get_current().domain)\n"
        "Site.objects.update(domain='by.hand'); Site.objects.clear_cache(); before = Site.objects.get_current().domain\n"
        "Site.objects.update(domain='acme.example'); call_command('updatesite')\n"
        "print(before, Site.objects.get_current().domain)"
    )
    said = main.manage("shell", "-c", code).out.splitlines()
    assert "example.com acme.example" in said
    # Where the row was right already, the process may still have remembered another.
    assert said[-1] == "by.hand acme.example"


# --- Whose it is ----------------------------------------------------------------------------------------------------


def test_a_mirror_with_another_sites_id_is_refused(main: Site, blog: Site, shop: Site) -> None:
    for site in (main, blog):
        site.manage("updatesite")
    before = main.database.rows()
    refused(replace(shop, site_id=2).manage("updatesite"), "Row 2", "acme-blog", "SITE_ID", "ESTATE_PREDECESSOR")
    refused(replace(shop, site_id=1).manage("updatesite"), "acme-main")
    assert main.database.rows() == before


def test_a_site_that_changes_its_id_is_refused_until_its_row_is_gone(blog: Site) -> None:
    blog.manage("updatesite")
    before = blog.database.rows()
    refused(replace(blog, site_id=5).manage("updatesite"), "has row 2", "SITE_ID is 5", "site_id: 2")
    assert blog.database.rows() == before
    blog.database.run("DELETE FROM django_site WHERE id = 2")
    assert replace(blog, site_id=5).manage("updatesite").code == 0
    assert (5, "blog.example", "acme-blog") in blog.database.rows()


@pytest.mark.slow
def test_a_renamed_slug_or_a_successor_carries_on_only_where_it_names_its_predecessor(blog: Site) -> None:
    blog.manage("updatesite")
    new = replace(blog, slug="acme-news")
    refused(new.manage("updatesite"), "belongs to acme-blog")
    refused(replace(new, more={"ESTATE_PREDECESSOR": "acme-shop"}).manage("updatesite"), "belongs to acme-blog")
    successor = replace(new, domain="news.example", more={"ESTATE_PREDECESSOR": "acme-blog"})
    ran = successor.manage("updatesite")
    assert ran.code == 0
    assert "passes from acme-blog to its successor acme-news" in ran.out
    assert (2, "news.example", "acme-news") in blog.database.rows()
    # The variable may stay; the predecessor, should it run again, may not come back.
    assert successor.manage("updatesite").code == 0
    refused(blog.manage("updatesite"), "belongs to acme-news")


def test_a_mirror_does_not_succeed_the_original(main: Site, blog: Site) -> None:
    main.manage("updatesite")
    refused(replace(blog, site_id=1, more={"ESTATE_PREDECESSOR": "acme-main"}).manage("updatesite"), "acme-main")


def test_a_test_site_on_lives_database_is_refused(main: Site, blog: Site) -> None:
    for site in (main, blog):
        site.manage("updatesite")
    before = main.database.rows()
    refused(replace(blog, stage="test", domain="blog-test.example").manage("updatesite"), "STAGE is test", "of live")
    assert main.database.rows() == before


OLD = (2, "old.example", "Old")


@pytest.mark.parametrize(
    ("row", "site", "claims"),
    [
        pytest.param(OLD, {"domain": "old.example"}, True, id="its domain is ours"),
        pytest.param((2, "OLD.example", "Old"), {"domain": "old.example"}, True, id="in other letters"),
        pytest.param(OLD, {"more": {"DOMAIN_ALIASES": "x.example, old.example"}}, True, id="its domain is our alias"),
        pytest.param(OLD, {"more": {"DOMAIN_REDIRECTS": "old.example"}}, True, id="its domain redirects to us"),
        pytest.param(OLD, {}, False, id="on Live its domain is something else"),
        pytest.param(OLD, {"stage": ""}, False, id="somewhere its domain is something else"),
        pytest.param(OLD, {"stage": "test"}, True, id="on Test, where the data is a copy"),
        pytest.param((2, "example.com", "example.com"), {}, True, id="default row that this mirror's own migrate made"),
        pytest.param((1, "example.com", "example.com"), {"site_id": 1}, False, id="the original's default row"),
        pytest.param(
            (1, "old.example", "Old"), {"site_id": 1, "stage": "test"}, False, id="the original's row on Test"
        ),
        pytest.param((1, "old.example", "Old"), {"site_id": 1, "domain": "old.example"}, True, id="row 1 that is ours"),
        pytest.param((1, "old.example", "Old"), {"site_id": 1, "role": "original"}, True, id="the original, row 1"),
        pytest.param(OLD, {"role": "original"}, False, id="the original, pinned to another id"),
        pytest.param((2, "example.com", ""), {"role": "original"}, True, id="the original, pinned, default row"),
    ],
)
def test_a_row_from_before_the_package_is_claimed_only_where_it_shows_whose_it_is(
    blog: Site, worker: Worker, row: tuple[int, str, str], site: dict[str, object], claims: bool
) -> None:
    blog.database.run("DELETE FROM django_site", f"INSERT INTO django_site (id, domain, name) VALUES {row}")
    here = replace(blog, **site)
    ran = worker.manage(replace(here, more={"DOMAIN_ALIASES": "", "DOMAIN_REDIRECTS": "", **here.more}), "updatesite")
    if claims:
        assert ran.code == 0, ran
        assert f"claims row {row[0]}" in ran.out
        assert blog.database.rows() == [(row[0], here.domain, "acme-blog")]
    else:
        assert ran.code == 1, ran
        assert row[1] in ran.out
        assert "Sites admin" in ran.out
        assert blog.database.rows() == [row]


def test_a_row_of_nobody_with_our_domain_under_another_id_is_refused(main: Site, blog: Site) -> None:
    for number, site in enumerate((main, blog), start=7):
        site.database.run(f"INSERT INTO django_site (id, domain, name) VALUES ({number}, '{site.domain}', 'by hand')")
        before = site.database.rows()
        words = f"Row {number}", f"SITE_ID is {site.site_id}", f"site_id: {number}"
        refused(site.manage("updatesite"), *words)
        assert site.database.rows() == before
        site.database.run(f"DELETE FROM django_site WHERE id = {number}")
        assert site.manage("updatesite").code == 0


# --- Domains that move ----------------------------------------------------------------------------------------------

MOVES = {
    "from mirror to mirror": ({"blog": "x.example", "shop": "s.example"}, {"blog": "b.example", "shop": "x.example"}),
    "from a mirror to the original": ({"blog": "x.example"}, {"blog": "b.example", "main": "x.example"}),
    "from the original to a mirror": ({"main": "x.example"}, {"main": "m.example", "blog": "x.example"}),
    "two mirrors exchange": ({"blog": "x.example", "shop": "y.example"}, {"blog": "y.example", "shop": "x.example"}),
    "original and mirror exchange": (
        {"main": "x.example", "blog": "y.example"},
        {"main": "y.example", "blog": "x.example"},
    ),
    "a ring": (
        {"main": "x.example", "blog": "y.example", "shop": "z.example"},
        {"main": "y.example", "blog": "z.example", "shop": "x.example"},
    ),
    "only the letters' case": ({"blog": "X.example"}, {"blog": "b.example", "shop": "x.EXAMPLE"}),
}


@pytest.mark.parametrize(
    "move", [pytest.param(move, marks=[pytest.mark.slow] * (move != "two mirrors exchange")) for move in MOVES]
)
def test_a_moved_domain_ends_where_it_belongs_in_every_order(
    main: Site, blog: Site, shop: Site, worker: Worker, move: str
) -> None:
    sites = {"main": main, "blog": blog, "shop": shop}
    before, after = MOVES[move]
    for order in itertools.permutations(sites):
        main.database.run("DELETE FROM django_site", "DELETE FROM divio_sites_siteowner")
        # And back again, in the other order.
        for domains, turn in ((before, order), (after, order), (before, order[::-1])):
            now = {name: replace(site, domain=domains.get(name, site.domain)) for name, site in sites.items()}
            failed = [name for name in turn if worker.manage(now[name], "updatesite").code]
            # Only a mirror may have to come back, and only for what the original still had.
            assert "main" not in failed
            if move in {"from mirror to mirror", "two mirrors exchange", "only the letters' case"}:
                assert not failed
            assert not [name for name in failed if worker.manage(now[name], "updatesite").code]
            assert main.database.rows() == [(s.site_id, s.domain.lower(), s.slug) for s in now.values()]


def test_the_domain_of_a_retired_site_is_free_and_its_row_says_so(blog: Site, shop: Site) -> None:
    blog.manage("updatesite")
    ran = replace(shop, domain="blog.example").manage("updatesite")
    assert ran.code == 0
    assert (
        "takes the domain blog.example from acme-blog; row 2 is site-2.invalid until acme-blog is deployed" in ran.out
    )
    assert shop.database.rows()[1:] == [(2, "site-2.invalid", "acme-blog"), (3, "blog.example", "acme-shop")]


def test_a_mirror_takes_nothing_from_the_original(main: Site, blog: Site) -> None:
    main.manage("updatesite")
    blog.manage("updatesite")
    before = main.database.rows()
    refused(replace(blog, domain="ACME.example").manage("updatesite"), "acme-main", "correct DOMAIN on acme-blog")
    assert main.database.rows() == before
    assert main.manage("updatesite").code == 0


# --- Data copied from Live to Test ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_after_a_real_copy_of_live_to_test_every_order_gives_tests_domains_again(
    new_database: NewDatabase, main: Site, blog: Site, shop: Site
) -> None:
    test_database = new_database()
    live_sites = [main, blog, shop]
    test_sites = [
        replace(site, database=test_database, stage="test", domain=f"{site.slug}-stage.example") for site in live_sites
    ]
    for site in [*live_sites, *test_sites]:
        assert site.manage("updatesite").code == 0
    right = test_database.rows()
    live_rows = main.database.rows()
    worker = Worker(test_database)
    try:
        for order in itertools.permutations(test_sites):
            _copy(main.database, test_database)
            assert test_database.rows() == live_rows
            for deployed, site in enumerate(order):
                assert worker.manage(site, "updatesite").code == 0
                ours = {other.site_id for other in order[: deployed + 1]}
                # Right for who was deployed, Live's for who was not yet.
                assert test_database.rows() == [
                    mine if mine[0] in ours else lives for mine, lives in zip(right, live_rows, strict=True)
                ]
            assert test_database.rows() == right
    finally:
        worker.close()
    assert main.database.rows() == live_rows


@pytest.mark.slow
def test_a_copied_row_that_has_a_domain_of_tests_gives_way(new_database: NewDatabase, main: Site, blog: Site) -> None:
    """Test's domain once was Live's: the copy of Live still has it, for a site that is never deployed on Test."""
    test_database = new_database()
    main.manage("updatesite")
    replace(blog, domain="beta.example").manage("updatesite")
    _copy(main.database, test_database)
    original = replace(main, database=test_database, stage="test", domain="beta.example")
    mirror = replace(blog, database=test_database, stage="test", domain="acme.example")
    assert original.manage("updatesite").code == 0
    assert test_database.rows() == [(1, "beta.example", "acme-main"), (2, "site-2.invalid", "acme-blog")]
    assert mirror.manage("updatesite").code == 0
    _copy(main.database, test_database)
    # The mirror first: what it takes is a copy of the original's, not the original's.
    assert mirror.manage("updatesite").code == 0
    assert original.manage("updatesite").code == 0
    assert test_database.rows() == [(1, "beta.example", "acme-main"), (2, "acme.example", "acme-blog")]


def _copy(source: Database, target: Database) -> None:
    """What a person does: all of one database over the other."""
    if source.postgres is None:
        Path(target.name).write_bytes(Path(source.name).read_bytes())
        return
    tools = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"))), Path("/usr/bin"))
    where = ["-h", source.postgres.host, "-U", source.postgres.user]
    dumped = subprocess.run(
        [tools / "pg_dump", *where, "--clean", "--if-exists", source.name], capture_output=True, check=True, timeout=60
    )
    subprocess.run(
        [tools / "psql", *where, "-q", "-v", "ON_ERROR_STOP=1", target.name],
        input=dumped.stdout, capture_output=True, check=True, timeout=60,
    )  # fmt: skip


# --- Any order at all -----------------------------------------------------------------------------------------------

SLUGS = {"acme-main": 1, "acme-blog": 2, "acme-shop": 3}
STAGES = ("live", "test")
HOSTS = ("a.example", "b.example")


class Estate(RuleBasedStateMachine):
    """Two pairs of processes, of the original and of mirrors, on Live's and Test's database."""

    databases: dict[str, Database]
    workers: dict[tuple[str, str], Worker]

    @initialize(order=st.permutations(list(SLUGS)))
    def begin(self, order: list[str]) -> None:
        self.order = order
        # Who has which custom domain, as Divio knows it: one site of an environment, or none.
        self.attached = {stage: dict.fromkeys(HOSTS, "") for stage in STAGES}
        for database in self.databases.values():
            database.run(
                "DELETE FROM django_site",
                "DELETE FROM divio_sites_siteowner",
                "INSERT INTO django_site (id, domain, name) VALUES (1, 'example.com', 'example.com')",
            )

    def site(self, stage: str, slug: str) -> Site:
        hosts = [host for host, owner in self.attached[stage].items() if owner == slug]
        role = "original" if slug == "acme-main" else "mirror"
        domain = hosts[0] if hosts else f"{slug}.{stage}.divio.example"
        return Site(self.databases[stage], SLUGS[slug], slug, role, stage, domain)

    @rule(stage=st.sampled_from(STAGES), host=st.sampled_from(HOSTS), slug=st.sampled_from(["", *SLUGS]))
    def move_domain(self, stage: str, host: str, slug: str) -> None:
        self.attached[stage][host] = slug

    @rule(stage=st.sampled_from(STAGES))
    def exchange_domains(self, stage: str) -> None:
        one, two = HOSTS
        attached = self.attached[stage]
        attached[one], attached[two] = attached[two], attached[one]

    @rule(stage=st.sampled_from(STAGES), slug=st.sampled_from(list(SLUGS)))
    def deploy(self, stage: str, slug: str) -> None:
        before = dict(self._rows(stage))
        site = self.site(stage, slug)
        ran = self._worker(stage, slug).manage(site, "updatesite")
        after = dict(self._rows(stage))
        if ran.code:
            assert "deploy" in ran.out, ran
            assert after == before
            return
        assert after.pop(site.site_id) == (site.domain, slug)
        before.pop(site.site_id, None)
        for key, (domain, name) in before.items():
            assert after[key] == ((f"site-{key}.invalid", name) if domain == site.domain else (domain, name))

    @rule(stage=st.sampled_from(STAGES), mirror=st.sampled_from(["acme-blog", "acme-shop"]))
    def deploy_a_pair_at_once(self, stage: str, mirror: str) -> None:
        pair = [self.site(stage, slug) for slug in ("acme-main", mirror)]
        for site in pair:
            self._worker(stage, site.slug).send(site, ["updatesite"])
        for site in pair:
            ran = self._worker(stage, site.slug).receive()
            assert ran.code == 0 or (site.role == "mirror" and "deploy" in ran.out), ran

    @rule(source=st.sampled_from(STAGES))
    def copy_data(self, source: str) -> None:
        target = "test" if source == "live" else "live"
        self.databases[target].copy_sites_from(self.databases[source])

    @rule(
        stage=st.sampled_from(STAGES),
        key=st.sampled_from(list(SLUGS.values())),
        domain=st.sampled_from(["by.hand", *HOSTS]),
    )
    def edit_by_hand(self, stage: str, key: int, domain: str) -> None:
        free = f"NOT EXISTS (SELECT 1 FROM django_site WHERE domain = '{domain}')"
        self.databases[stage].run(f"UPDATE django_site SET domain = '{domain}' WHERE id = {key} AND {free}")

    @rule(stage=st.sampled_from(STAGES), key=st.sampled_from(list(SLUGS.values())))
    def delete_by_hand(self, stage: str, key: int) -> None:
        self.databases[stage].run(f"DELETE FROM django_site WHERE id = {key}")

    def teardown(self) -> None:
        """Whatever happened: who is deployed, and once more where that failed, is right, and stays so."""
        if not hasattr(self, "order"):
            return
        for stage in STAGES:
            sites = [self.site(stage, slug) for slug in self.order]
            failed = [site for site in sites if self._worker(stage, site.slug).manage(site, "updatesite").code]
            for site in [*failed, *sites]:
                ran = self._worker(stage, site.slug).manage(site, "updatesite")
                assert ran.code == 0, ran
            assert self._rows(stage) == [(site_id, self._right(stage, slug)) for slug, site_id in SLUGS.items()]

    def _right(self, stage: str, slug: str) -> tuple[str, str]:
        return self.site(stage, slug).domain, slug

    def _rows(self, stage: str) -> list[tuple[int, tuple[str, str]]]:
        return [(key, (domain, name)) for key, domain, name in self.databases[stage].rows()]

    def _worker(self, stage: str, slug: str) -> Worker:
        return self.workers[stage, "original" if slug == "acme-main" else "mirror"]


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_rows_are_right_after_any_order_of_updates_moves_and_copies(new_database: NewDatabase) -> None:
    with ExitStack() as stack:
        Estate.databases = {stage: new_database() for stage in STAGES}
        Estate.workers = {}
        for stage, database in Estate.databases.items():
            for role in ("original", "mirror"):
                Estate.workers[stage, role] = Worker(database)
                stack.callback(Estate.workers[stage, role].close)
        run_state_machine_as_test(
            Estate,
            settings=settings(
                max_examples=25, stateful_step_count=25, deadline=None, database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )  # fmt: skip


# --- At once --------------------------------------------------------------------------------------------------------


def test_processes_that_come_while_another_writes_wait_and_all_succeed(main: Site, blog: Site, shop: Site) -> None:
    with main.database.connect() as other:
        other.execute("BEGIN" if main.database.postgres else "BEGIN IMMEDIATE")
        other.execute("INSERT INTO django_site (id, domain, name) VALUES (8, 'admin.example', 'in the Sites admin')")
        # Two mirrors, and one of them twice.
        running = [site.start("updatesite") for site in (main, blog, shop, shop)]
        if main.database.postgres:
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'django_site'::regclass"
            _until(lambda: main.database.rows(waiting) == [(4,)])
        else:
            # SQLite has no list of who waits: by now all four would have ended.
            assert main.manage("help").code == 0
        assert [process.poll() for process in running] == [None] * 4
        other.execute("COMMIT")
    assert [ran for ran in map(finish, running) if ran.code] == []
    assert main.database.rows() == [
        (1, "acme.example", "acme-main"),
        (2, "blog.example", "acme-blog"),
        (3, "shop.example", "acme-shop"),
        (8, "admin.example", "in the Sites admin"),
    ]
    main.database.run("INSERT INTO django_site (domain, name) VALUES ('next.example', 'next')")
    assert main.database.rows()[-1][0] == 9


@pytest.mark.slow
def test_a_storm_of_processes_on_one_database_loses_nothing(main: Site, blog: Site, shop: Site) -> None:
    """Two workers each for two mirrors that exchange domains again and again."""
    pairs = [(blog, shop), (replace(blog, domain=shop.domain), replace(shop, domain=blog.domain))]
    workers = [Worker(main.database) for _ in range(4)]
    try:
        for turn in range(25):
            now = pairs[turn % 2]
            for number, worker in enumerate(workers):
                worker.send(now[number % 2], ["updatesite"])
            assert [ran for ran in (worker.receive() for worker in workers) if ran.code] == []
            assert main.database.rows()[1:] == [(site.site_id, site.domain, site.slug) for site in now]
    finally:
        for worker in workers:
            worker.close()


def _until(condition: Callable[[], bool], timeout: float = 30) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


# --- What the environment says --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"SITE_ID": ""}, ["SITE_ID is not set", "pulumi up"]),
        ({"ESTATE_SLUG": ""}, ["ESTATE_SLUG is not set", "identity_variables: true"]),
        ({"ESTATE_ROLE": ""}, ["ESTATE_ROLE is not set", "identity_variables: true"]),
        ({"DOMAIN": ""}, ["DOMAIN is not set"]),
        ({"DOMAIN": "  "}, ["DOMAIN is not set"]),
        ({"ESTATE_ROLE": "boss"}, ["'boss'", "original or mirror"]),
        ({"DOMAIN": "https://blog.example"}, ["one host name"]),
        ({"DOMAIN": "blog.example,shop.example"}, ["one host name"]),
        ({"DOMAIN": "blog.example/x"}, ["one host name"]),
        ({"DOMAIN": "a" * 97 + ".com"}, ["at most 100 characters"]),
        ({"ESTATE_SLUG": "a" * 101}, ["ESTATE_SLUG", "at most 100 characters"]),
    ],
)
def test_a_missing_or_malformed_variable_is_said_in_one_sentence(
    blog: Site, more: dict[str, str], words: list[str]
) -> None:
    before = blog.database.rows()
    refused(replace(blog, more=more).manage("updatesite"), *words)
    assert blog.database.rows() == before


@pytest.mark.parametrize("site_id", ["0", "-1", "1.5", "9999999999", "٣"])
def test_a_site_id_that_is_no_positive_integer_is_refused(worker: Worker, blog: Site, site_id: str) -> None:
    ran = worker.manage(replace(blog, more={"SITE_ID": site_id}), "updatesite")
    assert ran == Ran(1, f"SITE_ID is {site_id!r}; it must be a whole number from 1 to 999999999.")


@pytest.mark.parametrize(
    ("domain", "name", "row"),
    [
        ("LOCALHOST:8000", "", ("localhost:8000", "acme-blog")),
        ("münchen.example", "Zürich 北京", ("münchen.example", "Zürich 北京")),
        ("a" * 96 + ".com", "N" * 51, ("a" * 96 + ".com", "N" * 49 + "…")),
        (
            "blog.example",
            "O'Neill; DROP TABLE django_site; --%s",
            ("blog.example", "O'Neill; DROP TABLE django_site; --%s"),
        ),
    ],
)
def test_odd_domains_and_names_fit_the_row(blog: Site, domain: str, name: str, row: tuple[str, str]) -> None:
    assert replace(blog, domain=domain, more={"SITE_NAME": name}).manage("updatesite").code == 0
    assert blog.database.rows()[1:] == [(2, *row)]


# --- What the project lacks ----------------------------------------------------------------------------------------


def test_without_the_sites_framework_one_sentence_says_so(blog: Site) -> None:
    refused(replace(blog, more={"WITHOUT": "django.contrib.sites"}).manage("updatesite"), "INSTALLED_APPS")


def test_without_tables_one_sentence_says_so(new_database: NewDatabase, blog: Site) -> None:
    refused(replace(blog, database=new_database(migrated=False)).manage("updatesite"), "no table", "migrateoriginal")
    blog.database.run("DROP TABLE divio_sites_siteowner")
    refused(blog.manage("updatesite"), "no table divio_sites_siteowner")


def test_a_database_that_is_gone_is_said_without_its_address_or_password(blog: Site) -> None:
    url = "postgres://joe:hunter2@127.0.0.1:1/name"
    ran = replace(blog, more={"DATABASE_URL": url}).manage("updatesite")
    refused(ran, "cannot be reached")
    assert "hunter2" not in ran.err
    refused(replace(blog, more={"DATABASE_URL": "sqlite:////nowhere/db"}).manage("updatesite"), "cannot be reached")


def test_a_database_that_may_not_be_written_is_said_in_one_sentence(blog: Site, postgres: Postgres) -> None:
    if not blog.database.postgres:
        url = f"sqlite://{blog.database.name}"
        Path(blog.database.name).chmod(0o400)
        if os.access(blog.database.name, os.W_OK):
            pytest.skip("needs a user that is not root: nothing is read-only for root")
        refused(replace(blog, more={"DATABASE_URL": url}).manage("updatesite"), "could not be written")
        return
    blog.database.run(
        "DROP ROLE IF EXISTS reader",
        "CREATE ROLE reader LOGIN",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
    )
    refused(
        replace(blog, more={"DATABASE_URL": blog.database.url.replace("postgres@", "reader@")}).manage("updatesite"),
        "could not be written",
        "permission denied",
    )
    blog.database.run("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM reader", "DROP ROLE reader")
    blog.database.run(f"ALTER DATABASE {blog.database.name} SET default_transaction_read_only = on")
    refused(blog.manage("updatesite"), "could not be written", "read-only")


@pytest.mark.slow
def test_the_row_is_written_where_a_router_or_the_option_says(new_database: NewDatabase) -> None:
    default, other = new_database(migrated=False), new_database(migrated=False)
    routed = {"OTHER_DATABASE_URL": other.url, "ROUTER": "routers.SitesElsewhere"}
    main = Site(default, more=routed)
    for alias in ("default", "other"):
        assert main.manage("migrateoriginal", "-v0", "--database", alias).code == 0
    assert main.manage("updatesite").code == 0
    assert other.rows() == [(1, "acme.example", "acme-main")]
    refused(main.manage("updatesite", "--database", "default"), "no table")
    ran = main.manage("updatesite", "--database", "nowhere")
    assert ran.code != 0
    assert "Traceback" not in ran.err
    # Without a router, both databases have all tables, and the option alone decides.
    first, second = new_database(), new_database()
    mirror = Site(first, 2, "acme-blog", "mirror", domain="blog.example", more={"OTHER_DATABASE_URL": second.url})
    assert mirror.manage("updatesite", "--database", "other").code == 0
    assert second.rows()[1:] == [(2, "blog.example", "acme-blog")]
    assert first.rows()[1:] == []
