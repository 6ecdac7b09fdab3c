"""What is read may hold more than we know, what is sent may not."""

from __future__ import annotations

import inspect

import pytest
from pydantic import BaseModel, ValidationError

from divio_provider.api import models
from divio_provider.api.models import Application, ApplicationCreate, Model, Request

OURS = [
    one
    for one in vars(models).values()
    if inspect.isclass(one) and one.__module__ == models.__name__ and issubclass(one, BaseModel)
]
READ = [one for one in OURS if issubclass(one, Model)]
SENT = [one for one in OURS if issubclass(one, Request)]
NEW = {"name": "Acme", "slug": "acme-main", "organisation": "o1", "plan_group": "p1", "region": "r1"}


def test_every_model_is_read_or_sent() -> None:
    assert {*OURS} == {*READ, *SENT}
    assert len(READ) > 10


@pytest.mark.parametrize("model", READ, ids=lambda one: one.__name__)
def test_what_is_read_may_grow(model: type[Model]) -> None:
    assert model.model_config["extra"] in {"ignore", "allow"}
    assert model.model_config["frozen"], "concurrent readers share it"


@pytest.mark.parametrize("model", SENT, ids=lambda one: one.__name__)
def test_what_is_sent_is_known(model: type[Request]) -> None:
    assert model.model_config["extra"] == "forbid"


def test_a_field_that_divio_added_changes_nothing() -> None:
    shown = {"uuid": "a1", "slug": "acme-main", "name": "Acme", "organisation": "o1", "repository": None}
    assert Application.model_validate({**shown, "invented": {"deeply": ["nested"]}}).name == "Acme"


def test_a_misspelt_field_is_not_sent_and_its_value_not_shown() -> None:
    with pytest.raises(ValidationError) as error:
        ApplicationCreate.model_validate({**NEW, "plan": "canary-value"})
    assert "plan" in str(error.value)
    assert "canary-value" not in str(error.value)


def test_what_was_not_given_is_left_out() -> None:
    assert ApplicationCreate.model_validate(NEW).body().keys() == {*NEW, "branch"}
