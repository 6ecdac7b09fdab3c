"""`schema.json`: exactly what this Divio offers, generated from the routes and their models.

Lists are shown in Divio's envelope. The bodies are references into `components`, as real generators write them.
"""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse

from divio_provider.emulator.endpoints.routing import BODIES, SCHEMAS
from divio_provider.emulator.endpoints.serializers import not_found, root
from divio_provider.emulator.simulation.app_state import AppState

FAMILIES = ("apps", "iam", "billing", "legacy")
# fmt: off
COLLECTIONS = (
    "applications", "environments", "deployments", "environment-variables", "service-instances", "services", "domains",
    "regions", "repositories", "app-templates", "application-activities", "backups",
)
# fmt: on


def routes(divio: AppState, app: FastAPI) -> APIRouter:
    """`/apps/v3/` and the schemas. All of it without a token."""
    router = APIRouter(include_in_schema=False)
    schemas: dict[tuple[str, str], Any] = {}

    @router.get("/apps/v3/")
    async def collections(request: Request) -> Response:
        return JSONResponse({name: f"{root(request)}/apps/v3/{name}/" for name in COLLECTIONS})

    @router.get("/{family}/v3/schema.json")
    async def schema(family: str) -> Response:
        if family not in FAMILIES:
            not_found()
        key = (family, divio.switches.domains)
        if key not in schemas:
            schemas[key] = _schema(divio, app, family)
        return JSONResponse(schemas[key])

    return router


def _schema(divio: AppState, app: FastAPI, family: str) -> dict[str, Any]:
    document = get_openapi(title=f"Local Divio: {family}", version="v3", routes=app.routes)
    missing = "/apps/v3/domains/" if divio.switches.domains == "missing" else "-"
    offered = [path for path in document["paths"] if path.startswith(f"/{family}/") and not path.startswith(missing)]
    paths = {path: document["paths"][path] for path in offered}
    for operations in paths.values():
        for operation in operations.values():
            # FastAPI's own refusal, which this Divio never sends.
            operation["responses"].pop("422", None)
            _envelope(operation)
    models = document["components"]["schemas"]
    for name, model in BODIES.items():
        schema = model.model_json_schema(ref_template=SCHEMAS)
        models |= {**schema.pop("$defs", {}), name: schema}
    return {**document, "paths": paths, "components": {"schemas": _referred(models, paths)}}


def _referred(models: dict[str, Any], by: object) -> dict[str, Any]:
    """The models that are referred to, directly or through one another."""
    text = json.dumps(by)
    direct = {name: model for name, model in models.items() if f'"{SCHEMAS.format(model=name)}"' in text}
    others = {name: model for name, model in models.items() if name not in direct}
    return {**direct, **_referred(others, direct)} if direct else {}


def _envelope(operation: dict[str, Any]) -> None:
    """FastAPI knows the items of a list; they are answered in pages."""
    content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
    items = content.get("schema", {})
    if items.get("type") == "array":
        address = {"type": ["string", "null"], "format": "uri"}
        content["schema"] = {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {"type": "integer"},
                "next": address,
                "previous": address,
                "results": {"type": "array", "items": items["items"]},
            },
        }
