"""Releases on a database that all sites share: who is behind, and when a contraction must be refused.

The deployment of any site migrates the database of all. So what removes or renames something waits until no site runs
code that still uses it: until the estate is level.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class History:
    """The deployments of one environment, as far as a release is concerned.

    `attempted` is whether there was any, `started_at` when the last successful one started (None: there is none).
    """

    attempted: bool
    started_at: datetime | None = None

    def behind(self, released_at: datetime) -> str:
        """Why it does not run what the original's Live got at `released_at`; empty where it does.

        One that was never deployed runs no code that could be behind.
        """
        if not self.attempted:
            return ""
        if self.started_at is None:
            return "was never deployed successfully"
        if self.started_at > released_at:
            return ""
        return f"was last deployed {self.started_at:%Y-%m-%d %H:%M}, before the original's Live was released"


def contract_refusal(
    release: str,
    histories: Mapping[str, History],
    released_at: datetime,
    held: Mapping[str, str],
    ours: Collection[str],
) -> str:
    """Why a contraction must not be deployed, a line for each site that is not level; empty where all are.

    `histories` are those of all mirrors' environments by `slug/environment`, `held` the sites on hold with their
    reasons: these are behind by definition. `ours` are the declared slugs; others are named as foreign, since they
    work on the same database.
    """
    lines = [f"{slug} is on hold: {reason}" for slug, reason in held.items()]
    for key, history in histories.items():
        slug, _, environment = key.partition("/")
        why = history.behind(released_at)
        if why and slug not in held:
            lines.append(f"{slug} {environment}{'' if slug in ours else ' (not declared here)'} {why}")
    if not lines:
        return ""
    refused = (
        f"release {release} is a contraction and is refused while a mirror is behind: its code still uses what the release "
        "takes away. Nothing was deployed."
    )
    way_out = (
        "Bring these level first: declare the release before this one again, lift holds, and run pulumi up --refresh (who "
        "is not declared here has to be deployed where it is); then declare the contraction."
    )
    return "\n".join([refused, *lines, way_out])
