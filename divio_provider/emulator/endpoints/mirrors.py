"""How mirrors are made: by a call on the original, or by a person.

No public source shows the real call, so the flag `--mirrors` chooses. With `field:NAME` mirrors are made by
`POST applications/` (applications.py), with `action:PATH` by the call below, and in every mode by the control door's
`POST /_emulator/mirrors`, which stands for the Control Panel's *Duplicate*, *Mirror*.

Chosen: a mirror of a mirror is refused; one of an original that was never deployed is not, but its deployment fails.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from divio_provider.emulator.endpoints import applications
from divio_provider.emulator.endpoints.serializers import GENERAL, Body, Form, body, found, missing
from divio_provider.emulator.simulation.app_state import Installation
from divio_provider.emulator.world.database import Row


class MirrorCreate(Body):
    """A new mirror. Its region is the original's."""

    name: str = Field(min_length=1, max_length=255)
    slug: str = Field(min_length=1, max_length=applications.LONGEST_SLUG)
    organisation: str
    plan_group: str


class MirrorByHand(Body):
    """What a person types into the Control Panel. Slugs, because persons do not type ids."""

    original: str
    slug: str = Field(min_length=1, max_length=applications.LONGEST_SLUG)
    name: str = Field(min_length=1, max_length=255)
    plan_group: str | None = None
    """Name or id. None: the original's."""


def routes(divio: Installation) -> APIRouter:
    """The action, in the mode that has one."""
    router = APIRouter(tags=["mirrors"])
    store, mirrors = divio.store, divio.settings.mirrors
    if mirrors.kind != "action":
        return router

    @router.post(
        mirrors.name,
        status_code=201,
        response_model=applications.schema(mirrors.shown_as),
        openapi_extra=divio.takes(MirrorCreate),
    )
    async def mirror(request: Request, uuid: str) -> Response:
        form = Form(MirrorCreate, await body(request))
        original = found(store, "applications", uuid)
        row = _made(divio, form, original)
        return JSONResponse(applications.show(divio, request, [row])[0], 201)

    return router


def by_hand(divio: Installation) -> APIRouter:
    """`POST /_emulator/mirrors`."""
    router = APIRouter(include_in_schema=False)
    store = divio.store

    @router.post("/_emulator/mirrors", status_code=201)
    async def mirror(request: Request) -> Response:
        form = Form(MirrorByHand, await body(request))
        original = store.row("SELECT * FROM applications WHERE slug = ?", form["original"])
        if original is None:
            form.done()
            missing()
        plan = form["plan_group"] or original["plan_group"]
        found_plan = store.row("SELECT uuid FROM plan_groups WHERE name = ? OR uuid = ?", plan, plan)
        form.values |= {
            "organisation": original["organisation"],
            "plan_group": found_plan["uuid"] if found_plan else plan,
        }
        row = _made(divio, form, original)
        return JSONResponse(applications.show(divio, request, [row])[0], 201)

    return router


def _made(divio: Installation, form: Form, original: Row) -> Row:
    applications.examine(divio.store, form)
    plan = form.related(divio.store, "plan_group", "plan_groups")
    if plan and original["region"] not in plan["regions"]:
        form.refuse("plan_group", f'The plan group "{plan["name"]}" is not offered in the original\'s region.')
    if original["mirror_of"]:
        form.refuse(GENERAL, "A mirror cannot be mirrored.")
    form.done()
    return applications.add(divio.store, form.values | {"region": original["region"]}, original)
