"""The part of the control door where misbehaviour is switched on: faults, failing deployments, switches, permissions."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter

from divio_provider.emulator.control.payloads import checked, given_json
from divio_provider.emulator.simulation.app_state import Installation
from divio_provider.emulator.simulation.deployment_failures import Failure
from divio_provider.emulator.simulation.faults import Rule
from divio_provider.emulator.simulation.permissions import Permissions
from divio_provider.emulator.switches import Switches

RULES = TypeAdapter(list[Rule])
FAILURES = TypeAdapter(list[Failure])
SWITCHES = TypeAdapter(Switches)
PERMISSIONS = TypeAdapter(Permissions)


def routes(divio: Installation) -> APIRouter:
    """`faults`, `deployments`, `switches` and `permissions` under `/_emulator/`; routes.py describes them."""
    router = APIRouter(prefix="/_emulator", include_in_schema=False)

    @router.get("/faults")
    async def faults() -> Response:
        return JSONResponse([rule.model_dump(exclude_unset=True) for rule in divio.faults.rules])

    @router.put("/faults")
    async def set_faults(request: Request) -> Response:
        rules = checked(RULES, await given_json(request))
        divio.faults.replace(rules)
        return JSONResponse([rule.model_dump(exclude_unset=True) for rule in rules])

    @router.get("/deployments")
    async def failures() -> Response:
        return JSONResponse([rule.model_dump(exclude_unset=True) for rule in divio.failures.rules])

    @router.put("/deployments")
    async def set_failures(request: Request) -> Response:
        rules = checked(FAILURES, await given_json(request))
        divio.failures.replace(rules)
        return JSONResponse([rule.model_dump(exclude_unset=True) for rule in rules])

    @router.get("/switches")
    async def switches() -> Response:
        return JSONResponse(divio.switches.model_dump())

    @router.put("/switches")
    async def set_switches(request: Request) -> Response:
        given = await given_json(request)
        merged = {**divio.switches.model_dump(), **given} if isinstance(given, dict) else given
        divio.switches = checked(SWITCHES, merged)
        return JSONResponse(divio.switches.model_dump())

    @router.get("/permissions")
    async def permissions() -> Response:
        return JSONResponse(divio.permissions.model_dump())

    @router.put("/permissions")
    async def set_permissions(request: Request) -> Response:
        divio.permissions = checked(PERMISSIONS, await given_json(request))
        return JSONResponse(divio.permissions.model_dump())

    return router
