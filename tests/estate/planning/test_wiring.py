"""A mirror is deployed only when it is wired: with a `SITE_ID` of its own and the original's present values."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from divio_provider.estate.planning.wiring import (
    MISSING,
    STALE,
    WIRED,
    carried_problem,
    copy_state,
    deployment_refusal,
    fingerprint,
    site_id_problem,
)

SHARED = ["DATABASE_URL", "DEFAULT_STORAGE_DSN"]
WITHHELD = dict.fromkeys(SHARED)
PRINTS = st.none() | st.sampled_from(["ab", "cd"])
VALUES = st.text(min_size=8, max_size=60)


@given(st.booleans(), PRINTS, PRINTS)
def test_a_copy_counts_as_the_originals_only_while_nothing_says_otherwise(present, copied, originals):
    state = copy_state(present, copied, originals)
    assert (state == MISSING) is (not present)
    if state == WIRED:
        assert copied is not None
        assert originals in (None, copied)


def test_an_original_that_cannot_be_read_is_no_proof_of_a_difference():
    assert copy_state(True, "ab", None) == WIRED
    assert copy_state(True, None, None) == STALE


# scrypt is dear on purpose.
@settings(max_examples=10, deadline=None)
@given(VALUES, VALUES)
def test_a_fingerprint_tells_values_apart_and_does_not_show_them(value, other):
    print_ = fingerprint(value, "env/DATABASE_URL")
    assert (print_ == fingerprint(other, "env/DATABASE_URL")) is (value == other)
    assert print_ != fingerprint(value, "other/DATABASE_URL")
    assert len(print_) == 24
    assert value not in print_


@given(st.integers(min_value=1))
def test_a_plain_positive_number_is_a_site_id(number):
    assert site_id_problem(str(number)) == ""


@given(st.text(max_size=5))
def test_whatever_is_read_otherwise_than_written_is_no_site_id(text):
    plain = text.isascii() and text.isdigit() and str(int(text)) == text and int(text) > 0
    assert (site_id_problem(text) == "") is plain


@given(
    st.dictionaries(st.sampled_from(["SITE_ID", *SHARED]), st.sampled_from(["2", "3", None])),
    st.dictionaries(st.sampled_from(SHARED), st.sampled_from([WIRED, STALE])),
    st.dictionaries(st.sampled_from(["acme-main", "acme-blog"]), st.sampled_from(["1", "2", "3"])),
)
def test_what_is_not_refused_is_wired(present, copies, others):
    said = deployment_refusal(site_id="3", present=present, shared=SHARED, copies=copies, others=others)
    wired = (
        "SITE_ID" in present
        and present["SITE_ID"] in (None, "3")
        and "3" not in others.values()
        and all(name in present for name in SHARED)
        and STALE not in copies.values()
    )
    assert (said == "") is wired


@pytest.mark.parametrize(
    ("present", "copies", "others", "says"),
    [
        (WITHHELD, {}, {}, "lacks SITE_ID and would act as site 1"),
        ({"SITE_ID": "4", **WITHHELD}, {}, {}, "SITE_ID on Divio is 4, declared is 3"),
        ({"SITE_ID": "3", **WITHHELD}, {}, {"acme-blog": "3"}, "acme-blog has the same SITE_ID 3"),
        ({"SITE_ID": "3", "DATABASE_URL": None}, {}, {}, "lacks DEFAULT_STORAGE_DSN"),
        ({"SITE_ID": "3", **WITHHELD}, {"DATABASE_URL": STALE}, {}, "DATABASE_URL differs from the original's"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_what_to_do(present, copies, others, says):
    said = deployment_refusal(site_id="3", present=present, shared=SHARED, copies=copies, others=others)
    assert says in said
    assert "pulumi up --refresh" in said or "give one of them another" in said


CARRIED = st.dictionaries(st.sampled_from(["SITE_ID", "THEME", *SHARED]), st.sampled_from(["2", "3", None]))


@given(CARRIED, st.frozensets(st.sampled_from(SHARED)), st.sampled_from(["", "3"]))
def test_a_deployment_is_fine_only_with_its_site_id_and_all_names_and_no_other_value(carried, stale, site_id):
    names = ["SITE_ID", "THEME", *SHARED]
    said = carried_problem(site_id=site_id, names=names, carried=carried, stale=stale)
    fine = carried.keys() >= set(names) and not stale and (not site_id or carried["SITE_ID"] in (None, site_id))
    assert (said == "") is fine
    assert all(name in said for name in stale)
