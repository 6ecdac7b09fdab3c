"""Built-in variables in the list of an environment's variables: the switch `built_ins=listed`."""

from __future__ import annotations

from divio_provider.emulator.endpoints.environments import branch_of
from divio_provider.emulator.endpoints.serializers import Query, found, missing
from divio_provider.emulator.simulation import built_in_variables
from divio_provider.emulator.simulation.app_state import Installation
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Row, Store, marks


def with_built_ins(store: Store, query: Query) -> list[Row]:
    """The custom variables that the query finds, and before them the built-in ones of the same environments."""
    wanted = query.given("environment")
    applications = query.given("application")
    environments = store.rows(
        f"SELECT * FROM environments WHERE uuid IN ({marks(wanted)}) OR application IN ({marks(applications)})",
        *wanted,
        *applications,
    )
    custom = query.rows(store)
    taken = {(row["environment"], row["name"]) for row in custom}
    names = query.given("name")
    rows: list[Row] = []
    for environment in environments:
        if wanted and environment["uuid"] not in wanted:
            continue
        if applications and environment["application"] not in applications:
            continue
        rows += [
            row
            for row in _built_ins(store, environment)
            if (not names or row["name"] in names) and (row["environment"], row["name"]) not in taken
        ]
    return rows + custom


def _built_ins(store: Store, environment: Row) -> list[Row]:
    application = found(store, "applications", environment["application"])
    return built_in_variables.listed(store, application, environment, branch_of(store, environment, application))


def custom_over(divio: Installation, uuid: str) -> Row:
    """A new custom variable over the built-in one that was listed under this id, or 404."""
    if divio.switches.built_ins == "listed":
        for environment in divio.store.rows("SELECT * FROM environments"):
            for row in _built_ins(divio.store, environment):
                if row["uuid"] == uuid:
                    return row | {"uuid": clock.new_id()}
    return missing()
