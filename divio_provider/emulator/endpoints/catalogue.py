"""What Divio offers to everybody: regions, plan groups, services, templates. Read-only."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from divio_provider.emulator.endpoints.filters import filters
from divio_provider.emulator.endpoints.serializers import Query, Shown, found
from divio_provider.emulator.simulation.app_state import Installation
from divio_provider.emulator.world.database import Row


class Region(Shown):
    """A region; the Control Panel also says cloud space."""

    uuid: str
    name: str


class PlanGroup(Shown):
    """A plan group in a list."""

    uuid: str
    name: str


class PlanGroupDetail(PlanGroup):
    """A plan group by itself, with the ids of the regions that it may be used in."""

    regions: list[str]


class Service(Shown):
    """A service that a region offers."""

    uuid: str
    name: str
    type: str
    description: str
    identifier: str


class AppTemplate(Shown):
    """A template in a list."""

    uuid: str
    identifier: str
    name: str
    short_description: str
    url: str
    is_default: bool
    order: int


class TemplateService(Shown):
    """A service that a template asks for; the same under both names."""

    id: str
    identifier: str
    prefix: str


class AppTemplateDetail(AppTemplate):
    """A template by itself."""

    release_commands: list[dict[str, str]]
    services: list[TemplateService]
    tags: list[dict[str, Any]]


def routes(divio: Installation) -> APIRouter:
    """Regions, services and templates under `/apps/v3/`, plan groups under `/billing/v3/`."""
    router = APIRouter()
    store, size = divio.store, divio.settings.page_size

    @router.get("/apps/v3/regions/", response_model=list[Region], tags=["regions"], openapi_extra=filters("uuid"))
    async def regions(request: Request) -> Response:
        query = Query(request, "regions")
        query.filter("uuid")
        return query.page(store, size, _only(Region))

    @router.get("/apps/v3/regions/{uuid}/", response_model=Region, tags=["regions"])
    async def region(uuid: str) -> Response:
        return JSONResponse(_only(Region)([found(store, "regions", uuid)])[0])

    @router.get(
        "/apps/v3/services/",
        response_model=list[Service],
        tags=["services"],
        openapi_extra=filters("region", "website"),
    )
    async def services(request: Request) -> Response:
        query = Query(request, "services")
        query.filter("region")
        # divio-cli's word for an application is `website`: what its region offers.
        query.filter("website", "region IN (SELECT region FROM applications WHERE uuid IN ({}))")
        return query.page(store, size, _only(Service))

    @router.get("/apps/v3/services/{uuid}/", response_model=Service, tags=["services"])
    async def service(uuid: str) -> Response:
        return JSONResponse(_only(Service)([found(store, "services", uuid)])[0])

    @router.get(
        "/apps/v3/app-templates/", response_model=list[AppTemplate], tags=["app-templates"], openapi_extra=filters()
    )
    async def templates(request: Request) -> Response:
        query = Query(request, "app_templates")
        return query.page(store, size, _only(AppTemplate), order='"order", rowid')

    @router.get("/apps/v3/app-templates/{uuid}/", response_model=AppTemplateDetail, tags=["app-templates"])
    async def template(uuid: str) -> Response:
        return JSONResponse(found(store, "app_templates", uuid))

    @router.get(
        "/billing/v3/application-plan-groups/",
        response_model=list[PlanGroup],
        tags=["plan-groups"],
        openapi_extra=filters("organisation"),
    )
    async def plan_groups(request: Request) -> Response:
        # Every organisation is offered every plan group: the filter `organisation` narrows nothing.
        return Query(request, "plan_groups").page(store, size, _only(PlanGroup))

    @router.get("/billing/v3/application-plan-groups/{uuid}/", response_model=PlanGroupDetail, tags=["plan-groups"])
    async def plan_group(uuid: str) -> Response:
        return JSONResponse(found(store, "plan_groups", uuid))

    return router


def _only(model: type[Shown]) -> Any:
    fields = tuple(model.model_fields)

    def show(rows: list[Row]) -> list[Row]:
        return [{field: row[field] for field in fields} for row in rows]

    return show
