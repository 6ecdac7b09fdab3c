"""The contract: complete in itself, and of one mind with the models."""

from __future__ import annotations

from datetime import datetime
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from divio_provider.api import contract, models
from divio_provider.api.contract.behaviours import BEHAVIOURS
from divio_provider.api.contract.domains import parse_setting as parse_domains
from divio_provider.api.contract.mirrors import parse_setting as parse_mirrors
from divio_provider.api.contract.types import Behaviour, Call, Certainty, Kind, collection
from divio_provider.api.errors import Misconfigured

MODELS: dict[str, type[BaseModel]] = {
    "me": models.Me,
    "organisations": models.Organisation,
    "regions": models.Region,
    "application-plan-groups": models.PlanGroup,
    "services": models.Service,
    "applications": models.Application,
    "environments": models.Environment,
    "domains": models.Domain,
    "application-activities": models.Activity,
    "deployments": models.Deployment,
    "environment-variables": models.EnvironmentVariable,
    "service-instances": models.ServiceInstance,
    "backups": models.Backup,
    "service-instance-backups": models.ServiceInstanceBackup,
}
BY_CALL: dict[str, type[BaseModel]] = {
    "deployments.log": models.DeploymentLog,
    "deployments.variables": models.DeployedVariables,
}
KINDS: dict[Any, set[Kind]] = {
    str: {Kind.ID, Kind.TEXT},
    bool: {Kind.BOOLEAN},
    float: {Kind.NUMBER},
    datetime: {Kind.TIME},
    tuple: {Kind.LIST},
    models.Reference: {Kind.OBJECT},
}


def test_the_contract_says_of_every_field_that_we_read_what_our_models_say():
    for call in contract.CALLS:
        if not call.reads:
            continue
        model = BY_CALL.get(call.name) or MODELS[collection(call.path)]
        for part in call.reads:
            if "." in part.name:
                continue
            field = model.model_fields[part.name]
            kinds = [getattr(one, "__origin__", one) for one in get_args(field.annotation) or (field.annotation,)]
            nullable = type(None) in kinds
            if part.kind is Kind.MAP or (part.kind is Kind.LIST and tuple not in kinds):
                continue  # a generic's own arguments
            assert any(part.kind in KINDS.get(one, set()) for one in kinds), (call.name, part)
            assert nullable == part.nullable, (call.name, part)


def test_every_certainty_has_entries_and_every_entry_a_source():
    used = {part.certainty for call in contract.CALLS for part in (*call.sends, *call.reads, *call.filters)}
    assert used == set(Certainty)
    assert {one.certainty for one in BEHAVIOURS} == set(Certainty)
    assert all(call.source for call in contract.CALLS)
    assert all(one.source for one in BEHAVIOURS)


def test_every_entry_of_the_contract_has_a_name_of_its_own_and_a_source() -> None:
    entries: list[Call | Behaviour] = [*contract.CALLS, *BEHAVIOURS]
    assert len(contract.CALLS) > 25
    assert len({one.name for one in entries}) == len(entries)
    assert all(one.source for one in entries)


@pytest.mark.parametrize(
    "setting",
    ["fields:x", "field:", "field:slug", "field:a b", "action:mirror", "action:/x/", "action:https://evil.example/{uuid}/",
     "action://evil.example/{uuid}/", "auto:x", "none"],
)  # fmt: skip
def test_a_shape_that_is_none_is_refused_with_those_that_are(setting: str) -> None:
    with pytest.raises(Misconfigured, match=r"It is one of|itself"):
        parse_mirrors(setting)


def test_who_writes_domains_is_one_of_three() -> None:
    with pytest.raises(
        Misconfigured, match=r"domains cannot be set to 'perhaps'. It is one of auto, api or manual"
    ) as error:
        parse_domains("perhaps")
    assert error.value.setting == "domains"
