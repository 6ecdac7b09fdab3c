"""Changes of variables bring what is there to what is declared, and touch nothing else."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from divio_provider.estate.planning.built_ins import is_built_in
from divio_provider.estate.planning.variable_diff import Change, Declared, Present, changes, differences

NAMES = st.sampled_from(["SITE_ID", "DATABASE_URL", "THEME", "DEBUG", "LANG", "TOKEN"])
VALUES = st.text(max_size=4)
DECLARED = st.dictionaries(NAMES, st.builds(Declared, VALUES, st.booleans(), st.booleans()))
# Divio withholds what is sensitive, and nothing else.
PRESENT = st.dictionaries(NAMES, st.builds(Present, VALUES)) | st.dictionaries(
    NAMES, st.sampled_from([Present(None, is_sensitive=True), Present("x")])
)
SOME = st.frozensets(NAMES)


def made(present: dict[str, Present], declared: dict[str, Declared], planned: tuple[Change, ...]) -> dict[str, Present]:
    """What Divio shows after the changes."""
    result = dict(present)
    for change in planned:
        if change.operation == "remove":
            del result[change.name]
        else:
            wanted = declared[change.name]
            result[change.name] = Present(None if wanted.is_sensitive else wanted.value, wanted.is_sensitive)
    return result


@given(PRESENT, DECLARED, SOME, SOME, st.booleans())
def test_afterwards_everything_declared_is_there_as_declared(present, declared, owned, kept, exclusive):
    after = made(present, declared, changes(present, declared, owned=owned, kept=kept, exclusive=exclusive))
    for name, wanted in declared.items():
        assert after[name].is_sensitive == wanted.is_sensitive
        assert after[name].value in (None, wanted.value)


@given(PRESENT, DECLARED, SOME, SOME)
def test_what_somebody_else_set_stays(present, declared, owned, kept):
    after = made(present, declared, changes(present, declared, owned=owned, kept=kept))
    for name in present.keys() - declared.keys() - owned:
        assert after[name] == present[name]


@given(PRESENT, DECLARED, SOME, SOME, st.booleans())
def test_what_is_kept_is_never_removed_whoever_owns_it(present, declared, owned, kept, exclusive):
    planned = changes(present, declared, owned=owned, kept=kept, exclusive=exclusive)
    assert not {change.name for change in planned if change.operation == "remove"} & kept


@given(PRESENT, DECLARED, SOME, SOME)
def test_exclusive_leaves_nothing_but_what_is_declared_or_kept_or_may_be_divios_own(present, declared, owned, kept):
    after = made(present, declared, changes(present, declared, owned=owned, kept=kept, exclusive=True))
    divios = {name for name in present if is_built_in(name)} - owned
    assert after.keys() <= declared.keys() | kept | divios


@given(PRESENT, DECLARED, SOME, SOME, st.booleans())
def test_a_second_time_there_is_nothing_to_do(present, declared, owned, kept, exclusive):
    after = made(present, declared, changes(present, declared, owned=owned, kept=kept, exclusive=exclusive))
    known = {name: replace(wanted, unchanged=True) for name, wanted in declared.items()}
    assert changes(after, known, owned=declared.keys(), kept=kept, exclusive=exclusive) == ()


@given(PRESENT, DECLARED, SOME, SOME, st.booleans())
def test_additions_come_first_and_removals_last_and_each_name_once(present, declared, owned, kept, exclusive):
    planned = changes(present, declared, owned=owned, kept=kept, exclusive=exclusive)
    order = [("add", "update", "remove").index(change.operation) for change in planned]
    assert order == sorted(order)
    assert len({change.name for change in planned}) == len(planned)
    assert all(change.why for change in planned)


@given(st.dictionaries(NAMES, st.just(Present(None, is_sensitive=True))))
def test_a_plan_holds_no_value(present):
    declared = {name: Declared("hunter2-secret", is_sensitive=True) for name in ("TOKEN", "DATABASE_URL")}
    assert "hunter2" not in repr(changes(present, declared))


def test_a_withheld_value_is_written_again_unless_we_know_it():
    present = {"TOKEN": Present(None, is_sensitive=True)}
    (change,) = changes(present, {"TOKEN": Declared("x", is_sensitive=True)})
    assert change.operation == "update"
    assert "withholds" in change.why
    assert changes(present, {"TOKEN": Declared("x", is_sensitive=True, unchanged=True)}) == ()


@given(PRESENT, DECLARED)
def test_what_was_written_and_deployed_as_declared_is_no_difference(present, declared):
    after = made(present, declared, changes(present, declared))
    carried = {name: wanted.value for name, wanted in declared.items()}
    assert differences(after, declared, carried) == {}


@given(PRESENT, DECLARED, st.dictionaries(NAMES, st.none() | VALUES))
def test_whatever_cannot_be_proven_equal_is_a_difference(present, declared, deployed):
    found = differences(present, declared, deployed)
    for name, wanted in declared.items():
        shown = present.get(name)
        values = (wanted.value, wanted.value.strip())
        is_set = shown is not None and shown.is_sensitive == wanted.is_sensitive and shown.value in (None, *values)
        assert (name not in found) == (is_set and deployed.get(name) in values)
