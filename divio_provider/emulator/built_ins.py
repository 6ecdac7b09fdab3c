"""The variables that Divio itself gives a deployment, and what the deployment gets in the end.

Names and meanings: Divio's documentation of environment variables. Chosen: `DOMAIN_ALIASES` and `DOMAIN_REDIRECTS` only
when there is something in them.
"""

from __future__ import annotations

from divio_provider.emulator.store import Row, Store


def snapshot(store: Store, application: Row, environment: Row, branch: str) -> tuple[dict[str, str], dict[str, str]]:
    """What a deployment that starts now carries.

    Returns:
        Its variables, custom ones over built-in ones; and those that it will have once it has provisioned its new
        services.
    """
    custom = {
        row["name"]: row["value"]
        for row in store.rows(
            "SELECT name, value FROM environment_variables WHERE environment = ?", environment["uuid"]
        )
    }
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
    carried = {**own, **attached, **custom}
    return carried, {name: dsn for name, dsn in provisioned.items() if name not in custom}


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
