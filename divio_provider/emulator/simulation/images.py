"""Which branch an environment runs, and which image a deployment.

Known: a mirror's Test and Live run the image of its original's Live, which no mirror in another region can (support
articles); Live re-uses Test's image when there are no new commits. Concluded from the words: AUTO re-uses what was built
from the same commit, ADOPT takes what the environment runs, FORCE builds. Chosen: the image of a mirror is the one that its
original's Live runs *when the mirror's deployment starts*, whatever the build mode.

There is no Git here: a branch's commit is a number, counted up by `POST /_emulator/applications/SLUG/push`.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from divio_provider.emulator.world.database import Database, Row


@dataclass(frozen=True)
class Image:
    """What a deployment starts from."""

    branch: str
    commit: int
    name: str | None
    """`SLUG:BRANCH-COMMIT-RANDOM`. None: there is none, and the deployment fails."""
    failure: str = ""
    """Why there is none, for the log."""


def branch_of(db: Database, environment: Row, application: Row) -> str:
    """The branch that an environment runs: a mirror's is always that of its original's Live."""
    live = live_of(db, application["mirror_of"]) if application["mirror_of"] else None
    return str((live or environment)["branch"])


def live_of(db: Database, application: str) -> Row | None:
    """The Live environment of the application with this id."""
    return db.row("SELECT * FROM environments WHERE application = ? AND slug = 'live'", application)


def choose(db: Database, application: Row, environment: Row, build_mode: str) -> Image:
    """The image for a deployment of this environment that starts now."""
    if application["mirror_of"]:
        return _of_original(db, application)
    branch = environment["branch"]
    commit = int(application["commits"].get(branch, 1))
    if build_mode == "ADOPT":
        return _running(db, environment) or Image(
            branch, commit, None, "There is no image to adopt: this environment was never deployed."
        )
    if build_mode == "AUTO":
        built = db.value(
            'SELECT image FROM deployments WHERE application = ? AND branch = ? AND "commit" = ? AND success = 1 '
            "ORDER BY started_at DESC LIMIT 1",
            application["uuid"],
            branch,
            commit,
        )
        if built:
            return Image(branch, commit, built)
    return Image(branch, commit, f"{application['slug']}:{branch}-{commit}-{uuid4().hex[:8]}")


def _of_original(db: Database, mirror: Row) -> Image:
    original = db.get("applications", mirror["mirror_of"])
    if original is None:
        return Image("main", 1, None, "There is no image to run: the original of this mirror was deleted.")
    live = live_of(db, mirror["mirror_of"]) or {"branch": "main", "last_successful": None}
    image = _running(db, live)
    if image is None:
        failure = f"There is no image to run: the Live environment of {original['slug']} was never deployed."
        return Image(live["branch"], 1, None, failure)
    if original["region"] != mirror["region"]:
        failure = f"The image of {original['slug']} is in another region than this mirror."
        return Image(image.branch, image.commit, None, failure)
    return image


def _running(db: Database, environment: Row) -> Image | None:
    deployment = db.get("deployments", environment["last_successful"])
    return Image(deployment["branch"], deployment["commit"], deployment["image"]) if deployment else None
