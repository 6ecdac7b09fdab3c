"""Who is asking, and what there is to choose from: organisations, regions, plan groups, services, templates. Read-only."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from divio_provider.emulator.endpoints.pagination import by_columns
from divio_provider.emulator.endpoints.routing import add_detail, add_list
from divio_provider.emulator.endpoints.serializers import Answer, Object
from divio_provider.emulator.simulation.app_state import AppState

# divio-cli's word for an application is `website`: what its region offers.
SERVICE_FILTERS = by_columns("region") | {"website": "region IN (SELECT region FROM applications WHERE uuid IN ({}))"}


class Me(Object):
    """The account that the token belongs to."""

    first_name: str
    last_name: str
    email: str
    timezone: str
    created_at: str


class Organisation(Object):
    """An organisation."""

    name: str
    created_at: str


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


def routes(divio: AppState) -> APIRouter:
    """The account and organisations under `/iam/v3/`, plan groups under `/billing/v3/`, the others under `/apps/v3/`."""
    router = APIRouter()
    iam = APIRouter(prefix="/iam/v3", tags=["iam"])

    @iam.get("/me/", response_model=Me)
    async def me() -> Response:
        return JSONResponse(divio.db.row("SELECT * FROM users ORDER BY rowid"))

    add_list(iam, "/organisations/", "organisations", Organisation, filters=by_columns("uuid"))
    add_detail(iam, "/organisations/{uuid}/", "organisations", Organisation, name="organisation")
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
    for noun in (iam, regions, services, templates, plans):
        router.include_router(noun)
    return router
