"""The release's name: in the file, or in each stack's configuration."""

import pytest

from divio_provider.estate.declaration.errors import SpecError
from divio_provider.estate.declaration.parser import parse
from divio_provider.estate.declaration.spec import Spec
from divio_provider.estate.planning.variables import variables_of

FILE = """\
organisation: Acme
region: Frankfurt
plan: {original: Standard, mirror: Small}
original: {slug: acme-main, name: Acme}
mirrors: {acme-blog: {name: Acme Blog}}
"""


def declared(release: str) -> Spec:
    return parse(FILE + f"release: {{name: {release}}}\n", "estate.yaml")


def test_the_original_alone_carries_the_release():
    spec = declared('"2026-11"')
    assert variables_of(spec, "acme-main", "live")["ESTATE_RELEASE"] == "2026-11"
    assert "ESTATE_RELEASE" not in variables_of(spec, "acme-blog", "live")


def test_a_release_of_the_configuration_is_named_by_the_stack():
    spec = declared("{config: release}")
    assert spec.release_name is None
    named = spec.with_release("2026-12")
    assert variables_of(named, "acme-main", "test")["ESTATE_RELEASE"] == "2026-12"
    assert str(named.problem(("release", "name"), "x")) == "estate.yaml:6: release.name: x"


def test_a_release_named_by_the_stack_keeps_its_phase():
    spec = parse(FILE + "release: {name: {config: release}, phase: contract}\n", "estate.yaml")
    assert (spec.phase, spec.with_release("2026-12").phase) == ("contract", "contract")
    assert parse(FILE, "estate.yaml").with_release("2026-12").phase == "expand"


@pytest.mark.parametrize("release", ["7", "{key: release}", "{config: ''}", "''", "no"])
def test_any_other_release_is_refused_with_its_line(release: str):
    with pytest.raises(SpecError) as refused:
        declared(release)
    assert "estate.yaml:6: release.name" in str(refused.value)
