"""A `SITE_ID` belongs to one site for ever, whatever is edited in whatever order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from divio_provider.estate.planning.site_id_allocation import Register, SiteIdError, allocate, missing_pins
from tests.estate.declarations import spec

SLUGS = st.lists(st.sampled_from("abcdefghij"), unique=True)
MAIN = "main"


def grown(*steps: list[str], reserved: dict[str, int] | None = None) -> Register:
    register = None
    for mirrors in steps:
        register = allocate(MAIN, mirrors, {}, reserved or {}, register)
    assert register is not None
    return register


@given(SLUGS)
def test_the_first_time_ids_count_up_in_the_order_of_the_file(mirrors):
    register = allocate(MAIN, mirrors, {}, {}, None)
    assert register.ids == {MAIN: 1, **{slug: number for number, slug in enumerate(mirrors, 2)}}
    assert register.retired == {}


@given(SLUGS, SLUGS, st.randoms(use_true_random=False))
def test_sites_keep_their_ids_when_others_come_and_go_and_lines_move(before, after, random):
    first = grown(before)
    random.shuffle(after)
    second = allocate(MAIN, after, {}, {}, first)
    assert {slug: second.ids[slug] for slug in after if slug in before} == {
        slug: first.ids[slug] for slug in before if slug in after
    }


@given(SLUGS, st.randoms(use_true_random=False))
def test_another_order_changes_nothing(mirrors, random):
    first = grown(mirrors)
    random.shuffle(mirrors)
    assert allocate(MAIN, mirrors, {}, {}, first) == first


@given(SLUGS, SLUGS)
def test_a_removed_site_keeps_its_id_reserved_and_gets_it_back(before, after):
    first = grown(before)
    second = allocate(MAIN, after, {}, {}, first)
    gone = {slug: first.ids[slug] for slug in before if slug not in after}
    assert second.retired == gone
    assert not set(gone.values()) & set(second.ids.values())
    third = allocate(MAIN, [*after, *gone], {}, {}, second)
    assert third.ids == {**second.ids, **gone}
    assert third.retired == {}


@given(
    SLUGS,
    st.dictionaries(st.sampled_from("uvwxyz"), st.integers(2, 12)),
    st.dictionaries(st.sampled_from("abc"), st.integers(2, 12)),
)
def test_pins_and_reservations_are_respected_or_refused(mirrors, reserved, pins):
    wanted = {slug: id_ for slug, id_ in pins.items() if slug in mirrors}
    taken = [*reserved.values(), *wanted.values()]
    try:
        register = allocate(MAIN, mirrors, pins, reserved, None)
    except SiteIdError:
        assert len(set(taken)) < len(taken)
    else:
        assert len(set(taken)) == len(taken)
        assert {slug: register.ids[slug] for slug in wanted} == wanted
        assert not set(register.ids.values()) & set(reserved.values())
        assert len(set(register.ids.values())) == len(register.ids)


def test_a_new_site_never_gets_a_retired_id():
    register = grown(["blog", "shop", "news"], ["blog", "news"], ["blog", "news", "events"])
    assert register == Register({"main": 1, "blog": 2, "news": 4, "events": 5}, {"shop": 3})


def test_a_reserved_slug_that_comes_back_gets_its_id():
    assert allocate(MAIN, ["blog", "gone"], {}, {"gone": 2}, None).ids == {"main": 1, "blog": 3, "gone": 2}


def test_a_pin_moves_a_site_and_its_old_id_stays_its_own():
    moved = allocate(MAIN, ["blog", "shop"], {"shop": 7}, {}, grown(["blog", "shop"]))
    assert moved == Register({"main": 1, "blog": 2, "shop": 7}, {"shop/3": 3})
    with pytest.raises(SiteIdError, match="SITE_ID 3 belongs to shop and cannot be blog's"):
        allocate(MAIN, ["blog", "shop"], {"blog": 3}, {}, moved)
    assert allocate(MAIN, ["blog", "shop"], {}, {}, moved) == moved
    back = allocate(MAIN, ["blog", "shop"], {"shop": 3}, {}, moved)
    assert back == Register({"main": 1, "blog": 2, "shop": 3}, {"shop/7": 7})


def test_a_site_that_left_with_a_second_id_comes_back_with_it():
    moved = allocate(MAIN, ["shop"], {"shop": 7}, {}, grown(["shop"]))
    gone = allocate(MAIN, [], {}, {}, moved)
    assert gone.retired == {"shop": 7, "shop/2": 2}
    assert allocate(MAIN, ["shop"], {}, {}, gone) == moved


def test_ids_written_into_git_and_pinned_are_no_collision_with_the_register():
    before = grown(["blog", "shop"], ["blog"])
    assert allocate(MAIN, ["blog"], {"blog": 2}, {"shop": 3}, before) == before
    assert allocate(MAIN, ["blog"], {"blog": 2}, {"shop": 3}, None).ids == before.ids


def test_the_originals_id_is_1_its_pin_or_what_it_was():
    assert allocate(MAIN, [], {MAIN: 5}, {}, None).ids == {MAIN: 5}
    assert allocate(MAIN, ["blog"], {}, {}, Register({MAIN: 5}, {})).ids == {MAIN: 5, "blog": 2}
    assert allocate(MAIN, ["blog"], {MAIN: 2}, {}, None).ids == {MAIN: 2, "blog": 3}


@pytest.mark.parametrize(
    ("pins", "reserved", "before", "both"),
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
def test_a_collision_names_both_sites(pins, reserved, before, both):
    with pytest.raises(SiteIdError) as caught:
        allocate(MAIN, ["blog", "shop"], pins, reserved, before)
    assert str(caught.value).startswith("SITE_ID ")
    assert f"belongs to {both[0]} and cannot be {both[1]}'s" in str(caught.value)


def test_one_slug_is_one_site():
    with pytest.raises(SiteIdError, match="blog is declared as two sites"):
        allocate(MAIN, ["blog", "blog"], {}, {}, None)
    with pytest.raises(SiteIdError, match="main is declared as two sites"):
        allocate(MAIN, [MAIN], {}, {}, None)


class Edits(RuleBasedStateMachine):
    """Any sequence of edits, each followed by an allocation as `pulumi up` makes it."""

    def __init__(self) -> None:
        super().__init__()
        self.mirrors: list[str] = []
        self.pins: dict[str, int] = {}
        self.reserved: dict[str, int] = {}
        self.register: Register = allocate(MAIN, [], {}, {}, None)
        self.history: dict[int, str] = {1: MAIN}

    def _apply(self, mirrors: list[str], pins: dict[str, int], reserved: dict[str, int]) -> None:
        """An edit that is refused is taken back, as a person would."""
        try:
            register = allocate(MAIN, mirrors, pins, reserved, self.register)
        except SiteIdError:
            return
        old = self.register
        self.mirrors, self.pins, self.reserved, self.register = mirrors, pins, reserved, register
        for slug, id_ in register.ids.items():
            assert self.history.setdefault(id_, slug) == slug
            if slug in old.ids and slug not in pins:
                assert old.ids[slug] == id_
        known = {*register.ids.values(), *register.retired.values()}
        assert {*old.ids.values(), *old.retired.values()} <= known, "an id was forgotten"

    @rule(slug=st.sampled_from("abcdef"), at=st.integers(0, 6))
    def add(self, slug: str, at: int) -> None:
        if slug not in self.mirrors:
            self._apply([*self.mirrors[:at], slug, *self.mirrors[at:]], self.pins, self.reserved)

    @precondition(lambda self: self.mirrors)
    @rule(at=st.integers(0, 5))
    def remove(self, at: int) -> None:
        slug = self.mirrors[at % len(self.mirrors)]
        rest = {pinned: id_ for pinned, id_ in self.pins.items() if pinned != slug}
        self._apply([other for other in self.mirrors if other != slug], rest, self.reserved)

    @rule(random=st.randoms(use_true_random=False))
    def reorder(self, random) -> None:
        mirrors = list(self.mirrors)
        random.shuffle(mirrors)
        before = self.register
        self._apply(mirrors, self.pins, self.reserved)
        assert self.register == before

    @rule(slug=st.sampled_from(["a", "b", "c", MAIN]), id_=st.integers(1, 9))
    def pin(self, slug: str, id_: int) -> None:
        if slug in (MAIN, *self.mirrors):
            self._apply(self.mirrors, {**self.pins, slug: id_}, self.reserved)

    @rule()
    def unpin(self) -> None:
        self._apply(self.mirrors, {}, self.reserved)

    @rule(slug=st.sampled_from("abcxyz"), id_=st.integers(1, 9))
    def reserve(self, slug: str, id_: int) -> None:
        self._apply(self.mirrors, self.pins, {**self.reserved, slug: id_})

    @rule()
    def unreserve(self) -> None:
        self._apply(self.mirrors, self.pins, {})

    @rule()
    def write_into_git(self) -> None:
        before = self.register
        self._apply(self.mirrors, dict(before.ids), {**self.reserved, **before.retired})
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
        assert allocate(MAIN, self.mirrors, self.pins, self.reserved, self.register) == self.register


TestNoSequenceOfEditsGivesAnIdToTwoSlugs = Edits.TestCase
TestNoSequenceOfEditsGivesAnIdToTwoSlugs.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_sites_get_pins_and_those_that_are_gone_reservations():
    estate = spec(mirrors={"acme-blog": {"name": "x"}})
    assert missing_pins(estate, Register({"acme-main": 1, "acme-blog": 2}, {"gone": 3})) == {
        ("mirrors", "acme-blog", "site_id"): 2,
        ("site_ids", "reserved", "gone"): 3,
    }
