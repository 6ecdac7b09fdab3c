"""What a `Deployment` takes besides its targets."""

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict

from pulumi import Input

THIS_STEP: Literal["this-step"] = "this-step"
STEP_BEFORE: Literal["step-before"] = "step-before"
ANOTHER_STACK: Literal["another-stack"] = "another-stack"


class Verify(TypedDict, total=False):
    """What a site must answer after its deployment."""

    path: str
    """Default `/`."""
    status: int
    """Default 200."""
    text: str
    """Something that stands in the page."""
    timeout: float
    """In seconds; default 60."""
    identity: bool
    """Whether the page must name the site's slug and `SITE_ID`."""
    credentials: Input[str]
    """A secret `user:password`."""


class RehearsalSource(TypedDict):
    """Who finds out whether the mirrors' present code lives with a release's schema.

    `this-step` asks the mirrors' Tests before and after it deploys the original's Test. `step-before` has done so.
    `another-stack` has, since it manages Test: every Test that it did not leave out has to answer before Live.
    """

    source: Literal["this-step", "step-before", "another-stack"]
    broken: NotRequired[Input[Mapping[str, str]]]
    """`broken` of the step before: with anything in it nothing is deployed."""
    found: NotRequired[Input[Mapping[str, Any]]]
    """What the other stack exports as its `rehearsal`; empty: nothing yet."""


class Step(TypedDict, total=False):
    """What each of the three kinds takes."""

    rehearsal: RehearsalSource | None
    max_failures: int
    """So many of its environments may fail; default 0."""
    timeout: float
    """In seconds, for each; default 3600."""


class OriginalStep(Step, total=False):
    """What the original's Test and its Live take."""

    release: Input[str] | None
    """Its declared name."""
    phase: Input[str] | None
    """The release's: `expand` or `contract`."""
    mirrors: Mapping[str, str] | None
    """The declared slugs with the reason why each is on hold, or "".

    A contraction is refused while one of them is behind, and a rehearsal asks them.
    """
    verify: Verify | None


class MirrorsStep(Step, total=False):
    """What a wave of mirrors takes."""

    release: Input[str] | None
    """The original's declared one."""
    released_at: Input[str] | None
    """When the original's Live got it; default: looked up on Divio."""
    max_parallel: int | None
    """So many run at a time; default: all."""
    verify: Verify | None
    stop: Input[str] | None
    """Why nothing is deployed for now; what is not in sync is then unfinished."""
