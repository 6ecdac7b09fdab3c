"""What Divio offers to everybody: regions, plan groups, services, templates. Read-only."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from divio_provider.emulator.endpoints.pagination import by_columns
from divio_provider.emulator.endpoints.routing import add_detail, add_list
from divio_provider.emulator.endpoints.serializers import Answer, Object
from divio_provider.emulator.simulation.app_state import AppState

# divio-cli's word for an application is `website`: what its region offers.
SERVICE_FILTERS = by_columns("region") | {"website": "region IN (SELECT region FROM applications WHERE uuid IN ({}))"}


class Region(Object):
    """A region; the Control Panel also says cloud space."""

    name: str


class PlanGroup(Object):
    """A plan group in a list."""

    name: str


class PlanGroupDetail(PlanGroup):
    """A plan group by itself, with the ids of the regions that it may be used in."""

    regions: list[str]


class Service(Object):
    """A service that a region offers."""

    name: str
    type: str
    description: str
    identifier: str


class AppTemplate(Object):
    """A template in a list."""

    identifier: str
    name: str
    short_description: str
    url: str
    is_default: bool
    order: int


class TemplateService(Answer):
    """A service that a template asks for; the same under both names."""

    id: str
    identifier: str
    prefix: str


class AppTemplateDetail(AppTemplate):
    """A template by itself."""

    release_commands: list[dict[str, str]]
    services: list[TemplateService]
    tags: list[dict[str, Any]]


def routes(_: AppState) -> APIRouter:
    """Regions, services and templates under `/apps/v3/`, plan groups under `/billing/v3/`."""
    router = APIRouter()
    regions = APIRouter(prefix="/apps/v3/regions", tags=["regions"])
    add_list(regions, "/", "regions", Region, filters=by_columns("uuid"))
    add_detail(regions, "/{uuid}/", "regions", Region, name="region")
    services = APIRouter(prefix="/apps/v3/services", tags=["services"])
    add_list(services, "/", "services", Service, filters=SERVICE_FILTERS)
    add_detail(services, "/{uuid}/", "services", Service, name="service")
    templates = APIRouter(prefix="/apps/v3/app-templates", tags=["app-templates"])
    add_list(templates, "/", "app_templates", AppTemplate, name="templates", filters={}, order='"order", rowid')
    add_detail(templates, "/{uuid}/", "app_templates", AppTemplateDetail, name="template")
    plans = APIRouter(prefix="/billing/v3/application-plan-groups", tags=["plan-groups"])
    # Every organisation is offered every plan group: the filter narrows nothing.
    add_list(plans, "/", "plan_groups", PlanGroup, filters={"organisation": None})
    add_detail(plans, "/{uuid}/", "plan_groups", PlanGroupDetail, name="plan_group")
    for noun in (regions, services, templates, plans):
        router.include_router(noun)
    return router
