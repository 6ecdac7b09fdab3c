"""The steps that bring an estate's sites up to date, each a `Deployment`.

The path of code: the original's Test, its Live, the mirrors' Tests, their Lives in waves. Ahead of the mirrors' stands
the wiring, which waits for no canary: a mirror with an old password is down.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pulumi

from divio_provider.estate.declaration.spec import ENVIRONMENTS, Environment, Spec
from divio_provider.estate.planning.waves import at_once_on_test, listed, waves
from divio_provider.program.environments import EnvironmentPart, Estate, holds
from divio_provider.program.outputs import SiteEnvironment, gathered
from divio_provider.resources.deployment import Deployment
from divio_provider.resources.deployment.inputs import (
    ANOTHER_STACK,
    STEP_BEFORE,
    THIS_STEP,
    RehearsalSource,
    Verify,
)

Rehearsal = pulumi.Output[dict[str, Any]]
"""What a release's rehearsal found out: `release`, its name, and `excluded`, the sites that do not count, with reasons."""


def order(spec: Spec, until: str | None = None) -> str:
    """The release with its phase and the order of its steps; empty where none is declared.

    >>> from divio_provider.estate.declaration.parser import declare
    >>> print(order(declare({"organisation": "Acme", "region": "Frankfurt", "plan": {"original": "L", "mirror": "S"},
    ...                      "original": {"slug": "main", "name": "Main"}, "mirrors": {"shop": {"name": "Shop"}},
    ...                      "release": {"name": "2026-11"}})))
    release 2026-11 (expand): 1. main Test, 2. main Live, 3. the mirrors' Tests (1), 4. rest (shop)
    """
    if spec.release_name is None:
        return ""
    original, planned = spec.original.slug, waves(spec)
    steps = [f"{original} Test", f"{original} Live"]
    steps += [f"the mirrors' Tests ({len(spec.mirrors)})"] if spec.mirrors else []
    for wave in planned:
        steps.append(f"{wave.name} ({listed(wave.sites)})")
        if wave.name == until and wave is not planned[-1]:
            steps[-1] += ", and stop (until); to go on: pulumi config rm until, then pulumi up"
            break
    numbered = ", ".join(f"{number}. {step}" for number, step in enumerate(steps, start=1))
    return f"release {spec.release_name} ({spec.phase}): {numbered}"


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
        self._tested = tested
        self._rehearsed: RehearsalSource | None = None
        self._steps: dict[str, Deployment] = {}
        self._urls: dict[str, pulumi.Output[dict[str, str]]] = {}
        self.rehearsal: Rehearsal | None = None
        """What this stack's own rehearsal found out, once the original's Test is declared; None: it holds none."""

    def deploy_original(self) -> list[Deployment]:
        """Test, then Live: each alone, so that migrations run once."""
        spec, steps = self._spec, list[Deployment]()
        verify = spec.rollout.verify
        concerned = verify is not None or spec.phase == "contract"
        for environment, part in self._parts.items():
            part.declare_original()
            name = f"original-{environment}"
            step = Deployment.of_original(
                name,
                part.original_target(),
                self._after(steps),
                release=spec.release_name,
                phase=spec.phase if spec.release_name else None,
                mirrors=holds(spec) if concerned else None,
                rehearsal=self._rehearsal_of(environment),
                timeout=spec.rollout.timeout,
                verify=self._verification(),
            )
            self._add(name, step, [f"{spec.original.slug}/{environment}"])
            if environment == "test" and verify is not None:
                self._rehearsed = {"source": STEP_BEFORE, "broken": step.broken}
                self.rehearsal = gathered(
                    [step.excluded], lambda found: {"release": spec.release_name, "excluded": found[0]}
                )
            steps.append(step)
        return steps

    def deploy_mirrors(self, originals: Sequence[Deployment]) -> None:
        """The wiring, the Tests, the Lives in waves. `originals` are the original's steps."""
        spec, rollout, live = self._spec, self._spec.rollout, self._parts.get("live")
        if not spec.mirrors or not self._parts:
            return
        before = Deployment.of_wiring(
            "wiring",
            [part.mirror_target(slug) for part in self._parts.values() for slug in spec.mirrors],
            self._after(originals),
            # Where the original's Live is deployed here, it has stopped what a rehearsal found out.
            rehearsal=None if live else self._rehearsed,
            max_failures=rollout.max_failures,
            timeout=rollout.timeout,
        )
        self._add("wiring", before)
        # Without Live here, a release is not the mirrors' turn.
        release, released_at = (spec.release_name, originals[-1].original_released_at) if live else (None, None)
        stop: str | None = None
        for name, part, sites, at_once in self._waves():
            targets = [part.mirror_target(slug) for slug in sites]
            before = Deployment.of_mirrors(
                name,
                targets,
                self._after([before]),
                release=release,
                released_at=released_at,
                max_parallel=at_once,
                verify=self._verification(),
                stop=stop,
                max_failures=rollout.max_failures,
                timeout=rollout.timeout,
            )
            self._add(name, before, [f"{target['site']}/{target['environment']}" for target in targets])
            stop = stop or self._stop_after(name)

    def environments(self, slug: str) -> tuple[SiteEnvironment, SiteEnvironment]:
        """A site's Test and Live as the rest of a program sees them."""
        keys = [f"{slug}/{name}" for name in ENVIRONMENTS]
        test, live = (SiteEnvironment(key, self._urls.get(key)) for key in keys)
        return test, live

    def durations(self) -> pulumi.Output[dict[str, str]]:
        """How long each step last took, by its name; steps that never deployed anything are left out."""

        def told(found: list[str]) -> dict[str, str]:
            return {name: line for name, line in zip(self._steps, found, strict=True) if line}

        return gathered([step.duration for step in self._steps.values()], told)

    def _waves(self) -> Iterator[tuple[str, EnvironmentPart, Sequence[str], int | None]]:
        test, live = self._parts.get("test"), self._parts.get("live")
        if test is not None or self._spec.release_name is not None:
            # Of a Test that another stack manages only a release is this stack's business.
            part = test or EnvironmentPart(self._estate, "test")
            yield "mirrors-test", part, tuple(self._spec.mirrors), at_once_on_test(self._spec)
        if live is not None:
            for wave in waves(self._spec):
                yield f"live-{wave.name}", live, wave.sites, wave.max_parallel

    def _rehearsal_of(self, environment: Environment) -> RehearsalSource | None:
        if self._spec.rollout.verify is None:
            return None
        if environment == "test":
            return {"source": THIS_STEP}
        return self._rehearsed or {"source": ANOTHER_STACK, "found": self._tested or {}}

    def _stop_after(self, step: str) -> str | None:
        if step != f"live-{self._until}":
            return None
        return f'waits, because until is "{self._until}"; to go on: pulumi config rm until, then pulumi up'

    def _after(self, steps: Sequence[pulumi.Resource]) -> pulumi.ResourceOptions:
        return self._estate.options(depends_on=list(steps))

    def _add(self, name: str, step: Deployment, keys: Sequence[str] = ()) -> None:
        """Keep a step; `keys` are the targets whose addresses it knows."""
        self._estate.report(step.unfinished)
        self._steps[name] = step
        self._urls |= dict.fromkeys(keys, step.urls)

    def _verification(self) -> Verify | None:
        verify = self._spec.rollout.verify
        if verify is None:
            return None
        found: Verify = {**verify.model_dump(exclude={"auth"})}  # type: ignore[typeddict-item]
        if verify.auth is not None:
            found["credentials"] = self._estate.secret(verify.auth.secret)
        return found
