"""The control door, `/_emulator/`: what Divio has not, but demonstrations and tests need. No token, no faults, no record.

`GET`, `DELETE calls`
    The API calls so far, as a list; forgets them.
`GET`, `PUT faults`
    The rules in force, as a list (faults.py); `[]` for none.
`GET`, `PUT deployments`
    The rules by which deployments fail, as a list (deployment_failures.py): by `site` (a regular expression of the whole
    slug) and `environment`, by `nth`, by `probability` and `seed`, at most `times`; in which `stage`, with `log` as the last
    words.
`GET`, `PUT switches`
    How this Divio behaves where the real one's behaviour is unknown (switches.py): an object with a value for each switch;
    what is not named stays as it is.
`GET`, `PUT permissions`
    What the token's account may see (permissions.py): `organisations` by name, `applications` by slug; what is not named, or
    null, is all there is. What it may not see is left out of lists, and answers 404.
`GET`, `PUT sites/SLUG/ENV`
    What that site does: the `status` that it answers; `deployment`, `fail` for the next `times` deployments (without it: for
    all), with `log` as their last words; `deploy_seconds`. What is not named stays as it is; null takes back.
`POST sites/SLUG/ENV/rotate`
    A new password in the built-in `DATABASE_URL`. The next deployment carries it.
`POST applications/SLUG/push`
    A new commit on `branch` (`main`): the next AUTO deployment of that branch builds a new image.
`POST mirrors`
    A mirror, made as by a person in the Control Panel: `original` and `slug` (slugs), `name`, `plan_group` (name or id;
    without it: the original's).
`GET`, `POST world`
    Everything there is, secrets included; puts another world in its place.
"""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from divio_provider.emulator.control.payloads import checked, given_json
from divio_provider.emulator.endpoints import service_instances
from divio_provider.emulator.endpoints.serializers import body, missing
from divio_provider.emulator.endpoints.sites import environment_of
from divio_provider.emulator.simulation.app_state import Installation
from divio_provider.emulator.world import snapshot


class Site(BaseModel):
    """What one environment does besides what it should."""

    model_config = ConfigDict(extra="forbid")

    status: int | None = Field(None, ge=200, le=599)
    """The site answers this. None: 200."""
    deployment: Literal["fail", "succeed"] | None = None
    """How the deployments that start from now on end."""
    log: str | None = None
    """What a failing deployment writes."""
    times: int | None = Field(None, ge=1)
    """How many deployments fail. None: all, until told otherwise."""
    deploy_seconds: float | None = Field(None, ge=0)
    """How long a deployment takes. None: as `--deploy-seconds` says."""


def routes(divio: Installation) -> APIRouter:
    """The door's own calls; rules.py and mirrors.py add some."""
    router = APIRouter(prefix="/_emulator", include_in_schema=False)
    store = divio.store

    @router.get("/calls")
    async def calls() -> Response:
        return JSONResponse(divio.calls.shown())

    @router.delete("/calls", status_code=204, response_class=Response)
    async def forget() -> Response:
        divio.calls.clear()
        return Response(status_code=204)

    @router.get("/sites/{slug}/{environment}")
    async def site(slug: str, environment: str) -> Response:
        return JSONResponse(environment_of(store, slug, environment)["site"])

    @router.put("/sites/{slug}/{environment}")
    async def set_site(request: Request, slug: str, environment: str) -> Response:
        given = await given_json(request)
        row = environment_of(store, slug, environment)
        merged = {**row["site"], **given} if isinstance(given, dict) else given
        settings = checked(TypeAdapter(Site), merged).model_dump(exclude_none=True)
        with store.change():
            store.update("environments", row["uuid"], site=settings)
        return JSONResponse(settings)

    @router.post("/sites/{slug}/{environment}/rotate")
    async def rotate(slug: str, environment: str) -> Response:
        if not service_instances.rotate(store, environment_of(store, slug, environment)["uuid"]):
            raise HTTPException(400, f"{slug} {environment} has no database of its own.")
        return JSONResponse({})

    @router.post("/applications/{slug}/push")
    async def push(request: Request, slug: str) -> Response:
        branch = str((await body(request)).get("branch", "main"))
        row = store.row("SELECT * FROM applications WHERE slug = ?", slug) or missing()
        commits = {**row["commits"], branch: row["commits"].get(branch, 1) + 1}
        with store.change():
            store.update("applications", row["uuid"], commits=commits)
        return JSONResponse({"branch": branch, "commit": commits[branch]})

    @router.get("/world")
    async def show_world() -> Response:
        return JSONResponse(snapshot.shown(store))

    @router.post("/world")
    async def replace_world(request: Request) -> Response:
        snapshot.replace(store, await body(request))
        return JSONResponse({})

    return router
