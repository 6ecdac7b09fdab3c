"""Deployments that fail: of mirrors in another region, and by rules that are switched on at run time.

The rules are about a site, a number, or a share of all. One without `site` and `environment` is about every deployment.
Of several rules that meet one, the first decides. A deployment is met when it starts, not when it is queued.
"""

from __future__ import annotations

import re

from pydantic import Field

from divio_provider.emulator.simulation.deployment_progress import Stage
from divio_provider.emulator.simulation.rule_matching import Regex, Rule
from divio_provider.emulator.world.database import Database, Row

LAST_WORDS: dict[Stage, str] = {
    "Worker": "No worker could be assigned.",
    "Provisioning": "A service could not be provisioned.",
    "Build": "The command 'docker build .' returned a non-zero code: 1",
    "Release Image": "The release image could not be pushed to the registry.",
    "Release Commands": "A release command failed.",
    "Scaling": "The containers could not be started.",
    "Sanity Tests": "The container did not answer within 60 seconds.",
    "Finalizing": "The deployment could not be finalized.",
}
"""What a failing deployment writes where a rule gives no log. Invented: Divio's words are not known."""


class DeploymentFailure(Rule):
    """One rule."""

    site: Regex | None = None
    """Matches the whole slug of the application."""
    environment: str | None = None
    """`test`, `live` …; None: any."""
    stage: Stage = "Release Commands"
    """Where the deployment fails; the stages before it take their time."""
    log: str | None = None
    """The last words. None: some that fit the stage."""
    deploy_seconds: float | None = Field(None, ge=0)
    """How long the whole deployment would take. None: as it does anyway."""

    def is_about(self, *event: str) -> bool:
        """The event is a deployment that starts: the slugs of its application and environment."""
        site, environment = event
        meets_site = self.site is None or re.fullmatch(self.site, site) is not None
        return meets_site and self.environment in (None, environment)


def region_failure(db: Database, application: Row) -> str:
    """Why a mirror outside of its original's region fails to deploy (known: support articles); empty for any other site."""
    original = db.get("applications", application["mirror_of"])
    if original is None or original["region"] == application["region"]:
        return ""
    return f"The image of {original['slug']} is in another region than this mirror."
