"""An estate on a local Divio, its file and its stack, and the commands that a search runs on it."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pytest

from divio_provider.estate.declaration.parser import declare
from divio_provider.program.component import Estate
from tests.search.clock import Clock
from tests.search.divio import DivioOnClock
from tests.search.engine import Engine, Run, State
from tests.search.interceptor import Interceptor, Kill, Sent
from tests.search.invariants import Declaration, Judge, Spec, World

MAIN, BLOG, SHOP, NEWS = "acme-main", "acme-blog", "acme-shop", "acme-news"
STRANGER = "acme-wiki"
"""An application that nobody declares."""
GUEST = "acme-guest"
"""A mirror of the original that nobody declares."""
ALL = ("sites", "test", "live")

ESTATE: Spec = {
    "organisation": "Acme",
    "region": "Frankfurt",
    "plan": {"original": "Standard", "mirror": "Small"},
    "original": {
        "slug": MAIN,
        "name": "Acme",
        "services": {"DATABASE": "postgres", "STORAGE": "s3"},
        "variables": {"THEME": "acme"},
    },
    "mirrors": {
        BLOG: {"name": "Acme Blog", "domains": ["blog.acme.example"], "variables": {"THEME": "blog"}},
        SHOP: {"name": "Acme Shop", "variables": {"PASSWORD": {"secret": True}}},
    },
    "variables": {"LANGUAGE_CODE": "en"},
    "rollout": {"waves": [{"name": "rest", "sites": "rest", "max_parallel": 1}]},
}
"""An original and two mirrors, one after the other, with one secret."""

Between = Callable[[Sent], bool]
"""Acts as somebody else before a request; whether it did."""


class _Secrets:
    """The stack's secrets."""

    def output(self, key: str) -> pulumi.Output[str]:
        return pulumi.Output.secret(f"value of {key}")


class Scene:
    """One local Divio and one stack; `back_to_start` begins anew."""

    def __init__(self, clock: Clock, divio: DivioOnClock) -> None:
        self.clock, self.divio = clock, divio
        self.counts: Counter[str] = Counter()
        self.config = {"divio:apiUrl": divio.url, "divio:requestsPerSecond": "1000"}
        self._empty = (divio.world(), clock.monotonic())
        self._begin()
        assert self.up().succeeded
        self._add_strangers()
        self._level = (divio.world(), clock.monotonic(), self.engine.state.copy(), dict(self.owners))

    def _begin(self) -> None:
        self.spec: Spec = copy.deepcopy(ESTATE)
        self.manage: tuple[str, ...] = ALL
        self.engine = Engine(self.config)
        self.owners: dict[str, str] = {}

    def _add_strangers(self) -> None:
        original = self.divio.application(MAIN)
        body = {key: original[key] for key in ("organisation", "region", "plan_group")}
        self.divio.post("/apps/v3/applications/", {**body, "slug": STRANGER, "name": "Wiki"})
        self.divio.set_variable(STRANGER, "live", "SITE_ID", "2")
        self.divio.make_mirror(MAIN, GUEST)
        for environment in ("test", "live"):
            self.divio.set_variable(GUEST, environment, "SITE_ID", "77")
            self.divio.set_variable(BLOG, environment, "BY_HAND", "kept")
        self.divio.deploy(GUEST, "live")

    def back_to_nothing(self) -> None:
        """An empty Divio and an empty state."""
        self._begin()
        self.divio.back_to(*self._empty)

    def back_to_start(self) -> None:
        """An estate that is level, with strangers beside it."""
        world, at, state, owners = self._level
        self._begin()
        self.engine.state, self.owners = state.copy(), dict(owners)
        self.divio.back_to(world, at)

    def up(
        self,
        *,
        refresh: bool = False,
        kill: Kill | None = None,
        environ: Mapping[str, str] | None = None,
        between: Between | None = None,
        engine: Engine | None = None,
    ) -> Run:
        """`pulumi up`, judged. `between` may act as somebody else before each request; `engine` is another stack."""
        engine, spec = engine or self.engine, copy.deepcopy(self.spec)
        environ = {"DIVIO_TOKEN": self.divio.token, **(environ or {})}
        declaration = Declaration(spec, self.manage, environ)
        judge = Judge(self.divio, engine, declaration, self.owners, self.clock if between is not None else None)

        def before(sent: Sent) -> None:
            if between is not None and between(sent):
                judge.somebody_wrote()
            judge.before(sent)

        def program() -> None:
            Estate(declaration.original, declare(spec), self.manage, secrets=_Secrets())  # type: ignore[arg-type]

        interceptor = Interceptor(before=before, after=judge.after, kill=kill)
        run = engine.up(program, interceptor, refresh=refresh, environ=environ)
        self.counts["runs"] += 1
        self.counts[
            "runs killed" if run.killed else "runs that succeeded" if run.succeeded else "runs that failed"
        ] += 1
        self.counts["requests"] += run.requests
        self.counts["writes"] += run.writes
        self.counts["deployments of mirrors"] += len(judge.started)
        judge.end(run, refreshed=refresh)
        return run

    def second_stack(self) -> Engine:
        """Another stack, which has no state yet."""
        return Engine(self.config, State())

    def is_level(self) -> list[str]:
        """What is not as declared on Divio: set, and carried by the last deployment. Empty: nothing."""
        world, wrong = World(self.divio.world()), []
        declaration = Declaration(self.spec, self.manage)
        for slug in declaration.slugs:
            for environment in ("test", "live"):
                uuid = world.environment(slug, environment)
                present = world.set_variables[uuid] if uuid else {}
                carried = world.carried(slug, environment)
                expected: dict[str, Any] = dict(declaration.variables(slug, environment))
                if slug != MAIN:
                    theirs = world.carried(MAIN, environment)
                    expected |= {"SITE_ID": self.engine.state.ids.get(slug)}
                    expected |= {name: theirs.get(name, "nothing") for name in ("DATABASE_URL", "DEFAULT_STORAGE_DSN")}
                for name, value in expected.items():
                    for what, there in (("set", present), ("deployed", carried)):
                        if name not in there or (isinstance(value, str) and there[name] != value):
                            wrong.append(f"{slug} {environment}: {name} is not {what} as declared")
        return wrong


@pytest.fixture(scope="module")
def scene() -> Any:
    with pytest.MonkeyPatch.context() as monkeypatch:
        clock = Clock()
        clock.govern(monkeypatch)
        monkeypatch.setenv("DIVIO_TOKEN", "demo-token")
        with DivioOnClock(clock, monkeypatch) as divio:
            yield Scene(clock, divio)
