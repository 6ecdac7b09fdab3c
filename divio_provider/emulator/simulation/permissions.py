"""What the token's account may see, put at run time: roles in organisations as far as they show in the API.

Known: a plain user is invited to single applications (handbook); what an account may not see answers 404 like what is
missing (divio-cli). Chosen: it is left out of every list. Not played: a body may still name it by its id.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from divio_provider.emulator.world.database import Database, marks

_ENVIRONMENT = "environment IN (SELECT uuid FROM environments WHERE application IN ({}))"
_TABLES = {
    "applications": "uuid IN ({})",
    **dict.fromkeys(("environments", "domains", "deployments", "activities"), "application IN ({})"),
    **dict.fromkeys(("environment_variables", "service_instances", "backups"), _ENVIRONMENT),
}
"""Which rows of a table belong to the applications with the given ids."""


class Permissions(BaseModel):
    """What the account sees. None: everything."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    organisations: tuple[str, ...] | None = None
    """The names of the organisations that it belongs to."""
    applications: tuple[str, ...] | None = None
    """The slugs of the applications that it is invited to."""

    def narrow(self, table: str) -> tuple[list[str], list[str]]:
        """What a SELECT from this table must ask for: SQL conditions and the values that they take."""
        conditions: list[str] = []
        values: list[str] = []
        owned = _TABLES.get(table)
        if self.organisations is not None and (owned or table == "organisations"):
            named = f"SELECT uuid FROM organisations WHERE name IN ({marks(self.organisations)})"
            theirs = f"SELECT uuid FROM applications WHERE organisation IN ({named})"
            conditions.append(owned.format(theirs) if owned else f"uuid IN ({named})")
            values.extend(self.organisations)
        if self.applications is not None and owned:
            named = f"SELECT uuid FROM applications WHERE slug IN ({marks(self.applications)})"
            conditions.append(owned.format(named))
            values.extend(self.applications)
        return conditions, values

    def hide(self, db: Database, path: str) -> bool:
        """Whether a request's path names something by its id that the account may not see."""
        if self.organisations is None and self.applications is None:
            return False
        return any(self._hidden(db, table, part) for part in path.split("/") for table in (*_TABLES, "organisations"))

    def _hidden(self, db: Database, table: str, uuid: str) -> bool:
        if db.get(table, uuid) is None:
            return False
        conditions, values = self.narrow(table)
        where = " AND ".join(["uuid = ?", *conditions])
        return db.row(f"SELECT 1 FROM {table} WHERE {where}", uuid, *values) is None
