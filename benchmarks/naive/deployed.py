"""A deployment as a dynamic resource: create and update start it and wait until it has ended.

Everything that the naive design has going for it is here: no limit of its own to its requests, and a poll each second.
What it cannot have: the process of Pulumi's dynamic providers works on four operations at a time.
"""

from __future__ import annotations

import os
import time
from typing import Any

import pulumi
import requests
from pulumi.dynamic import CreateResult, Resource, ResourceProvider, UpdateResult

PAUSE_S = 1.0
TIMEOUT_S = 60


class Crud(ResourceProvider):
    """Writes the variables it is given, deploys, waits."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Deploy."""
        return CreateResult(props["environment"], {**props, "deployment": _deploy(props)})

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Deploy again."""
        return UpdateResult({**_news, "deployment": _deploy(_news)})


class Deployed(Resource, module="naive", name="Deployed"):
    """An environment deployed with a release; `variables` are written before it."""

    deployment: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        environment: str,
        release: str,
        variables: dict[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`environment` is Divio's id of it."""
        props = {"environment": environment, "release": release, "variables": variables, "deployment": None}
        super().__init__(Crud(), name, props, opts)


def _deploy(props: dict[str, Any]) -> str:
    with requests.Session() as http:
        http.trust_env = False
        http.headers["Authorization"] = f"Token {os.environ['DIVIO_TOKEN']}"
        root = f"{os.environ['NAIVE_DIVIO']}/apps/v3"
        for name, value in props["variables"].items():
            query = {"environment": props["environment"], "name": name}
            found = _json(http.get(f"{root}/environment-variables/", params=query, timeout=TIMEOUT_S))["results"]
            body = {**query, "value": value, "is_sensitive": name != "ESTATE_RELEASE"}
            if found:
                _json(http.patch(f"{root}/environment-variables/{found[0]['uuid']}/", json=body, timeout=TIMEOUT_S))
            else:
                _json(http.post(f"{root}/environment-variables/", json=body, timeout=TIMEOUT_S))
        body = {"environment": props["environment"], "build_mode": "AUTO"}
        uuid = str(_json(http.post(f"{root}/deployments/", json=body, timeout=TIMEOUT_S))["uuid"])
        while True:
            shown = _json(http.get(f"{root}/deployments/{uuid}/", timeout=TIMEOUT_S))
            if shown["ended_at"] is not None:
                if not shown["success"]:
                    raise RuntimeError(f"deployment {uuid} failed")
                return uuid
            time.sleep(PAUSE_S)


def _json(answer: requests.Response) -> Any:  # noqa: ANN401 - whatever Divio says
    answer.raise_for_status()
    return answer.json()
