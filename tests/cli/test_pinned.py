"""`pin` inserts ids into a declaration and leaves everything else as it is."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from divio_provider.cli.pin import PinError, pinned
from divio_provider.estate.declaration.errors import SpecError
from divio_provider.estate.declaration.parser import parse
from divio_provider.estate.planning.site_id_allocation import Register, allocate
from tests.estate.declarations import FILE, FINE

REGISTER = Register({"acme-main": 1, "acme-blog": 2, "acme-shop": 3}, {})


def is_kept(old: str, new: str) -> bool:
    """Whether every line of the old text is still there, in its order; of one in braces its text may be set anew."""
    written, lines = iter(new), iter(new.splitlines())
    return all(character in written for character in old if character not in " \n{}[],") and all(
        line in lines for line in old.splitlines() if not set("{}[]").intersection(line)
    )


def test_every_mirror_is_pinned_and_every_retired_id_reserved():
    result = pinned(FINE, FILE, Register(REGISTER.ids, {"acme-gone": 4, "acme-shop/5": 5}))
    assert result.added == {
        "mirrors.acme-blog.site_id": 2,
        "mirrors.acme-shop.site_id": 3,
        "retired.acme-gone.site_id": 4,
        "reserved[0]": 5,
    }
    assert result.text == (
        FINE.replace("    name: Acme Blog\n", "    name: Acme Blog\n    site_id: 2\n")
        + "    site_id: 3\n\n# Sites that are gone; their SITE_IDs are never another site's. Written by `divio-estate pin`.\n"
        "retired:\n  acme-gone:\n    site_id: 4\n\n"
        "# SITE_IDs that sites had before they got another. Written by `divio-estate pin`.\nreserved: [5]\n"
    )


def test_a_second_time_there_is_nothing_to_do():
    once = pinned(FINE, FILE, Register(REGISTER.ids, {"acme-gone": 4}))
    assert pinned(once.text, FILE, Register(REGISTER.ids, {"acme-gone": 4})).added == {}
    assert pinned(once.text, FILE, Register(REGISTER.ids, {"acme-gone": 4})).text == once.text


def test_what_is_pinned_allocates_as_the_register_did():
    register = Register({"acme-main": 1, "acme-shop": 5, "acme-blog": 9}, {"acme-gone": 4, "acme-blog/2": 2})
    spec = parse(pinned(FINE, FILE, register).text, FILE)
    pins = {slug: mirror.site_id for slug, mirror in spec.mirrors.items() if mirror.site_id}
    again = allocate("acme-main", list(spec.mirrors), pins, None, spec.retired, spec.reserved)
    assert again.ids == register.ids


def test_a_site_that_the_stack_does_not_know_stays_without_a_pin():
    result = pinned(FINE, FILE, Register({"acme-main": 1, "acme-blog": 2}, {}))
    assert list(result.added) == ["mirrors.acme-blog.site_id"]


def test_an_original_with_an_id_of_its_own_is_pinned():
    result = pinned(FINE, FILE, Register({"acme-main": 5}, {}))
    assert result.added == {"original.site_id": 5}
    assert "  name: Acme\n  site_id: 5\n" in result.text


HEAD = FINE[: FINE.index("mirrors:")]
LAYOUTS = {
    "flow": ("  acme-blog: {name: Acme Blog, domains: [a.example]}  # b\n", "{name: Acme Blog, site_id: 2, domains"),
    "flow, name last": ("  acme-blog: {domains: [a.example], name: 'B'}\n", "name: 'B', site_id: 2}"),
    "flow over lines": (
        "  acme-blog: {\n    name: B,\n    domains: []\n  }\n",
        "  acme-blog: {name: B, site_id: 2, domains: []}\n",
    ),
    "comment behind": (
        "  acme-blog:\n    name: B # c\n  # about the next\n",
        "    name: B # c\n    site_id: 2\n  # ab",
    ),
    "deep": ("      acme-blog:\n           name: B\n", "           name: B\n           site_id: 2\n"),
    "block text": (
        "  acme-blog:\n    name: >-\n      A\n      B\n\n    retain: true\n",
        "    name: >-\n      A\n      B\n\n    site_id: 2\n    retain: true\n",
    ),
    "text over lines": ("  acme-blog:\n    name: A\n      B\n    retain: true\n", "      B\n    site_id: 2\n"),
    "quoted": ('  acme-blog:\n    "name": "A: # B"   # c\n', '# B"   # c\n    site_id: 2\n'),
    "anchor": ("  acme-blog: &b\n    name: B\n", "&b\n    name: B\n    site_id: 2\n"),
    "alias for a name": ("  acme-blog: {name: *n}\n", "{name: *n, site_id: 2}"),
    "quoted slug": ('  "acme-blog":\n    name: B\n', "    name: B\n    site_id: 2\n"),
    "no newline at the end": ("  acme-blog:\n    name: B", "    name: B\n    site_id: 2\n"),
    "a pin without a value": ("  acme-blog:\n    site_id:  # soon\n    name: B\n", "site_id: 2 # soon\n    name: B\n"),
    "merged": ("  acme-blog:\n    <<: *m\n    retain: true # c\n", "    retain: true # c\n    site_id: 2\n"),
    "umlauts before": ("  # Größe 😀 ü\n  acme-blog: {name: Übér 😀, retain: true}\n", "Übér 😀, site_id: 2, retain"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_kept(layout):
    mirrors, expected = LAYOUTS[layout]
    text = "x-mirror: &m {name: B}\n" + HEAD.replace("name: Acme", "name: &n Acme") + "mirrors:\n" + mirrors
    result = pinned(text, FILE, REGISTER)
    assert expected in result.text
    # These two are what has to be written anew.
    assert is_kept(text, result.text) or layout in {"flow over lines", "a pin without a value"}


def test_values_that_versions_of_yaml_read_differently_stay_as_they_are_written():
    text = (
        FINE
        + "x-mine: {a: 010, b: no, c: 1e3, d: 2026-99-99, e: ~, f: '1', g: 12:30:00, h: 0x1F}\nx-list:\n    - 1_0\n"
    )
    result = pinned(text, FILE, REGISTER)
    assert result.text == text.replace("Acme Blog\n", "Acme Blog\n    site_id: 2\n").replace(
        "Acme Shop\n", "Acme Shop\n    site_id: 3\n"
    )


RETIRED = "retired:\n  gone:\n    site_id: 4\n"
OF_THE_PAST = {
    "absent": ("", RETIRED),
    "nothing": ("retired:\n", RETIRED),
    "nothing reserved": ("reserved:  # c\n", "reserved: [5]"),
    "empty": ("retired: {}\n", RETIRED),
    "empty reserved": ("reserved: []\n", "reserved:\n- 5\n"),
    "flow": ("retired: {a: {site_id: 8} }\n", "retired: {a: {site_id: 8}, gone: {site_id: 4}}\n"),
    "retired without its id": ("retired: {gone: {}}\n", "retired: {gone: {site_id: 4}}\n"),
    "retired with a comment": ("retired:\n  gone: {}  # c\n", "  gone:     # c\n    site_id: 4\n"),
    # What stands below a value stays there.
    "block": (
        "retired:\n  a:\n    site_id: 8  # c\n\n# end\n",
        "    site_id: 8  # c\n\n# end\n  gone:\n    site_id: 4\n",
    ),
    "reserved in flow": ("reserved: [8, 9]  # c\n", "reserved: [8, 9, 5] # c\n"),
    "reserved in lines": ("reserved:\n  - 8  # c\ntest: {}\n", "reserved:\n  - 8  # c\n  - 5\ntest: {}\n"),
    "another id under the slug": ("retired: {gone: {site_id: 8}}\n", "reserved: [4, 5]\n"),
}


@pytest.mark.parametrize("layout", OF_THE_PAST)
def test_ids_of_the_past_join_what_is_there(layout):
    before, expected = OF_THE_PAST[layout]
    text = HEAD + before
    result = pinned(text, FILE, Register({"acme-main": 1}, {"gone": 4, "old/5": 5}))
    assert expected in result.text
    # This one is what has to be written anew.
    assert is_kept(text, result.text) or layout == "nothing reserved"


def test_line_ends_of_windows_stay():
    text = FINE.replace("\n", "\r\n")
    result = pinned(text, FILE, Register(REGISTER.ids, {"gone": 4}))
    assert result.text.count("\n") == result.text.count("\r\n")
    assert result.text.replace("\r\n", "\n") == pinned(FINE, FILE, Register(REGISTER.ids, {"gone": 4})).text


@pytest.mark.parametrize(
    ("mirrors", "sentence"),
    [
        (
            "  acme-shop: &s {name: S, site_id: 3}\n  acme-blog: *s\n",
            "3 is acme-shop's SITE_ID",
        ),
        (
            "  acme-blog: &b\n    name: B\n  acme-news: *b\n",
            "the layout leaves no place for ids; write by hand: mirrors.acme-blog.site_id: 2",
        ),
        (
            "  {\n  acme-blog: {name: B},  # ours\n  }\n",
            "the layout leaves no place for ids; write by hand: mirrors.acme-blog.site_id: 2",
        ),
    ],
)
def test_where_nothing_can_be_inserted_a_person_is_told_what_to_write(mirrors, sentence):
    with pytest.raises((PinError, SpecError)) as caught:
        pinned(HEAD + "mirrors:\n" + mirrors, FILE, REGISTER)
    assert sentence in str(caught.value)


def test_a_register_that_contradicts_the_file_is_told_not_written():
    text = FINE.replace("    name: Acme Blog\n", "    name: Acme Blog\n    site_id: 3\n")
    with pytest.raises(PinError, match=r"mirrors\.acme-shop\.site_id: 3 is acme-blog's SITE_ID"):
        pinned(text, FILE, REGISTER)


NAMES = st.sampled_from(["B", "'B'", '"B # b"', "Acme Blog"])
COMMENTS = st.sampled_from(["", "   # c", " # {a: b}"])


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdefgh"), NAMES, COMMENTS, st.booleans()), max_size=6, unique_by=lambda m: m[0]
    ),
    st.dictionaries(st.sampled_from(["x", "y", "z/9"]), st.just(0), max_size=3),
    st.booleans(),
)
def test_whatever_the_layout_only_ids_are_added(mirrors, gone, newline):
    text = HEAD + ("mirrors:\n" if mirrors else "")
    for slug, name, comment, flow in mirrors:
        text += (
            f"  {slug}: {{name: {name}}}{comment}\n" if flow else f"  {slug}:{comment}\n    name: {name}{comment}\n\n"
        )
    text = text if newline else text.rstrip("\n")
    ids = {"acme-main": 1, **{mirror[0]: number for number, mirror in enumerate(mirrors, 2)}}
    retired = {key: 9 if "/" in key else number for number, key in enumerate(gone, 20)}
    result = pinned(text, FILE, Register(ids, retired))
    assert is_kept(text, result.text)
    read = parse(result.text, FILE)
    assert {slug: mirror.site_id for slug, mirror in read.mirrors.items()} == {k: v for k, v in ids.items() if v != 1}
    assert {slug: gone.site_id for slug, gone in read.retired.items()} | dict.fromkeys(
        ["z/9"] * len(read.reserved), 9
    ) == retired
    assert len(result.added) == len(mirrors) + len(retired)


DEMO = (Path(__file__).parents[2] / "stacks" / "estate.yaml").read_text()
ADDED = st.sampled_from(
    ["# c", "    # c", "", "x-a: |\n  t\n   u\n", "x-b: >+\n  a\n\n", "x-c: 'it''s\n\n  b'", "x-d: [a,\n b, # c\n c]",
     "x-e:\n- a\n-  - b\n   - c", "x-f: &f\n   a: 1\nx-g: *f", "x-h: 010", "? x-i\n: no", "x-j: \"\\u00e9 ü\"", "x-k:"]
)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, DEMO.count("\n")), ADDED), max_size=4, unique_by=lambda added: added[1]))
def test_of_the_demo_file_however_changed_only_the_lines_that_must_are_new(changes: list[tuple[int, str]]):
    lines = DEMO.split("\n")
    for at, added in sorted(changes, reverse=True):
        lines.insert(at, added)
    text = "\n".join(lines)
    register = Register({"acme-main": 1, "acme-blog": 2, "acme-shop": 3, "acme-news": 4}, {"gone": 5})
    try:
        result = pinned(text, FILE, register)
    except (SpecError, PinError):
        return
    new = iter(result.text.split("\n"))
    assert all(line in new for line in text.split("\n"))
    assert len(result.text.split("\n")) <= len(lines) + sum(added.count("\n") for _, added in changes) + 3 + 5
