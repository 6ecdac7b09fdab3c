"""The control API, `/_emulator/`: what Divio has not, but demonstrations and tests need. No token, no faults, no record.

`GET`, `DELETE calls`
    The API calls so far, as a list; forgets them.
`GET`, `PUT faults`
    The rules in force, as a list (faults.py); `[]` for none.
`GET`, `PUT deployments`
    The rules by which deployments fail, as a list (faults.py): by `site` (a regular expression of the whole
    slug) and `environment`, by `nth`, by `probability` and `seed`, at most `times`; in which `stage`, `log` at its end.
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
    A mirror, made as by a person in the Control Panel (endpoints/mirrors.py): `original` and `slug` (slugs), `name`,
    `plan_group` (name or id; without it: the original's).
`GET`, `POST world`
    Everything there is, secrets included; puts another world in its place.
`PATCH world/TABLE/KEY`
    Columns of one row (world/schema.py), such as only somebody at Divio changes; KEY is its id, its slug or its name.
    `{"name": …}` for `organisations/Acme` or `regions/Frankfurt` renames it; for `applications/SLUG`, `{"is_relation_hidden":
    true}` leaves out the field that names this mirror's original, and `{"mirror_of": null}` makes it a plain application.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Literal, TypeVar

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from divio_provider.emulator.endpoints import service_instances
from divio_provider.emulator.endpoints.serializers import GENERAL, Invalid, not_found, parse_json, read_body
from divio_provider.emulator.endpoints.sites import environment_of
from divio_provider.emulator.simulation.app_state import AppState
from divio_provider.emulator.simulation.faults import AnyRule, DeploymentFailure, Fault, Rules
from divio_provider.emulator.simulation.permissions import Permissions
from divio_provider.emulator.switches import Switches
from divio_provider.emulator.world import snapshot

Model = TypeVar("Model")


class SiteBehaviour(BaseModel):
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


def routes(divio: AppState) -> APIRouter:
    """`/_emulator/`, but for `mirrors`."""
    router = APIRouter(prefix="/_emulator", include_in_schema=False)
    db = divio.db
    _add_rules(router, "/faults", divio.faults, list[Fault])
    _add_rules(router, "/deployments", divio.failures, list[DeploymentFailure])
    _add_setting(router, divio, "switches", Switches)
    _add_setting(router, divio, "permissions", Permissions)

    @router.get("/calls")
    async def calls() -> Response:
        return JSONResponse([asdict(call) for call in divio.calls])

    @router.delete("/calls", status_code=204, response_class=Response)
    async def clear_calls() -> None:
        divio.calls.clear()

    @router.get("/sites/{slug}/{environment}")
    async def site(slug: str, environment: str) -> Response:
        return JSONResponse(environment_of(db, slug, environment)["site"])

    @router.put("/sites/{slug}/{environment}")
    async def set_site(request: Request, slug: str, environment: str) -> Response:
        given = parse_json(await request.body())
        row = environment_of(db, slug, environment)
        behaviour = _merged(SiteBehaviour, row["site"], given).model_dump(exclude_none=True)
        with db.transaction():
            db.update("environments", row["uuid"], site=behaviour)
        return JSONResponse(behaviour)

    @router.post("/sites/{slug}/{environment}/rotate")
    async def rotate(slug: str, environment: str) -> Response:
        if not service_instances.rotate(db, environment_of(db, slug, environment)["uuid"]):
            raise HTTPException(400, f"{slug} {environment} has no database of its own.")
        return JSONResponse({})

    @router.post("/applications/{slug}/push")
    async def push(request: Request, slug: str) -> Response:
        branch = str((await read_body(request)).get("branch", "main"))
        row = db.row("SELECT * FROM applications WHERE slug = ?", slug) or not_found()
        commits = {**row["commits"], branch: row["commits"].get(branch, 1) + 1}
        with db.transaction():
            db.update("applications", row["uuid"], commits=commits)
        return JSONResponse({"branch": branch, "commit": commits[branch]})

    @router.get("/world")
    async def world() -> Response:
        return JSONResponse(snapshot.export(db))

    @router.post("/world")
    async def replace_world(request: Request) -> Response:
        with _no_world_as_invalid():
            snapshot.replace(db, await read_body(request))
        return JSONResponse({})

    @router.patch("/world/{table}/{key}")
    async def change_row(request: Request, table: str, key: str) -> Response:
        with _no_world_as_invalid():
            snapshot.change(db, table, key, await read_body(request))
        return JSONResponse({})

    return router


@contextmanager
def _no_world_as_invalid() -> Iterator[None]:
    try:
        yield
    except snapshot.NoWorld as error:
        raise Invalid({error.table or GENERAL: [str(error)]}) from error


def _add_rules(router: APIRouter, path: str, rules: Rules[AnyRule], kind: type[list[AnyRule]]) -> None:
    """Adds the two calls that show rules and put others in force."""

    async def show() -> Response:
        return JSONResponse([rule.model_dump(exclude_unset=True) for rule in rules.rules])

    async def replace(request: Request) -> Response:
        rules.replace(_validated(kind, parse_json(await request.body())))
        return await show()

    router.add_api_route(path, show)
    router.add_api_route(path, replace, methods=["PUT"])


def _add_setting(router: APIRouter, divio: AppState, name: str, model: type[BaseModel]) -> None:
    """Adds the two calls that show and replace a model of the state; of switches, what is not named stays as it is."""

    async def show() -> Response:
        return JSONResponse(getattr(divio, name).model_dump())

    async def replace(request: Request) -> Response:
        given = parse_json(await request.body())
        present = divio.switches.model_dump() if model is Switches else {}
        setattr(divio, name, _merged(model, present, given))
        return await show()

    router.add_api_route(f"/{name}", show)
    router.add_api_route(f"/{name}", replace, methods=["PUT"])


def _merged(model: type[Model], present: dict[str, Any], given: object) -> Model:
    """The given object over what holds now."""
    return _validated(model, {**present, **given} if isinstance(given, dict) else given)


def _validated(kind: type[Model], data: object) -> Model:
    """The data as a model, or 400 with one sentence about the first mistake: a typing mistake must not pass in silence."""
    try:
        return TypeAdapter(kind).validate_python(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise HTTPException(400, f"{place}: {first['msg']}" if place else first["msg"]) from error
