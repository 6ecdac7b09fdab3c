"""Text is read as every YAML reader would read it, or not at all."""

import contextlib
import json

import yaml
from hypothesis import given
from hypothesis import strategies as st

from divio_provider.estate.declaration.errors import Path, SpecError, dotted
from divio_provider.estate.declaration.yaml_source import Unquoted, read

TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="\ufeff\u2028\u2029\x85"), max_size=12
)
VALUES = st.recursive(
    st.booleans() | st.integers() | TEXT | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=15,
)
DOCUMENTS = st.dictionaries(TEXT, VALUES, min_size=1, max_size=5)


def as_written(value):
    if isinstance(value, Unquoted):
        return value.text
    if isinstance(value, dict):
        return {key: as_written(inner) for key, inner in value.items()}
    return [as_written(inner) for inner in value] if isinstance(value, list) else value


@given(DOCUMENTS)
def test_json_is_read_as_it_is_meant(data):
    assert read(json.dumps(data, ensure_ascii=False), "f").data == data


@given(DOCUMENTS, st.booleans())
def test_what_pyyaml_writes_is_read_as_it_was(data, flow):
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, default_flow_style=flow)
    document = read(text, "f")
    # PyYAML leaves 1e3 without quotes, which other readers take for a number: that is told, not guessed.
    assert as_written(document.data) == data
    assert not document.problems


@given(st.lists(st.from_regex(r"[a-z]{1,5}", fullmatch=True), min_size=1, unique=True))
def test_every_key_stands_in_its_line(keys):
    document = read("".join(f'# comment\n"{key}": x\n' for key in keys), "f")
    assert [document.lines[key,] for key in keys] == [2 * number for number in range(1, len(keys) + 1)]


@given(st.text())
def test_no_text_ends_in_anything_but_data_or_a_sentence(text):
    # Nothing but SpecError may come out.
    with contextlib.suppress(SpecError):
        read(text, "f")


@given(st.lists(st.from_regex(r"[a-z]+", fullmatch=True) | st.integers(0, 99), min_size=1))
def test_a_path_is_written_with_dots_and_brackets(steps):
    path: Path = ("top", *steps)
    assert dotted(path).replace("[", ".").replace("]", "").split(".") == [str(step) for step in path]
