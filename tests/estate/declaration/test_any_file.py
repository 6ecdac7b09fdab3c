"""Whatever a file holds, it is a declaration or it is told in sentences, each with a line that exists."""

import re
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from divio_provider.estate.declaration.errors import SpecError
from divio_provider.estate.declaration.json_schema import schema
from divio_provider.estate.declaration.parser import parse
from tests.estate.declarations import FILE, FINE

DEMO = (Path(__file__).parents[3] / "stacks" / "estate.yaml").read_text()
LINES = DEMO.splitlines()
SCHEMA = schema()
KEYS = sorted(
    {name for part in (SCHEMA, *SCHEMA["$defs"].values()) for name in part["properties"]} | {"x-a", "acme-blog"}
)
WORDS = st.sampled_from(
    ["no", "~", "010", "12:30:00", "1e3", "2026-12-01", "rest", "a", "*a", "&a b", "&a", "!t x", "<<: *a", "[", "{a: b}",
     "- a", "? a", "|", ">-", '"', "'", "#", "---", "...", "%YAML 1.2", "\t", "", "é", "a: b: c", "9" * 5000, "@", "`"]
)  # fmt: skip

# The first text drawn builds a table of all characters, which takes seconds on a busy machine.
PATIENT = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


def check(text: str) -> None:
    try:
        parse(text, FILE)
    except SpecError as error:
        problems = error.problems
    else:
        return
    # What is missing at the end of a file is missed in the line after its last.
    last = len(re.split("\r\n?|\n|\x85|\u2028|\u2029", text)) + 1
    assert problems
    for problem in problems:
        assert 0 <= problem.line <= last, problem
        assert problem.message
        assert "\n" not in problem.message


@settings(PATIENT, max_examples=200)
@given(st.data())
def test_a_demo_file_changed_at_random_is_no_traceback(data: st.DataObject):
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        line = lines[at]
        cut = data.draw(st.integers(0, len(line)))
        word = data.draw(WORDS)
        lines[at] = data.draw(
            st.sampled_from(
                [
                    line[:cut],
                    line[:cut] + word + line[cut:],
                    line[: cut // 2] + line[cut:],
                    re.sub(":.*", f": {word}", line),
                    f"{line}\n{line}",
                    f"  {line}",
                    "",
                ]
            )
        )
    check("\n".join(lines))


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | WORDS | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | st.integers() | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(PATIENT, max_examples=200)
@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4), st.booleans())
def test_random_yaml_is_no_traceback(given_: dict[str, Any], beside: bool):
    written = yaml.safe_dump(given_, allow_unicode=True)
    check(FINE + written if beside else written)


@settings(PATIENT, max_examples=200)
@given(st.dictionaries(st.sampled_from([key for key in KEYS if key not in {"plan", "original"}]), VALUES, max_size=3))
def test_what_is_read_an_editor_accepts(given_: dict[str, Any]):
    text = yaml.safe_dump({**yaml.safe_load(FINE), **given_}, allow_unicode=True)
    try:
        parse(text, FILE)
    except SpecError:
        return
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(yaml.safe_load(text))] == []


@PATIENT
@given(st.text(alphabet=st.sampled_from("ab:-[]{}&*!|>'\"#%@?,<\n\t 01~"), max_size=60))
def test_no_text_is_a_traceback(text: str):
    check(text)
