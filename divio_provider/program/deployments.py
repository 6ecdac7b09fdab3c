"""The steps that bring an estate's sites up to date, each a `Deployment`.

The path of code: the original's Test, its Live, the mirrors' Tests, their Lives in waves. Ahead of the mirrors' stands
the wiring, which waits for no canary: a mirror with an old password is down.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from divio_provider.estate.declaration.spec import ENVIRONMENTS, Environment
from divio_provider.estate.planning.waves import Wave, at_once_on_test, waves
from divio_provider.program.environments import EnvironmentPart, Estate, Target, holds
from divio_provider.program.outputs import SiteEnvironment
from divio_provider.resources.deployment import Deployment

Rehearsal = pulumi.Output[dict[str, Any]]
"""What a release's rehearsal found out: `release`, its name, and `excluded`, the sites that do not count, with reasons."""


class Steps:
    """The `Deployment`s of one estate, as far as this stack manages its environments."""

    def __init__(
        self,
        estate: Estate,
        parts: Mapping[Environment, EnvironmentPart],
        until: str | None = None,
        tested: Rehearsal | None = None,
    ) -> None:
        """Nothing is declared yet.

        `parts` are the environments that this stack manages. `until` is the wave after which nothing is deployed for
        now. `tested` is the rehearsal of the stack that manages Test, where that is another one.
        """
        self._estate = estate
        self._spec = estate.spec
        self._parts = parts
        self._until = until
        self._urls: dict[str, pulumi.Output[str]] = {}
        self._tested = tested
        self._broken: pulumi.Output[dict[str, str]] | None = None
        self.rehearsal: Rehearsal | None = None
        """What this stack's own rehearsal found out, once the original's Test is declared; None: it holds none."""
        self.durations: dict[str, pulumi.Output[str]] = {}
        """How long each step last took, by its name."""

    def deploy_original(self) -> list[Deployment]:
        """Test, then Live: each alone, so that migrations run once."""
        spec, steps = self._spec, list[Deployment]()
        slug, verify = spec.original.slug, spec.rollout.verify
        concerned = verify is not None or spec.phase == "contract"
        for environment, part in self._parts.items():
            part.declare_original()
            step = self._deployment(
                f"original-{environment}",
                "original",
                {f"{slug}/{environment}": part.original_target()},
                steps,
                release=spec.release_name,
                phase=spec.phase if spec.release_name else None,
                mirrors=holds(spec) if concerned else None,
                rehearsal=self._broken,
                tested=self._tested or {} if verify is not None and "test" not in self._parts else None,
                max_failures=0,
            )
            if environment == "test" and verify is not None:
                self._broken = step.broken.apply(lambda broken: broken or {})
                self.rehearsal = pulumi.Output.all(release=spec.release_name, excluded=step.excluded)
            steps.append(step)
        return steps

    def deploy_mirrors(self, originals: Sequence[Deployment]) -> None:
        """The wiring, the Tests, the Lives in waves. `originals` are the original's steps."""
        mirrors, release = list(self._spec.mirrors), self._spec.release_name
        if not mirrors or not self._parts:
            return
        released_at = originals[-1].released_at_here if "live" in self._parts else None
        # Without Live here, a release is not the mirrors' turn.
        common = {"release": release, "released_at": released_at} if "live" in self._parts else {}
        wired = {
            f"{slug}/{environment}": part.wiring_target(slug)
            for environment, part in self._parts.items()
            for slug in mirrors
        }
        # Where the original's Live is deployed here, it has stopped what a rehearsal found out.
        stops = {} if "live" in self._parts else {"rehearsal": self._broken}
        before = self._deployment("wiring", "wiring", wired, originals, **stops)
        test = self._parts.get("test")
        if test is not None or release is not None:
            foreign = EnvironmentPart(self._estate, "test")
            tests = {
                f"{slug}/test": test.mirror_target(slug) if test is not None else foreign.foreign_target(slug)
                for slug in mirrors
            }
            at_once = at_once_on_test(self._spec)
            before = self._deployment("mirrors-test", "mirrors", tests, [before], max_parallel=at_once, **common)
        stop: str | None = None
        for wave in waves(self._spec) if "live" in self._parts else ():
            lives = {f"{slug}/live": self._parts["live"].mirror_target(slug) for slug in wave.sites}
            before = self._deployment(
                f"live-{wave.name}", "mirrors", lives, [before], max_parallel=wave.max_parallel, stop=stop, **common
            )
            stop = stop or self._stop_after(wave)

    def environments(self, slug: str) -> tuple[SiteEnvironment, SiteEnvironment]:
        """A site's Test and Live as the rest of a program sees them."""
        nowhere = pulumi.Output.from_input("")
        test, live = (SiteEnvironment(self._urls.get(f"{slug}/{name}", nowhere)) for name in ENVIRONMENTS)
        return test, live

    def _stop_after(self, wave: Wave) -> str | None:
        if wave.name != self._until:
            return None
        return f'waits, because until is "{wave.name}"; to go on: pulumi config rm until, then pulumi up'

    def _deployment(
        self,
        name: str,
        role: str,
        targets: Mapping[str, Target],
        after: Sequence[pulumi.Resource],
        **more: Any,  # noqa: ANN401 - whatever a Deployment takes
    ) -> Deployment:
        rollout = self._spec.rollout
        deployment = Deployment(
            name,
            role=role,
            targets=targets,
            **{"max_failures": rollout.max_failures, **more},
            timeout=rollout.timeout,
            verify=self._verification() if role != "wiring" else None,
            opts=self._estate.options(depends_on=list(after)),
        )
        self._estate.report(deployment.unfinished)
        self.durations[name] = deployment.took
        if role != "wiring":
            for key in targets:
                self._urls[key] = _url(deployment, key)
        return deployment

    def _verification(self) -> dict[str, Any] | None:
        verify = self._spec.rollout.verify
        if verify is None:
            return None
        found: dict[str, Any] = verify.model_dump(exclude={"auth"})
        if verify.auth is not None:
            found["credentials"] = self._estate.secret(verify.auth.secret)
        return found


def _url(deployment: Deployment, key: str) -> pulumi.Output[str]:
    return deployment.urls.apply(lambda urls: str((urls or {}).get(key) or ""))
