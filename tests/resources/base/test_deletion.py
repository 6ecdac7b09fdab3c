"""What a run lets go is decided by the same rules in the program and in the provider's process."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from divio_provider.resources.base.deletion import LEAVING, Declared

NEWS = {"slug": "acme-news", "uuid": "u"}
BLOG_DOMAIN = {"host": "blog.acme.example", "site": "acme-blog", "application": "u"}
BLOG = {"slug": "acme-blog", "uuid": "v"}


def sent(inputs: dict[str, Any], name: str, **leaving: object) -> dict[str, Any]:
    """A resource's inputs as a check gets them."""
    return {**inputs, LEAVING: {"name": name, "run": {"retired": [], "domains": True, "twice": [], **leaving}}}


def told(*declared: tuple[str, dict[str, Any]], **leaving: object) -> Declared:
    """What a provider's process knows after these were checked."""
    run = Declared()
    for kind, inputs in declared:
        assert not run.told(kind, sent(inputs, "any", **leaving))
    return run


def test_no_state_holds_what_a_program_lets_go():
    inputs = sent(NEWS, "news", retired=["acme-jobs"])
    Declared().told("Mirror", inputs)
    assert inputs == NEWS


def test_only_what_is_retired_may_go():
    assert told(("Mirror", BLOG), retired=["acme-news"]).may_go("Mirror", NEWS, "acme-news")
    assert not told(("Mirror", BLOG)).may_go("Mirror", NEWS, "acme-news")
    assert not Declared().may_go("Mirror", NEWS, "acme-news")


def test_what_is_declared_stays_although_it_is_retired_or_declared_as_another_kind():
    assert not told(("Mirror", NEWS), retired=["acme-news"]).may_go("Mirror", NEWS, "acme-news")
    assert not told(("Application", NEWS), retired=["acme-news"]).may_go("Mirror", NEWS, "acme-news")


@pytest.mark.parametrize("host", ["blog.acme.example", pulumi.output.Unknown()], ids=["itself", "not known"])
def test_a_domain_that_may_be_declared_still_is_not_detached(host: object):
    other = ("Domain", {**BLOG_DOMAIN, "host": host})
    assert not told(("Mirror", BLOG), other).may_go("Domain", BLOG_DOMAIN, "acme-blog")


def test_a_domain_whose_line_went_is_detached_where_the_run_manages_domains():
    assert told(("Mirror", BLOG)).may_go("Domain", BLOG_DOMAIN, "acme-blog")
    assert not told(("Mirror", BLOG), domains=False).may_go("Domain", BLOG_DOMAIN, "acme-blog")
    assert not told(("Mirror", NEWS)).may_go("Domain", BLOG_DOMAIN, "acme-blog")


def test_what_a_program_forgets_its_provider_forgets():
    run = told(("Mirror", BLOG), forgotten=["acme-news"], may_delete=["all"])
    assert run.names("forgotten", "acme-news")
    assert not run.names("forgotten", "acme-blog")
    assert run.names("may_delete", "acme-blog")


def test_what_is_one_on_divio_is_declared_once():
    run = Declared()
    assert not run.told("Mirror", sent(NEWS, "news"))
    assert not run.told("Mirror", sent(NEWS, "news"))
    assert "acme-news is declared twice" in run.told("Application", sent(NEWS, "wiki"))
    assert "acme-news is declared twice" in Declared().told("Mirror", sent(NEWS, "news", twice=["acme-news"]))
