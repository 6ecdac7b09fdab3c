"""With `rollout.verify` a site must answer before its step counts as done."""

from __future__ import annotations

import pytest

from tests.engine.project import Project


def verified(project: Project, **verify: object) -> None:
    spec = project.declared()
    spec["rollout"]["verify"] = verify
    spec["mirrors"]["acme-shop"]["variables"]["THEME"] = "verified"
    project.declare(spec)


@pytest.mark.slow
def test_a_site_that_answers_badly_stops_the_run_by_name(project: Project):
    project.divio.site("acme-shop", "live", status=500)
    verified(project, timeout=1)
    run = project.up(check=False)
    assert run.code != 0
    assert "acme-shop live: deployed, but answers 500 at / instead of 200" in run.output
    project.divio.site("acme-shop", "live", status=200)
    before = len(project.ledger())
    project.up()
    assert project.ledger()[before:] == []


@pytest.mark.slow
def test_a_site_must_name_itself_where_identity_is_asked_for(project: Project):
    verified(project, timeout=1, identity=True)
    project.up()


def test_a_site_must_answer_with_the_text(project: Project):
    verified(project, timeout=1, text="a text that no site has")
    run = project.up(check=False)
    assert run.code != 0
    assert 'answers at / without the text "a text that no site has"' in run.output
