"""A deployment's life: started, queued behind another, finished exactly once.

Known: it carries the variables as they were when it started; a failed one leaves the previous one running. Chosen: what a
failed one would have provisioned stays new; a queued one has no variables before it starts, which is when the one before it
ends. Nothing runs in the background: what the end of a deployment changes (the site, the services) is written by `settle`,
which comes before every request, so nobody can see the moment between.
"""

from __future__ import annotations

from divio_provider.emulator.simulation import deployment_progress, images
from divio_provider.emulator.simulation.app_state import AppState
from divio_provider.emulator.simulation.built_in_variables import deployed_variables
from divio_provider.emulator.simulation.faults import LAST_WORDS, DeploymentFailure
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Database, Row


def start(divio: AppState, application: Row, environment: Row, build_mode: str, *, queue: bool) -> Row:
    """Starts a deployment, or puts it behind the one that runs; inside `transaction()`."""
    at = clock.stamp()
    row: Row = {
        "application": application["uuid"],
        "environment": environment["uuid"],
        "region": application["region"],
        "build_mode": build_mode,
        "branch": environment["branch"],
        "started_at": at,
        "ends_at": clock.FAR,
        "queued": True,
        **dict.fromkeys(("commit", "seconds"), 0),
        **dict.fromkeys(("image", "ended_at", "success", "failure")),
        "variables": {},
        "provisions": {},
        "sensitive": [],
    }
    row = divio.db.insert("deployments", row)
    return row if queue else row | _begin(divio, row, at)


def settle(divio: AppState) -> None:
    """Ends the deployments whose time has come, in the order of their ends, and starts those that waited for them."""
    db = divio.db
    due = "SELECT * FROM deployments WHERE success IS NULL AND ends_at <= ? ORDER BY ends_at, rowid"
    while rows := db.rows(due, clock.stamp()):
        with db.transaction():
            for row in rows:
                _finish(db, row)
                following = db.row(
                    "SELECT * FROM deployments WHERE environment = ? AND queued ORDER BY started_at, rowid LIMIT 1",
                    row["environment"],
                )
                if following:
                    _begin(divio, following, row["ends_at"])


def _begin(divio: AppState, row: Row, at: str) -> Row:
    """Takes the variables and the image, and decides when and how it will end; inside `transaction()`."""
    db = divio.db
    environment, application = db.get("environments", row["environment"]), db.get("applications", row["application"])
    assert environment is not None
    assert application is not None
    image = images.choose(db, application, environment, row["build_mode"])
    variables = deployed_variables(db, application, environment)
    fresh = db.rows(
        "SELECT uuid FROM service_instances WHERE environment = ? AND service_status = 'new'", environment["uuid"]
    )
    rule = next(iter(divio.failures.met(application["slug"], environment["slug"])), None)
    failure = _failure(db, environment, image, rule)
    wishes = (rule.deploy_seconds if rule else None, environment["site"].get("deploy_seconds"))
    seconds = next((wish for wish in wishes if wish is not None), divio.settings.deploy_seconds)
    share = deployment_progress.share_until(failure["stage"]) if failure else 1
    begun: Row = {
        "branch": image.branch,
        "commit": image.commit,
        "image": image.name,
        "seconds": seconds,
        "started_at": at,
        "ends_at": clock.later(at, seconds * share),
        "failure": failure,
        "variables": variables.carried,
        "provisions": {"variables": variables.provisioned, "instances": [instance["uuid"] for instance in fresh]},
        "sensitive": variables.sensitive,
        "queued": False,
    }
    db.update("deployments", row["uuid"], **begun)
    return begun


def _failure(db: Database, environment: Row, image: images.Image, rule: DeploymentFailure | None) -> Row | None:
    """In which stage the deployment fails, and its last words; counts down the site's own `times`."""
    if image.name is None:
        return {"stage": "Build", "log": image.failure}
    site = environment["site"]
    if site.get("deployment") == "fail":
        left = None if site.get("times") is None else site["times"] - 1
        if left is not None:
            kept = {key: value for key, value in site.items() if key not in ("deployment", "log", "times")}
            db.update("environments", environment["uuid"], site={**site, "times": left} if left else kept)
        return {"stage": "Release Commands", "log": site.get("log") or LAST_WORDS["Release Commands"]}
    return {"stage": rule.stage, "log": rule.log or LAST_WORDS[rule.stage]} if rule else None


def _finish(db: Database, row: Row) -> None:
    uuid, environment, provisions = row["uuid"], row["environment"], row["provisions"]
    over = {"ended_at": row["ends_at"], "provisions": {}}
    db.update("environments", environment, last_finished=uuid)
    if row["failure"]:
        db.update("deployments", uuid, success=False, **over)
        return
    db.update("deployments", uuid, success=True, variables={**row["variables"], **provisions["variables"]}, **over)
    db.update("environments", environment, last_successful=uuid)
    for instance in provisions["instances"]:
        db.update("service_instances", instance, service_status="attached")
