"""A search over what people do, in any order: edits of the file and on Divio, runs, kills, refusals, lost states.

The real program and the real providers run against a real local Divio; only the engine is a stand-in. What must hold
after every step stands in `invariants`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.search.engine import Engine
from tests.search.interceptor import Kill
from tests.search.scene import ALL, BLOG, MAIN, NEWS, SHOP, Scene

PHASES = (Phase.generate, Phase.shrink)
SITES = st.sampled_from([BLOG, SHOP, NEWS])
EVERY_SITE = st.sampled_from([MAIN, BLOG, SHOP, NEWS])
PLACES = st.sampled_from(["test", "live"])
VALUES = st.sampled_from(["a", "b"])
THEN = st.sampled_from(["", "up", "up --refresh"])
"""What comes at once after an edit, so that edits do not only pile up."""
TROUBLES: list[list[dict[str, Any]]] = [
    [{"path": "/environment-variables/", "status": 403, "nth": 3}],
    [{"path": "/environment-variables/", "method": "POST", "status": 403}],
    [{"path": "/environment-variables/", "method": "PATCH", "status": 404, "times": 1}],
    [{"path": "/deployments/", "method": "POST", "status": 403, "nth": 2}],
    [{"path": "/deployments/", "method": "GET", "status": 404, "nth": 4}],
    [{"path": "/applications/", "method": "GET", "status": 404, "nth": 2}],
    [{"path": "/environments/", "status": 403, "nth": 5}],
    [{"method": "POST", "drop": "after", "nth": 2}],
    [{"method": "POST", "drop": "before", "nth": 1}],
    [{"method": "GET", "status": 500, "nth": [3, 9]}],
]
WORDS = st.sampled_from(
    [{"DIVIO_TAKE_OVER": slug} for slug in (BLOG, SHOP, MAIN, "all")]
    + [{"DIVIO_ALLOW_DELETE": slug} for slug in (BLOG, SHOP, "all")]
    + [{"DIVIO_FORGET": slug} for slug in (BLOG, SHOP, "site-ids", "all")]
)


class EstateMachine(RuleBasedStateMachine):
    """One estate, its file, its Divio and its stack."""

    scene: Scene

    def __init__(self) -> None:
        super().__init__()
        self.scene.back_to_start()
        self.scene.counts["cases"] += 1
        self.good = copy.deepcopy(self.scene.spec)
        self.lost: tuple[Engine, dict[str, str]] | None = None

    # -- edits of the file ---------------------------------------------------------------------------------------------

    @property
    def mirrors(self) -> dict[str, Any]:
        mirrors: dict[str, Any] = self.scene.spec["mirrors"]
        return mirrors

    @rule(slug=SITES, to_the_end=st.booleans(), then=THEN)
    def add_a_mirror(self, slug: str, to_the_end: bool, then: str) -> None:
        if slug not in self.mirrors:
            line = {slug: {"name": slug}}
            self.scene.spec["mirrors"] = {**self.mirrors, **line} if to_the_end else {**line, **self.mirrors}
            self.scene.spec.get("retired", {}).pop(slug, None)
        self._then(then)

    @rule(slug=SITES, with_id=st.booleans(), then=THEN)
    def retire(self, slug: str, with_id: bool, then: str) -> None:
        if slug in self.mirrors:
            self._let_go(slug, {"site_id": self._id(slug)} if with_id and self._id(slug) else {})
        self._then(then)

    @rule(slug=SITES, mistyped=st.booleans(), refresh=st.booleans())
    def up_without_a_line(self, slug: str, mistyped: bool, refresh: bool) -> None:
        """A line is lost or its slug mistyped; the run is to refuse it, and it is put right."""
        if slug in self.mirrors:
            before = copy.deepcopy(self.scene.spec)
            line = self.mirrors.pop(slug)
            if mistyped:
                self.mirrors[f"{slug}x"] = {**line, "domains": []}
            self._tidy_waves()
            self._run(refresh=refresh)
            self.scene.spec = before

    @rule(slug=SITES, then=THEN)
    def carry_on_under_another_slug(self, slug: str, then: str) -> None:
        new, number = f"{slug}-new", self._id(slug)
        if slug in self.mirrors and number and new not in self.mirrors:
            self._let_go(slug, {"site_id": number, "successor": new})
            self.mirrors[new] = {"name": new, "site_id": number}
        self._then(then)

    @rule(slug=EVERY_SITE, name=st.sampled_from(["THEME", "COLOUR", "BY_HAND"]), value=VALUES, then=THEN)
    def declare_a_variable(self, slug: str, name: str, value: str, then: str) -> None:
        if slug == MAIN or slug in self.mirrors:
            site = self.scene.spec["original"] if slug == MAIN else self.mirrors[slug]
            site.setdefault("variables", {})[name] = value
        self._then(then)

    @rule(
        name=st.sampled_from(["LANGUAGE_CODE", "CURRENCY"]), value=VALUES, where=st.sampled_from(["", "test", "live"])
    )
    def declare_a_variable_of_all_sites(self, name: str, value: str, where: str) -> None:
        place = self.scene.spec.setdefault(where, {}) if where else self.scene.spec
        place.setdefault("variables", {})[name] = value

    @rule(slug=EVERY_SITE, name=st.sampled_from(["THEME", "COLOUR", "PASSWORD", "BY_HAND"]))
    def take_a_variable_off(self, slug: str, name: str) -> None:
        site = self.scene.spec["original"] if slug == MAIN else self.mirrors.get(slug, {})
        site.get("variables", {}).pop(name, None)

    @rule(slug=SITES, number=st.sampled_from([2, 3, 7, 77, None]), then=THEN)
    def pin(self, slug: str, number: int | None, then: str) -> None:
        if slug in self.mirrors:
            self.mirrors[slug].pop("site_id", None)
            self.mirrors[slug] |= {"site_id": number} if number else {}
        self._then(then)

    @rule(slug=SITES, key=st.sampled_from(["hold", "retain"]))
    def hold_or_retain_or_no_longer(self, slug: str, key: str) -> None:
        if slug in self.mirrors and self.mirrors[slug].pop(key, None) is None:
            self.mirrors[slug][key] = {"reason": "broken theme"} if key == "hold" else True

    @rule(slug=SITES, name=st.sampled_from(["canary", "first"]), at_once=st.sampled_from([None, 1]), then=THEN)
    def plan_other_waves(self, slug: str, name: str, at_once: int | None, then: str) -> None:
        waves = [{"name": name, "sites": [slug]}] if slug in self.mirrors else []
        rest = {"name": "rest", "sites": "rest"} | ({"max_parallel": at_once} if at_once else {})
        self.scene.spec["rollout"] = {"waves": [*waves, rest]}
        self._then(then)

    @rule(slug=SITES, host=st.sampled_from(["blog.acme.example", "wiki.acme.example"]), then=THEN)
    def give_a_domain(self, slug: str, host: str, then: str) -> None:
        for other, line in self.mirrors.items():
            hosts = [one for one in line.get("domains", []) if one != host]
            line["domains"] = [*hosts, host] if other == slug else hosts
        self._then(then)

    @rule(slug=EVERY_SITE, name=st.sampled_from(["One", "Another"]))
    def rename(self, slug: str, name: str) -> None:
        if slug == MAIN or slug in self.mirrors:
            (self.scene.spec["original"] if slug == MAIN else self.mirrors[slug])["name"] = name

    @rule(parts=st.sampled_from([ALL, ALL, ("sites",), ("sites", "test"), ("sites", "live")]), then=THEN)
    def manage(self, parts: tuple[str, ...], then: str) -> None:
        self.scene.manage = parts
        self._then(then)

    @rule()
    def put_the_last_good_file_back(self) -> None:
        self.scene.spec, self.scene.manage = copy.deepcopy(self.good), ALL

    # -- edits by hand on Divio ----------------------------------------------------------------------------------------

    def _by_hand(self, edit: Callable[[], object]) -> None:
        """What somebody does; Divio may refuse it, and then nothing was done."""
        try:
            edit()
        except (AssertionError, TypeError):  # there is no such site, or Divio does not let them
            self.scene.counts["edits refused"] += 1

    @rule(
        slug=EVERY_SITE,
        where=PLACES,
        name=st.sampled_from(["SITE_ID", "DATABASE_URL", "THEME", "LANGUAGE_CODE"]),
        then=THEN,
    )
    def somebody_deletes_a_variable(self, slug: str, where: str, name: str, then: str) -> None:
        self._by_hand(lambda: self.scene.divio.delete_variable(slug, where, name))
        self._then(then)

    @rule(
        slug=EVERY_SITE,
        where=PLACES,
        change=st.sampled_from(
            [
                ("SITE_ID", "2"),
                ("SITE_ID", "3"),
                ("SITE_ID", "99"),
                ("DATABASE_URL", "postgres://a:secret@elsewhere/b"),
                ("LANGUAGE_CODE", "fr"),
                ("COLOUR", "b"),
            ]
        ),
        then=THEN,
    )
    def somebody_sets_a_variable(self, slug: str, where: str, change: tuple[str, str], then: str) -> None:
        self._by_hand(lambda: self.scene.divio.set_variable(slug, where, *change))
        self._then(then)

    @rule(slug=SITES, where=PLACES, then=THEN)
    def somebody_replaces_a_dsn(self, slug: str, where: str, then: str) -> None:
        """Deleted and added again, it is shown."""

        def replace() -> None:
            self.scene.divio.delete_variable(slug, where, "DATABASE_URL")
            self.scene.divio.set_variable(slug, where, "DATABASE_URL", "postgres://a:secret@elsewhere/b")

        self._by_hand(replace)
        self._then(then)

    @rule(slug=EVERY_SITE, where=PLACES, then=THEN)
    def somebody_deploys(self, slug: str, where: str, then: str) -> None:
        self._by_hand(lambda: self.scene.divio.deploy(slug, where))
        self._then(then)

    @rule(where=PLACES, then=THEN)
    def somebody_rotates_the_password(self, where: str, then: str) -> None:
        self._by_hand(lambda: self.scene.divio.rotate(MAIN, where))
        self._by_hand(lambda: self.scene.divio.deploy(MAIN, where, "ADOPT"))
        self._then(then)

    @rule(
        slug=SITES, and_makes=st.sampled_from(["nothing", "an application", "a mirror", "a deployed mirror"]), then=THEN
    )
    def somebody_deletes_a_mirror(self, slug: str, and_makes: str, then: str) -> None:
        divio = self.scene.divio

        def delete() -> None:
            old = divio.application(slug)
            divio.delete(f"/apps/v3/applications/{old['uuid']}/")
            body = {key: old[key] for key in ("organisation", "region", "plan_group")}
            if and_makes == "an application":
                divio.post("/apps/v3/applications/", {**body, "slug": slug, "name": "Stranger"})
            elif and_makes != "nothing":
                divio.make_mirror(MAIN, slug)
            if and_makes == "a deployed mirror":
                divio.deploy(slug, "live")

        self._by_hand(delete)
        self._then(then)

    @rule(slug=SITES)
    def somebody_makes_a_mirror(self, slug: str) -> None:
        self._by_hand(lambda: self.scene.divio.make_mirror(MAIN, slug))

    @rule(slug=EVERY_SITE, then=THEN)
    def somebody_renames(self, slug: str, then: str) -> None:
        divio = self.scene.divio
        self._by_hand(
            lambda: divio.patch(f"/apps/v3/applications/{divio.application(slug)['uuid']}/", {"name": "Else"})
        )
        self._then(then)

    @rule(slug=SITES, where=PLACES)
    def somebody_puts_all_right(self, slug: str, where: str) -> None:
        """Where a search got stuck, a person sets what the state says, and deploys."""
        divio, known = self.scene.divio, self.scene.engine.state.find("EnvironmentVariables", f"{slug}/{where}")

        def repair() -> None:
            theirs = divio.deployed(MAIN, where)
            given = known.outputs["variables"] if known else {}
            shared = {name: theirs[name] for name in ("DATABASE_URL", "DEFAULT_STORAGE_DSN")}
            for name, value in {**given, **shared}.items():
                divio.set_variable(slug, where, name, value, sensitive=name not in given)
            divio.deploy(slug, where)

        self._by_hand(repair)

    # -- runs ----------------------------------------------------------------------------------------------------------

    def _run(self, *, insists: bool = True, **options: Any) -> None:
        """A run. Whoever does not insist goes back to the file and the state that they had."""
        if self.scene.up(**options).succeeded:
            self.good, self.lost = copy.deepcopy(self.scene.spec), None
        elif not insists:
            self.scene.spec, self.scene.manage = copy.deepcopy(self.good), ALL
            if self.lost is not None:
                (self.scene.engine, self.scene.owners), self.lost = self.lost, None

    def _then(self, then: str) -> None:
        if then:
            self._run(refresh=then != "up", insists=False)

    @rule(refresh=st.booleans(), insists=st.booleans())
    def up(self, refresh: bool, insists: bool) -> None:
        self._run(refresh=refresh, insists=insists)

    @rule(insists=st.booleans())
    def up_with_refresh(self, insists: bool) -> None:
        self._run(refresh=True, insists=insists)

    @rule(refresh=st.booleans(), request=st.integers(1, 60), phase=st.sampled_from(["before", "after"]))
    def up_that_is_killed(self, refresh: bool, request: int, phase: Any) -> None:
        self._run(refresh=refresh, kill=Kill(request, phase))

    @rule(refresh=st.booleans(), words=WORDS)
    def up_with_a_word(self, refresh: bool, words: dict[str, str]) -> None:
        self._run(refresh=refresh, environ=words)

    @rule(refresh=st.booleans(), trouble=st.sampled_from(TROUBLES))
    def up_in_trouble(self, refresh: bool, trouble: list[dict[str, Any]]) -> None:
        self.scene.divio.faults(trouble)
        try:
            self._run(refresh=refresh)
        finally:
            self.scene.divio.faults([])

    @rule(refresh=st.booleans(), hidden=st.sampled_from([MAIN, BLOG, SHOP]))
    def up_with_less_permissions(self, refresh: bool, hidden: str) -> None:
        slugs = {row["slug"] for row in self.scene.divio.world()["applications"]}
        self.scene.divio.permit(applications=sorted(slugs - {hidden}))
        try:
            self._run(refresh=refresh)
        finally:
            self.scene.divio.permit()

    @rule(words=st.sampled_from([{}, {}, {"DIVIO_TAKE_OVER": SHOP}]))
    def up_of_a_second_stack(self, words: dict[str, str]) -> None:
        scene, first, owners, lost = self.scene, self.scene.engine, dict(self.scene.owners), self.lost
        self._lose_the_state()
        try:
            scene.up(environ=words)
        finally:
            scene.engine, scene.owners, self.lost = first, {**scene.owners, **owners}, lost

    @rule(
        refresh=st.booleans(),
        words=st.sampled_from([{}, {}, {"DIVIO_TAKE_OVER": "all"}]),
        file=st.sampled_from(["as it was", "in another order", "with a new site in front"]),
    )
    def up_with_a_lost_state(self, refresh: bool, words: dict[str, str], file: str) -> None:
        if file == "in another order":
            self.scene.spec["mirrors"] = dict(reversed(self.mirrors.items()))
        elif file == "with a new site in front" and NEWS not in self.scene.spec.get("retired", {}):
            self.scene.spec["mirrors"] = {NEWS: {"name": "News"}, **self.mirrors}
        self._lose_the_state()
        self._run(refresh=refresh, insists=False, environ=words)

    @invariant()
    def count(self) -> None:
        self.scene.counts["steps"] += 1

    # -- helpers -------------------------------------------------------------------------------------------------------

    def _lose_the_state(self) -> None:
        """Whose an id was that no site has and no file remembers, nobody can know then."""
        scene = self.scene
        self.lost = self.lost or (scene.engine, scene.owners)
        scene.engine = scene.second_stack()
        known = {row["slug"] for row in scene.divio.world()["applications"]}
        remembered = {slug for slug, gone in scene.spec.get("retired", {}).items() if "site_id" in gone}
        scene.owners = {site_id: slug for site_id, slug in scene.owners.items() if slug in known | remembered}

    def _id(self, slug: str) -> int:
        return int(self.scene.engine.state.ids.get(slug, 0))

    def _let_go(self, slug: str, said: dict[str, Any]) -> None:
        del self.mirrors[slug]
        self.scene.spec["retired"] = {**self.scene.spec.get("retired", {}), slug: said}
        self._tidy_waves()

    def _tidy_waves(self) -> None:
        for wave in self.scene.spec["rollout"]["waves"]:
            if wave["sites"] != "rest":
                wave["sites"] = [slug for slug in wave["sites"] if slug in self.mirrors]
        waves = self.scene.spec["rollout"]["waves"]
        self.scene.spec["rollout"]["waves"] = [wave for wave in waves if wave["sites"]]


def search(scene: Scene, examples: int, steps: int) -> None:
    """Runs the machine; what it counted is printed, for `pytest -s`."""
    scene.counts.clear()
    profile = settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=True,
        deadline=None,
        database=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
        phases=PHASES,
    )
    machine = type("EstateMachine", (EstateMachine,), {"scene": scene})
    try:
        run_state_machine_as_test(machine, settings=profile)
    finally:
        print(f"\nthe state machine: {dict(scene.counts)}")


def test_whatever_people_do_no_site_is_lost_or_mixed_up(scene: Scene):
    search(scene, examples=6, steps=8)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_whatever_people_do_for_long_no_site_is_lost_or_mixed_up(scene: Scene):
    search(scene, examples=60, steps=12)
