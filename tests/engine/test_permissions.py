"""An account that lost a permission: what it no longer sees is not taken for gone."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.engine.project import Project, Run

LOSSES: tuple[tuple[dict[str, list[str]], str], ...] = (
    ({"organisations": []}, 'neither acme-main nor its organisation "Acme"'),
    ({"applications": []}, "hidden looks the same as deleted there"),
    ({"applications": ["acme-blog", "acme-shop", "acme-news"]}, "not acme-main (uuid"),
)
"""What the account still sees, and what a person then reads."""


def kept(project: Project, stack: str = "demo") -> dict[str, Any]:
    """What the state holds of every resource: id, inputs, outputs; a secret is encrypted anew each time."""
    return {
        name: [re.sub(r"'ciphertext': '[^']*'", "", str(item[part])) for part in ("id", "inputs", "outputs")]
        for name, item in project.resources(stack).items()
    }


def errors(run: Run) -> list[str]:
    """The sentences that a person reads."""
    return [line.strip() for line in run.output.splitlines() if line.strip().startswith("error: divio:")]


@pytest.mark.slow
def test_what_an_account_no_longer_sees_stays_in_the_state(project: Project):
    divio, before = project.divio, kept(project)
    divio.clear_calls()
    for seen, sentence in LOSSES:
        divio.permit(**seen)
        refreshed = project.refresh(check=False)
        assert refreshed.code != 0
        assert any(sentence in line for line in errors(refreshed)), refreshed.output
        assert all("another token" in line and "nothing was dropped" in line for line in errors(refreshed))
        assert kept(project) == before
    assert project.up("--refresh", check=False).code != 0
    assert kept(project) == before
    assert project.writes() == []

    divio.permit()
    project.up("--refresh", "--expect-no-changes")


def test_a_removal_by_an_account_that_sees_nothing_is_no_removal(project: Project):
    project.retire("acme-news")
    project.divio.permit(organisations=[])
    run = project.up(check=False)
    assert run.code != 0
    assert any('neither acme-news nor its organisation "Acme"' in line for line in errors(run)), run.output
    assert "acme-news" in project.resources()
    assert project.writes() == []

    project.divio.permit()
    project.up()
    assert project.divio.application("acme-news") is None


@pytest.mark.slow
@pytest.mark.xdist_group("stacks")
def test_a_stack_that_owns_no_application_keeps_what_it_has_too(stacks: Project):
    before = kept(stacks, "live")
    stacks.divio.permit(organisations=[])
    run = stacks.refresh(stack="live", check=False)
    assert run.code != 0
    assert all("another token" in line and "nothing was dropped" in line for line in errors(run))
    assert kept(stacks, "live") == before

    stacks.divio.permit()
    stacks.up("--refresh", "--expect-no-changes", stack="live")
