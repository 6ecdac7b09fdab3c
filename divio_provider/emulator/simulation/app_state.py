"""One running Divio: its world, its flags, and what the control door has switched on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from divio_provider.emulator.settings import Settings
from divio_provider.emulator.simulation.call_log import Calls
from divio_provider.emulator.simulation.deployment_failures import Failures
from divio_provider.emulator.simulation.faults import Faults
from divio_provider.emulator.simulation.permissions import Permissions
from divio_provider.emulator.switches import Switches
from divio_provider.emulator.world.database import Store


@dataclass
class Installation:
    """What every route needs. The world is in the store; all else is of this run."""

    settings: Settings
    store: Store
    calls: Calls = field(default_factory=Calls)
    faults: Faults = field(default_factory=Faults)
    failures: Failures = field(default_factory=Failures)
    switches: Switches = field(default_factory=Switches)
    permissions: Permissions = field(default_factory=Permissions)
    bodies: dict[str, type[BaseModel]] = field(default_factory=dict)
    """The bodies that are offered, by name, for `schema.json`."""

    def __post_init__(self) -> None:
        """Begins with the switches that the flags chose."""
        self.switches = self.settings.switches

    def takes(self, model: type[BaseModel]) -> dict[str, Any]:
        """Declares that a route takes this body: put it as `openapi_extra` on the route."""
        self.bodies[model.__name__] = model
        schema = {"$ref": f"#/components/schemas/{model.__name__}"}
        return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
