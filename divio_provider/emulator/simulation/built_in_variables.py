"""The variables that Divio itself gives a deployment, and what the deployment gets in the end.

Names and meanings: Divio's documentation of environment variables. Chosen: `DOMAIN_ALIASES` and `DOMAIN_REDIRECTS` only
when there is something in them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from divio_provider.emulator.simulation.images import branch_of
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Database, Row

SECRETS = re.compile(r"SECRET_KEY|DATABASE_URL|\w+_DSN")
"""Built-in variables whose values are secrets. A choice: whether Divio treats them as sensitive is not known."""


@dataclass(frozen=True)
class DeployedVariables:
    """What a deployment that starts now carries."""

    carried: dict[str, str]
    """Its variables, custom ones over built-in ones."""
    provisioned: dict[str, str]
    """Those that it will have once it has provisioned its new services."""
    sensitive: list[str]
    """The names of those, among both, whose values are secrets."""


def deployed_variables(db: Database, application: Row, environment: Row) -> DeployedVariables:
    """What a deployment of this environment carries that starts now."""
    rows = db.rows("SELECT * FROM environment_variables WHERE environment = ?", environment["uuid"])
    custom = {row["name"]: row["value"] for row in rows}
    built_in, provisioned = _built_ins(db, application, environment)
    sensitive = {row["name"] for row in rows if row["is_sensitive"]}
    sensitive |= {name for name in (*built_in, *provisioned) if name not in custom and SECRETS.fullmatch(name)}
    fresh = {name: dsn for name, dsn in provisioned.items() if name not in custom}
    return DeployedVariables({**built_in, **custom}, fresh, sorted(sensitive))


def built_in_rows(db: Database, environment: Row) -> list[Row]:
    """An environment's built-in variables in the shape of custom ones, for the switch that lists them.

    Their ids are made from environment and name, and lead nowhere.
    """
    application = db.get("applications", environment["application"]) or {}
    built_in, _ = _built_ins(db, application, environment)
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


def _built_ins(db: Database, application: Row, environment: Row) -> tuple[dict[str, str], dict[str, str]]:
    """What there is, and what the next deployment will add by provisioning services."""
    attached: dict[str, str] = {}
    provisioned: dict[str, str] = {}
    for instance in db.rows("SELECT * FROM service_instances WHERE environment = ?", environment["uuid"]):
        into = attached if instance["service_status"] == "attached" else provisioned
        into[f"{instance['prefix']}_{instance['type']}_DSN"] = instance["dsn"]
        if (instance["prefix"], instance["type"]) == ("DEFAULT", "DATABASE"):
            into["DATABASE_URL"] = instance["dsn"]
    own = {
        "GIT_BRANCH": branch_of(db, environment, application),
        "SECRET_KEY": environment["secret_key"],
        "STAGE": environment["slug"],
        **_domains(db, application, environment),
    }
    return {**own, **attached}, provisioned


def _domains(db: Database, application: Row, environment: Row) -> dict[str, str]:
    region = db.get("regions", application["region"]) or {"host": "eu"}
    suffix = {"live": "", "test": "-stage"}.get(environment["slug"], f"-{environment['slug']}")
    names = {"DOMAIN": f"{application['slug']}{suffix}.{region['host']}.aldryn.io"}
    if environment["slug"] != "live":
        return names
    hosts: dict[str, list[str]] = defaultdict(list)
    for row in db.rows("SELECT * FROM domains WHERE application = ? ORDER BY domain", application["uuid"]):
        kind = "DOMAIN" if row["is_primary"] else "DOMAIN_REDIRECTS" if row["is_redirect"] else "DOMAIN_ALIASES"
        hosts[kind].append(row["domain"])
    return names | {name: ",".join(domains) for name, domains in hosts.items()}
