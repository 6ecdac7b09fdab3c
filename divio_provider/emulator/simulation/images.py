"""Which image a deployment runs.

Known: a mirror's Test and Live run the image of its original's Live, and fail in another region; Live re-uses Test's
image when there are no new commits. Concluded from the words: AUTO re-uses what was built from the same commit, ADOPT takes
what the environment runs, FORCE builds. Chosen: the image of a mirror is the one that its original's Live runs *when the
mirror's deployment starts*, whatever the build mode.

There is no Git here: a branch's commit is a number, counted up by `POST /_emulator/applications/SLUG/push`.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from divio_provider.emulator.world.database import Row, Store


@dataclass(frozen=True)
class Image:
    """What a deployment starts from."""

    branch: str
    commit: int
    name: str | None
    """`SLUG:BRANCH-COMMIT-RANDOM`. None: there is none, and the deployment fails."""
    failure: str = ""
    """Why there is none, for the log."""
    built: bool = False


def choose(store: Store, application: Row, environment: Row, build_mode: str) -> Image:
    """The image for a deployment of this environment that starts now."""
    if application["mirror_of"]:
        return _of_original(store, application)
    branch = environment["branch"]
    commit = int(application["commits"].get(branch, 1))
    present = _image(store, environment["last_successful"])
    if build_mode == "ADOPT":
        if present is None:
            return Image(branch, commit, None, "There is no image to adopt: this environment was never deployed.")
        return Image(present["branch"], present["commit"], present["image"])
    if build_mode == "AUTO":
        same = store.row(
            'SELECT image FROM deployments WHERE application = ? AND branch = ? AND "commit" = ? AND success = 1 '
            "ORDER BY started_at DESC LIMIT 1",
            application["uuid"],
            branch,
            commit,
        )
        if same:
            return Image(branch, commit, same["image"])
    name = f"{application['slug']}:{branch}-{commit}-{uuid4().hex[:8]}"
    return Image(branch, commit, name, built=True)


def _of_original(store: Store, mirror: Row) -> Image:
    original = store.get("applications", mirror["mirror_of"]) or {}
    live = store.row(
        "SELECT branch, last_successful FROM environments WHERE application = ? AND slug = 'live'", mirror["mirror_of"]
    ) or {"branch": "main", "last_successful": None}
    present = _image(store, live["last_successful"])
    if present is None:
        failure = f"There is no image to run: the Live environment of {original.get('slug')} was never deployed."
        return Image(live["branch"], 1, None, failure)
    if original.get("region") != mirror["region"]:
        failure = f"The image of {original.get('slug')} is in another region than this mirror."
        return Image(present["branch"], present["commit"], None, failure)
    return Image(present["branch"], present["commit"], present["image"])


def _image(store: Store, deployment: str | None) -> Row | None:
    if deployment is None:
        return None
    return store.row('SELECT image, branch, "commit" FROM deployments WHERE uuid = ?', deployment)
