"""How mirrors are made: by a call on the original, or by a person.

No public source shows the real call, so the flag `--mirrors` chooses. With `field:NAME` mirrors are made by
`POST applications/` (applications.py), with `action:PATH` by the call below, and in every mode by the control API's
`POST /_emulator/mirrors`, which stands for the Control Panel's *Duplicate*, *Mirror*.

Chosen: a mirror of a mirror is refused; one of an original that was never deployed is not, but its deployment fails.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from divio_provider.emulator.endpoints import applications
from divio_provider.emulator.endpoints.routing import creates, form_of
from divio_provider.emulator.endpoints.serializers import Body, Form, get_or_404, not_found
from divio_provider.emulator.simulation.app_state import AppState
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


def routes(divio: AppState) -> APIRouter:
    """The action, in the mode that has one, and `POST /_emulator/mirrors`."""
    router = APIRouter(tags=["mirrors"])
    db, mirrors = divio.db, divio.settings.mirrors

    def made(request: Request, form: Form, original: Row) -> Response:
        applications.examine(db, form)
        plan = form.related(db, "plan_group", "plan_groups")
        if plan and original["region"] not in plan["regions"]:
            sentence = f'The plan group "{plan["name"]}" is not offered in the original\'s region.'
            form.add_error("plan_group", sentence)
        if original["mirror_of"]:
            form.add_error(None, "A mirror cannot be mirrored.")
        form.raise_errors()
        row = applications.add(db, form.values | {"region": original["region"]}, original)
        return JSONResponse(applications.show(request, [row])[0], 201)

    @router.post("/_emulator/mirrors", status_code=201, include_in_schema=False)
    async def by_hand(request: Request, form: Form = form_of(MirrorByHand)) -> Response:
        original = db.row("SELECT * FROM applications WHERE slug = ?", form["original"])
        if original is None:
            form.raise_errors()
            not_found()
        plan = form["plan_group"] or original["plan_group"]
        uuid = db.value("SELECT uuid FROM plan_groups WHERE name = ? OR uuid = ?", plan, plan)
        form.values |= {"organisation": original["organisation"], "plan_group": uuid or plan}
        return made(request, form, original)

    if mirrors.kind == "action":

        @router.post(mirrors.name, **creates(MirrorCreate, applications.schema(mirrors.relation)))
        async def mirror(request: Request, uuid: str, form: Form = form_of(MirrorCreate)) -> Response:
            return made(request, form, get_or_404(db, "applications", uuid))

    return router
