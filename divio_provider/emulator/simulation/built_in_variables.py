"""The variables that Divio itself gives a deployment, and what the deployment gets in the end.

Names and meanings: Divio's documentation of environment variables. Chosen: `DOMAIN_ALIASES` and `DOMAIN_REDIRECTS` only
when there is something in them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Row, Store

SECRETS = re.compile(r"SECRET_KEY|DATABASE_URL|\w+_DSN")
"""Built-in variables whose values are secrets. A choice: whether Divio treats them as sensitive is not known."""


@dataclass(frozen=True)
class Snapshot:
    """What a deployment that starts now carries."""

    carried: dict[str, str]
    """Its variables, custom ones over built-in ones."""
    provisioned: dict[str, str]
    """Those that it will have once it has provisioned its new services."""
    sensitive: list[str]
    """The names of those, among both, whose values are secrets."""


def snapshot(store: Store, application: Row, environment: Row, branch: str) -> Snapshot:
    """What a deployment of this environment carries that starts now."""
    rows = store.rows(
        "SELECT name, value, is_sensitive FROM environment_variables WHERE environment = ?", environment["uuid"]
    )
    custom = {row["name"]: row["value"] for row in rows}
    built_in, provisioned = _built_ins(store, application, environment, branch)
    sensitive = {row["name"] for row in rows if row["is_sensitive"]}
    sensitive |= {name for name in (*built_in, *provisioned) if name not in custom and SECRETS.fullmatch(name)}
    return Snapshot(
        {**built_in, **custom},
        {name: dsn for name, dsn in provisioned.items() if name not in custom},
        sorted(sensitive),
    )


def listed(store: Store, application: Row, environment: Row, branch: str) -> list[Row]:
    """An environment's built-in variables in the shape of custom ones, for the switch that lists them.

    Their ids are made from environment and name, and lead nowhere.
    """
    built_in, _ = _built_ins(store, application, environment, branch)
    return [
        {
            "uuid": clock.id_of(f"{environment['uuid']}/{name}"),
            "environment": environment["uuid"],
            "name": name,
            "value": value,
            "is_sensitive": bool(SECRETS.fullmatch(name)),
        }
        for name, value in sorted(built_in.items())
    ]


def _built_ins(store: Store, application: Row, environment: Row, branch: str) -> tuple[dict[str, str], dict[str, str]]:
    """What there is, and what the next deployment will add by provisioning services."""
    attached: dict[str, str] = {}
    provisioned: dict[str, str] = {}
    for instance in store.rows("SELECT * FROM service_instances WHERE environment = ?", environment["uuid"]):
        into = attached if instance["service_status"] == "attached" else provisioned
        into[f"{instance['prefix']}_{instance['type']}_DSN"] = instance["dsn"]
        if (instance["prefix"], instance["type"]) == ("DEFAULT", "DATABASE"):
            into["DATABASE_URL"] = instance["dsn"]
    own = {
        "GIT_BRANCH": branch,
        "SECRET_KEY": environment["secret_key"],
        "STAGE": environment["slug"],
        **_domains(store, application, environment),
    }
    return {**own, **attached}, provisioned


def _domains(store: Store, application: Row, environment: Row) -> dict[str, str]:
    region = store.get("regions", application["region"]) or {"host": "eu"}
    suffix = {"live": "", "test": "-stage"}.get(environment["slug"], f"-{environment['slug']}")
    names = {"DOMAIN": f"{application['slug']}{suffix}.{region['host']}.aldryn.io"}
    if environment["slug"] != "live":
        return names
    aliases, redirects = [], []
    for row in store.rows("SELECT * FROM domains WHERE application = ? ORDER BY domain", application["uuid"]):
        if row["is_primary"]:
            names["DOMAIN"] = row["domain"]
        elif row["is_redirect"]:
            redirects.append(row["domain"])
        else:
            aliases.append(row["domain"])
    if aliases:
        names["DOMAIN_ALIASES"] = ",".join(aliases)
    if redirects:
        names["DOMAIN_REDIRECTS"] = ",".join(redirects)
    return names
