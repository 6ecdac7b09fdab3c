"""A `SITE_ID` belongs to one site for ever, whatever is edited in whatever order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from divio_provider.estate.declaration.sites import Retired
from divio_provider.estate.planning.site_id_allocation import Register, SiteIdError, allocate, missing_pins
from tests.estate.declarations import spec

SLUGS = st.lists(st.sampled_from("abcdefghij"), unique=True)
MAIN = "main"


def after(register: Register | None, mirrors: list[str], pins: dict[str, int] | None = None) -> Register:
    """The register after an edit that retires every site that it removes."""
    gone = {slug: Retired() for slug in (register.ids if register else {}) if slug not in (MAIN, *mirrors)}
    return allocate(MAIN, mirrors, pins or {}, register, gone)


def grown(*steps: list[str]) -> Register:
    register = None
    for mirrors in steps:
        register = after(register, mirrors)
    assert register is not None
    return register


@given(SLUGS)
def test_the_first_time_ids_count_up_in_the_order_of_the_file(mirrors):
    register = allocate(MAIN, mirrors, {}, None)
    assert register.ids == {MAIN: 1, **{slug: number for number, slug in enumerate(mirrors, 2)}}
    assert register.retired == {}


@given(SLUGS, SLUGS, st.randoms(use_true_random=False))
def test_sites_keep_their_ids_when_others_come_and_go_and_lines_move(before, later, random):
    first = grown(before)
    random.shuffle(later)
    second = after(first, later)
    assert {slug: second.ids[slug] for slug in later if slug in before} == {
        slug: first.ids[slug] for slug in before if slug in later
    }


@given(SLUGS, st.randoms(use_true_random=False))
def test_another_order_changes_nothing(mirrors, random):
    first = grown(mirrors)
    random.shuffle(mirrors)
    assert allocate(MAIN, mirrors, {}, first) == first


@given(SLUGS, SLUGS)
def test_a_retired_site_keeps_its_id_and_gets_it_back(before, later):
    first = grown(before)
    second = after(first, later)
    gone = {slug: first.ids[slug] for slug in before if slug not in later}
    assert second.retired == gone
    assert not set(gone.values()) & set(second.ids.values())
    third = allocate(MAIN, [*later, *gone], {}, second)
    assert third.ids == {**second.ids, **gone}
    assert third.retired == {}


@given(
    SLUGS,
    st.dictionaries(st.sampled_from("uvwxyz"), st.integers(2, 12)),
    st.lists(st.integers(2, 12), unique=True, max_size=3),
    st.dictionaries(st.sampled_from("abc"), st.integers(2, 12)),
)
def test_pins_and_ids_of_the_past_are_respected_or_refused(mirrors, gone, reserved, pins):
    wanted = {slug: id_ for slug, id_ in pins.items() if slug in mirrors}
    retired = {slug: Retired(site_id=id_) for slug, id_ in gone.items()}
    taken = [*gone.values(), *wanted.values()]
    try:
        register = allocate(MAIN, mirrors, pins, None, retired, reserved)
    except SiteIdError:
        assert len(set(taken)) < len(taken) or set(reserved) & set(wanted.values())
    else:
        assert {slug: register.ids[slug] for slug in wanted} == wanted
        assert not set(register.ids.values()) & {*gone.values(), *reserved}
        assert len(set(register.ids.values())) == len(register.ids)


def test_a_new_site_never_gets_a_retired_id():
    register = grown(["blog", "shop", "news"], ["blog", "news"], ["blog", "news", "events"])
    assert register == Register({"main": 1, "blog": 2, "news": 4, "events": 5}, {"shop": 3})


def test_a_site_that_is_gone_and_was_not_retired_is_refused_by_name_with_the_ways_out():
    with pytest.raises(SiteIdError, match="shop is no longer declared, and not retired either") as caught:
        allocate(MAIN, ["blog"], {}, grown(["blog", "shop"]))
    assert "retired: {shop: {site_id: 3}}" in str(caught.value)
    assert "DIVIO_FORGET=shop" in str(caught.value)
    for may_leave in ({"shop"}, {"all"}):
        left = allocate(MAIN, ["blog"], {}, grown(["blog", "shop"]), may_leave=may_leave)
        assert left == Register({"main": 1, "blog": 2}, {"shop": 3})


def test_a_successor_carries_on_the_id_of_a_retired_site_and_nobody_else_does():
    first = grown(["blog", "shop"])
    retired = {"shop": Retired(site_id=3, successor="store")}
    moved = allocate(MAIN, ["blog", "store"], {"store": 3}, first, retired)
    assert moved == Register({"main": 1, "blog": 2, "store": 3}, {})
    assert allocate(MAIN, ["blog", "store"], {"store": 3}, moved, retired) == moved
    assert allocate(MAIN, ["blog", "store"], {}, moved) == moved, "also when the file forgets it"
    with pytest.raises(SiteIdError, match="SITE_ID 3 belongs to store and cannot be blog's"):
        allocate(MAIN, ["blog", "store"], {"blog": 3}, moved, retired)
    again = {**retired, "store": Retired(site_id=3, successor="market")}
    last = allocate(MAIN, ["blog", "market"], {"market": 3}, moved, again)
    assert last.ids == {"main": 1, "blog": 2, "market": 3}
    assert allocate(MAIN, ["blog", "shop"], {}, last, {"market": Retired(site_id=3)}).ids["shop"] == 4


def test_a_pin_moves_a_site_and_its_old_id_stays_its_own():
    moved = after(grown(["blog", "shop"]), ["blog", "shop"], {"shop": 7})
    assert moved == Register({"main": 1, "blog": 2, "shop": 7}, {"shop/3": 3})
    with pytest.raises(SiteIdError, match="SITE_ID 3 belongs to shop and cannot be blog's"):
        allocate(MAIN, ["blog", "shop"], {"blog": 3}, moved)
    assert allocate(MAIN, ["blog", "shop"], {}, moved) == moved
    back = allocate(MAIN, ["blog", "shop"], {"shop": 3}, moved)
    assert back == Register({"main": 1, "blog": 2, "shop": 3}, {"shop/7": 7})


def test_a_site_that_left_with_a_second_id_comes_back_with_it():
    moved = after(grown(["shop"]), ["shop"], {"shop": 7})
    gone = after(moved, [])
    assert gone.retired == {"shop": 7, "shop/2": 2}
    assert allocate(MAIN, ["shop"], {}, gone) == moved


def test_ids_written_into_git_and_pinned_are_no_collision_with_the_register():
    before = grown(["blog", "shop"], ["blog"])
    retired = {"shop": Retired(site_id=3)}
    assert allocate(MAIN, ["blog"], {"blog": 2}, before, retired) == before
    assert allocate(MAIN, ["blog"], {"blog": 2}, None, retired).ids == before.ids


def test_the_originals_id_is_1_its_pin_or_what_it_was():
    assert allocate(MAIN, [], {MAIN: 5}, None).ids == {MAIN: 5}
    assert allocate(MAIN, ["blog"], {}, Register({MAIN: 5}, {})).ids == {MAIN: 5, "blog": 2}
    assert allocate(MAIN, ["blog"], {MAIN: 2}, None).ids == {MAIN: 2, "blog": 3}


@pytest.mark.parametrize(
    ("pins", "retired", "before", "both"),
    [
        ({"blog": 1}, {}, None, ("main", "blog")),
        ({"blog": 7, "shop": 7}, {}, None, ("blog", "shop")),
        ({"blog": 7}, {"gone": 7}, None, ("gone", "blog")),
        ({"blog": 3}, {}, Register({"main": 1, "blog": 2, "shop": 3}, {}), ("shop", "blog")),
        ({"blog": 4}, {}, Register({"main": 1, "blog": 2, "shop": 3}, {"gone": 4}), ("gone", "blog")),
        ({"blog": 4}, {}, Register({"main": 1, "blog": 2, "shop": 3}, {"gone/4": 4}), ("gone", "blog")),
        ({}, {"gone": 3}, Register({"main": 1, "blog": 2, "shop": 3}, {}), ("shop", "gone")),
        ({}, {"one": 4, "two": 4}, None, ("one", "two")),
    ],
)
def test_a_collision_names_both_sites(pins, retired, before, both):
    with pytest.raises(SiteIdError) as caught:
        allocate(MAIN, ["blog", "shop"], pins, before, {slug: Retired(site_id=id_) for slug, id_ in retired.items()})
    assert str(caught.value).startswith("SITE_ID ")
    assert f"belongs to {both[0]} and cannot be {both[1]}'s" in str(caught.value)


def test_one_slug_is_one_site():
    with pytest.raises(SiteIdError, match="blog is declared as two sites"):
        allocate(MAIN, ["blog", "blog"], {}, None)
    with pytest.raises(SiteIdError, match="main is declared as two sites"):
        allocate(MAIN, [MAIN], {}, None)


class Edits(RuleBasedStateMachine):
    """Any sequence of edits, each followed by an allocation as `pulumi up` makes it."""

    def __init__(self) -> None:
        super().__init__()
        self.mirrors: list[str] = []
        self.pins: dict[str, int] = {}
        self.retired: dict[str, Retired] = {}
        self.reserved: list[int] = []
        self.register: Register = allocate(MAIN, [], {}, None)
        self.history: dict[int, str] = {1: MAIN}

    def _apply(
        self,
        mirrors: list[str] | None = None,
        pins: dict[str, int] | None = None,
        retired: dict[str, Retired] | None = None,
        reserved: list[int] | None = None,
    ) -> None:
        """An edit that is refused is taken back, as a person would."""
        mirrors, pins = self.mirrors if mirrors is None else mirrors, self.pins if pins is None else pins
        retired, reserved = (
            self.retired if retired is None else retired,
            self.reserved if reserved is None else reserved,
        )
        try:
            register = allocate(MAIN, mirrors, pins, self.register, retired, reserved)
        except SiteIdError:
            return
        assert self.register.ids.keys() <= {MAIN, *mirrors, *retired}, "a site left that nobody retired"
        old = self.register
        self.mirrors, self.pins, self.retired, self.reserved, self.register = mirrors, pins, retired, reserved, register
        for slug, id_ in register.ids.items():
            owner = self.history.setdefault(id_, slug)
            assert owner == slug or retired[owner].successor == slug
            self.history[id_] = slug
            if slug in old.ids and slug not in pins:
                assert old.ids[slug] == id_
        known = {*register.ids.values(), *register.retired.values()}
        assert {*old.ids.values(), *old.retired.values()} <= known, "an id was forgotten"

    @rule(slug=st.sampled_from("abcdef"), at=st.integers(0, 6))
    def add(self, slug: str, at: int) -> None:
        if slug not in self.mirrors and slug not in self.retired:
            self._apply([*self.mirrors[:at], slug, *self.mirrors[at:]])

    @precondition(lambda self: self.mirrors)
    @rule(at=st.integers(0, 5), is_retired=st.booleans(), successor=st.sampled_from([None, "x", "y"]))
    def remove(self, at: int, is_retired: bool, successor: str | None) -> None:
        slug = self.mirrors[at % len(self.mirrors)]
        rest = {pinned: id_ for pinned, id_ in self.pins.items() if pinned != slug}
        mirrors = [other for other in self.mirrors if other != slug]
        if not is_retired:
            self._apply(mirrors, rest)
            assert slug in self.mirrors
        elif successor is None or successor in (*mirrors, *self.retired):
            self._apply(mirrors, rest, {**self.retired, slug: Retired()})
        else:
            id_ = self.register.ids[slug]
            gone = {**self.retired, slug: Retired(site_id=id_, successor=successor)}
            self._apply([*mirrors, successor], {**rest, successor: id_}, gone)

    @precondition(lambda self: self.retired)
    @rule(at=st.integers(0, 5))
    def bring_back(self, at: int) -> None:
        slug = list(self.retired)[at % len(self.retired)]
        rest = {other: gone for other, gone in self.retired.items() if other != slug}
        if slug not in self.mirrors:
            self._apply([*self.mirrors, slug], None, rest)

    @rule(random=st.randoms(use_true_random=False))
    def reorder(self, random) -> None:
        mirrors = list(self.mirrors)
        random.shuffle(mirrors)
        before = self.register
        self._apply(mirrors)
        assert self.register == before

    @rule(slug=st.sampled_from(["a", "b", "c", MAIN]), id_=st.integers(1, 9))
    def pin(self, slug: str, id_: int) -> None:
        if slug in (MAIN, *self.mirrors):
            self._apply(None, {**self.pins, slug: id_})

    @rule()
    def unpin(self) -> None:
        self._apply(None, {})

    @rule(id_=st.integers(1, 9))
    def reserve(self, id_: int) -> None:
        self._apply(reserved=[*self.reserved, id_])

    @rule()
    def unreserve(self) -> None:
        self._apply(reserved=[])

    @rule()
    def write_into_git(self) -> None:
        before = self.register
        gone = {key: Retired(site_id=id_) for key, id_ in before.retired.items() if "/" not in key}
        former = [id_ for key, id_ in before.retired.items() if "/" in key]
        self._apply(None, dict(before.ids), {**gone, **self.retired}, [*self.reserved, *former])
        assert self.register == before

    @invariant()
    def no_two_sites_share_an_id(self) -> None:
        ids = [*self.register.ids.values(), *self.register.retired.values()]
        assert len(set(ids)) == len(ids)

    @invariant()
    def every_site_has_an_id(self) -> None:
        assert list(self.register.ids) == [MAIN, *self.mirrors]

    @invariant()
    def doing_it_again_changes_nothing(self) -> None:
        again = allocate(MAIN, self.mirrors, self.pins, self.register, self.retired, self.reserved)
        assert again == self.register


TestNoSequenceOfEditsGivesAnIdToTwoSlugs = Edits.TestCase
TestNoSequenceOfEditsGivesAnIdToTwoSlugs.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_sites_get_pins_and_those_that_are_gone_keep_their_ids_in_git():
    estate = spec(mirrors={"acme-blog": {"name": "x"}}, retired={"acme-was": None}, reserved=[9])
    register = Register({"acme-main": 1, "acme-blog": 2}, {"gone": 3, "acme-was": 4, "acme-blog/5": 5, "old/9": 9})
    assert missing_pins(estate, register) == {
        ("mirrors", "acme-blog", "site_id"): 2,
        ("retired", "gone", "site_id"): 3,
        ("retired", "acme-was", "site_id"): 4,
        ("reserved", 1): 5,
    }
