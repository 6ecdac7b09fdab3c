"""What must hold of every run, judged by what the local Divio has: each write as it leaves, each deployment as it ended.

Written from the promises, apart from the product: nothing here asks our code what it thinks of Divio.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tests.local_divio import LocalDivio
from tests.search.clock import Clock
from tests.search.engine import Engine, Run, State
from tests.search.interceptor import Sent

Spec = dict[str, Any]
SITE_ID = "SITE_ID"
SHARED = ("DATABASE_URL", "DEFAULT_STORAGE_DSN")
ENVIRONMENTS = ("test", "live")
LOOK_LASTS_S = 2.5
"""So old may be what a run saw of a site when it starts its deployment."""


class Violation(AssertionError):
    """Something happened that must not. Each kind is a class of its own, so that a search tells them apart."""


class ForeignChanged(Violation):
    """Something that is not ours was written to."""


class LivingDeleted(Violation):
    """Something was deleted that nobody retired."""


class IdTwice(Violation):
    """One `SITE_ID` on two sites."""


class WrongDeployment(Violation):
    """A site was deployed without what it needs, or although it must not be."""


class FirstContactWritten(Violation):
    """What existed and was deployed before the state knew it was written to, and nobody allowed it."""


class WrongVariable(Violation):
    """A variable was given another value than declared, or one was removed that has to stay."""


class FalseSuccess(Violation):
    """A run ended well although not all is as declared."""


class NoSentence(Violation):
    """A run failed with an error of the program's own instead of a sentence."""


@dataclass(frozen=True)
class Declaration:
    """What one run is told: the estate's file, what the stack manages of it, and variables of its environment."""

    spec: Spec
    manage: tuple[str, ...] = ("sites", *ENVIRONMENTS)
    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def original(self) -> str:
        return str(self.spec["original"]["slug"])

    @property
    def mirrors(self) -> dict[str, Any]:
        return dict(self.spec["mirrors"])

    @property
    def slugs(self) -> list[str]:
        return [self.original, *self.mirrors]

    @property
    def retired(self) -> dict[str, Any]:
        return dict(self.spec.get("retired") or {})

    def site(self, slug: str) -> dict[str, Any]:
        return dict(self.spec["original"] if slug == self.original else self.mirrors[slug])

    def variables(self, slug: str, environment: str) -> dict[str, Any]:
        """The literal variables of one environment, the more special ones over the more general."""
        site = self.site(slug)
        places = (self.spec, self.spec.get(environment), site, site.get(environment))
        found = {name: value for place in places for name, value in ((place or {}).get("variables") or {}).items()}
        release = self.spec.get("release")
        return found | ({"ESTATE_RELEASE": release["name"]} if release and slug == self.original else {})

    def names(self, slug: str, environment: str) -> set[str]:
        """All names that we declare there."""
        wired = {SITE_ID, *SHARED} if slug != self.original else set()
        return wired | self.variables(slug, environment).keys()

    def hosts(self, slug: str) -> list[str]:
        return list(self.site(slug).get("domains") or ())

    def allows(self, key: str, slug: str) -> bool:
        """Whether the run's environment names a site, as `DIVIO_TAKE_OVER` does and others like it."""
        return bool({slug, "all"} & set(self.environ.get(key, "").split(",")))

    def may_go(self, slug: str) -> bool:
        """Whether a site may be deleted on Divio in this run."""
        if self.allows("DIVIO_FORGET", slug):
            return False
        return (slug in self.retired and slug not in self.slugs) or self.allows("DIVIO_ALLOW_DELETE", slug)


class World:
    """All that there is on Divio, ready to be asked."""

    def __init__(self, tables: Mapping[str, list[dict[str, Any]]]) -> None:
        self.tables = tables
        self.applications = {row["uuid"]: row for row in tables["applications"]}
        self.environments = {row["uuid"]: row for row in tables["environments"]}
        self.deployments = {row["uuid"]: row for row in tables["deployments"]}

    @cached_property
    def set_variables(self) -> dict[str, dict[str, str]]:
        """What is set, by the environment's id."""
        found: dict[str, dict[str, str]] = {uuid: {} for uuid in self.environments}
        for row in self.tables["environment_variables"]:
            found[row["environment"]][row["name"]] = row["value"]
        return found

    def application(self, slug: str) -> dict[str, Any] | None:
        return next((row for row in self.applications.values() if row["slug"] == slug), None)

    def place(self, environment: str) -> tuple[dict[str, Any], str]:
        """The application and the slug of an environment."""
        row = self.environments[environment]
        return self.applications[row["application"]], row["slug"]

    def environment(self, slug: str, environment: str) -> str | None:
        """Its id."""
        for uuid, row in self.environments.items():
            if row["slug"] == environment and self.applications[row["application"]]["slug"] == slug:
                return str(uuid)
        return None

    def carried(self, slug: str, environment: str) -> dict[str, str]:
        """What the last successful deployment carried."""
        uuid = self.environment(slug, environment)
        last = self.environments[uuid]["last_successful"] if uuid else None
        return dict(self.deployments[last]["variables"]) if last else {}


@dataclass(frozen=True)
class _Started:
    """A deployment of a mirror that we started, and what it has to carry."""

    deployment: str
    place: str
    carries: Mapping[str, str | None]
    names: frozenset[str]


class Judge:
    """Watches one run. What it finds is in `violations`: raised inside of the run, it would read as a failure of it."""

    def __init__(
        self,
        divio: LocalDivio,
        engine: Engine,
        declaration: Declaration,
        owners: dict[str, str],
        clock: Clock | None = None,
    ) -> None:
        """`owners` has the slug of every `SITE_ID` that we ever wrote or deployed.

        With a `clock` somebody else may write during the run, and `somebody_wrote` tells when.
        """
        self.violations: list[Violation] = []
        self._divio, self._engine, self._declared, self._owners = divio, engine, declaration, owners
        self._clock = clock
        self._others_write = clock is not None
        self._written_at = float("inf")
        self._before = World(divio.world())
        self._state: State = engine.state.copy()
        self._starting: _Started | None = None
        self.started: list[_Started] = []

    def somebody_wrote(self) -> None:
        """Somebody else wrote just now."""
        assert self._clock is not None
        self._written_at = self._clock.monotonic()

    # -- each write ----------------------------------------------------------------------------------------------------

    def before(self, sent: Sent) -> None:
        """Judge a request that is about to leave."""
        self._starting = None
        if not sent.writes:
            return
        match = re.fullmatch(r"/apps/v3/([a-z-]+)/(?:([^/]+)/)?", sent.path)
        check = getattr(self, f"_{match[1].replace('-', '_')}", None) if match else None
        if match is None or check is None:
            self._found(ForeignChanged, f"an unexpected write: {sent.method} {sent.path}")
            return
        world = World(self._divio.world())
        check(world, sent.method, match[2] or "", json.loads(sent.body or b"{}"))

    def after(self, sent: Sent) -> None:
        """Learn what came of a request."""
        if self._starting is not None and sent.answer and sent.status == 201:
            self.started.append(_Started(sent.answer["uuid"], *_rest(self._starting)))

    def _applications(self, world: World, method: str, uuid: str, body: dict[str, Any]) -> None:
        declared = self._declared
        if method == "POST":
            if body["slug"] not in declared.slugs or "sites" not in declared.manage:
                self._found(ForeignChanged, f"{body['slug']} is made, which is not declared")
            return
        found = world.applications.get(uuid)
        if found is None:
            return
        slug = found["slug"]
        if method == "DELETE":
            if not declared.may_go(slug):
                self._found(LivingDeleted, f"{slug} is deleted")
            elif not self._is_ours(world, found):
                self._found(ForeignChanged, f"{slug} is deleted, which is no mirror of {declared.original}")
            return
        if slug not in declared.slugs or not self._is_ours(world, found):
            self._found(ForeignChanged, f"{slug} is renamed")
        elif self._known_application(slug) != uuid and self._was_deployed(uuid) and not self._taken_over(slug):
            self._found(FirstContactWritten, f"{slug} is renamed")

    def _environments(self, world: World, method: str, uuid: str, body: dict[str, Any]) -> None:
        self._found(ForeignChanged, f"an environment is changed: {body}")

    def _environment_variables(self, world: World, method: str, uuid: str, body: dict[str, Any]) -> None:
        row = next((one for one in world.tables["environment_variables"] if one["uuid"] == uuid), None)
        if method != "POST" and row is None:
            return
        name, environment = (row or body)["name"], (row or body)["environment"]
        if environment not in world.environments:
            return
        application, where = world.place(environment)
        slug, declared = application["slug"], self._declared
        place = f"{slug} {where}: {name}"
        if not self._is_ours(world, application):
            self._found(ForeignChanged, f"{place}: not a site of ours")
        elif method == "DELETE":
            self._removed(place, slug, where, name)
        elif slug not in declared.slugs or where not in declared.manage or name not in declared.names(slug, where):
            self._found(ForeignChanged, f"{place} is written, but not declared")
        elif self._is_first_contact(application, where) and not self._taken_over(slug):
            self._found(FirstContactWritten, f"{place} is written")
        else:
            self._written(world, slug, where, name, body.get("value"))

    def _removed(self, place: str, slug: str, where: str, name: str) -> None:
        known = self._state.find("EnvironmentVariables", f"{slug}/{where}")
        if name in (SITE_ID, *SHARED):
            self._found(WrongVariable, f"{place} is removed")
        elif known is None or name not in known.outputs["variables"]:
            self._found(ForeignChanged, f"{place} is removed, which was never ours")
        elif slug in self._declared.slugs and where in self._declared.manage:
            if name in self._declared.names(slug, where):
                self._found(WrongVariable, f"{place} is removed, but declared")
        elif not self._declared.may_go(slug):
            self._found(LivingDeleted, f"{place} is removed")

    def _written(self, world: World, slug: str, where: str, name: str, value: str | None) -> None:
        if value is None:
            return
        declared, place = self._declared.variables(slug, where), f"{slug} {where}: {name}"
        if name == SITE_ID and slug != self._declared.original:
            if value != self._engine.state.ids.get(slug):
                self._found(WrongVariable, f"{place} is {value}, the register has {self._engine.state.ids.get(slug)}")
            self._claim(world, slug, value)
            if not self._others_write:
                self._changed_id(world, slug, where, value)
        elif name in SHARED and slug != self._declared.original:
            if not self._others_write and value != world.carried(self._declared.original, where).get(name):
                self._found(WrongVariable, f"{place} is not the one that the original was deployed with")
        elif isinstance(declared.get(name), str) and value != declared[name]:
            self._found(WrongVariable, f"{place} is {value}, declared is {declared[name]}")

    def _changed_id(self, world: World, slug: str, where: str, value: str) -> None:
        """A `SITE_ID` is written where none is, where it was deployed last, or where the file pins it."""
        uuid = world.environment(slug, where)
        assert uuid is not None
        there = {world.set_variables[uuid].get(SITE_ID), world.carried(slug, where).get(SITE_ID)} - {None}
        last = world.carried(slug, where).get(SITE_ID)
        pinned = str(self._declared.site(slug).get("site_id", "")) == value
        if there - {value} and last != value and not pinned:
            self._found(WrongVariable, f"{slug} {where}: SITE_ID becomes {value}, where {sorted(there - {value})} is")  # type: ignore[type-var]

    def _deployments(self, world: World, method: str, uuid: str, body: dict[str, Any]) -> None:
        if body["environment"] not in world.environments:
            return
        application, where = world.place(body["environment"])
        slug, declared = application["slug"], self._declared
        place, present = f"{slug} {where}", world.set_variables[body["environment"]]
        if slug not in declared.slugs or not self._is_ours(world, application) or where not in declared.manage:
            self._found(ForeignChanged, f"{place} is deployed, which is not ours")
            return
        if declared.site(slug).get("hold"):
            self._found(WrongDeployment, f"{place} is deployed, but on hold")
        if self._is_first_contact(application, where) and not self._taken_over(slug):
            self._found(FirstContactWritten, f"{place} is deployed")
        names = frozenset(declared.names(slug, where))
        carries: dict[str, str | None] = {}
        if slug != declared.original:
            theirs = world.carried(declared.original, where)
            carries = {SITE_ID: self._engine.state.ids.get(slug), **{name: theirs.get(name) for name in SHARED}}
            self._starting = _Started("", place, carries, names)
        wrong = _wrong(carries, names, present)
        if slug != declared.original and (twin := self._twin(world, slug, where)):
            wrong.append(f"{twin} has the same SITE_ID")
        is_new = self._clock is not None and self._clock.monotonic() - self._written_at < LOOK_LASTS_S
        if wrong and not is_new:  # else somebody was faster than we; then the run has to fail
            self._found(IdTwice if "same" in wrong[-1] else WrongDeployment, f"{place} is deployed: {'; '.join(wrong)}")
        if slug != declared.original and SITE_ID in present and not wrong:
            self._claim(world, slug, present[SITE_ID])

    def _domains(self, world: World, method: str, uuid: str, body: dict[str, Any]) -> None:
        row = next((one for one in world.tables["domains"] if one["uuid"] == uuid), None)
        if method != "POST" and row is None:
            return
        host, declared = (row or body)["domain"], self._declared
        known = self._state.find("Domain", host)
        if row is not None:
            there = world.applications[row["application"]]
            wanted = {known.outputs.get("application") if known else None}
            wanted |= {(world.application(slug) or {}).get("uuid") for slug in declared.slugs}
            if there["uuid"] not in wanted or not self._is_ours(world, there):
                self._found(ForeignChanged, f"{host} of {there['slug']} is changed")
        if method == "DELETE":
            site = known.outputs["site"] if known else ""
            if known is None:
                self._found(ForeignChanged, f"{host} is removed, which was never ours")
            elif site in declared.slugs and host in declared.hosts(site) and not declared.may_go(site):
                self._found(LivingDeleted, f"{host} is removed, but declared")
            return
        new = world.applications[body["application"]]
        if (
            not self._is_ours(world, new)
            or new["slug"] not in declared.slugs
            or host not in declared.hosts(new["slug"])
        ):
            self._found(ForeignChanged, f"{host} is given to {new['slug']}, where it is not declared")

    def _service_instances(self, world: World, method: str, uuid: str, body: dict[str, Any]) -> None:
        place = body.get("environment", "")
        if method != "POST" or (
            place in world.environments and world.place(place)[0]["slug"] != self._declared.original
        ):
            self._found(ForeignChanged, f"a service is changed: {method} {body}")

    # -- the run as a whole --------------------------------------------------------------------------------------------

    def end(self, run: Run, *, refreshed: bool) -> None:
        """Judge a run that is over, and raise the first thing that was wrong with it."""
        after = World(self._divio.world())
        for started in self.started:
            row = after.deployments.get(started.deployment)
            wrong = _wrong(started.carries, started.names, row["variables"]) if row and row["success"] else []
            if wrong and (run.succeeded or not self._others_write):
                self._found(WrongDeployment, f"{started.place} was deployed: {'; '.join(wrong)}")
        for text in (*run.failures, *run.said):
            if "unexpected error" in text:
                self._found(NoSentence, text)
        if not self._others_write:
            was, now = self._foreign(self._before), self._foreign(after)
            for key in was.keys() | now.keys():
                if was.get(key) != now.get(key):
                    self._found(ForeignChanged, f"{key}: {was.get(key)} became {now.get(key)}")
        if run.succeeded and refreshed and not self._others_write:
            self._succeeded(after)
        for violation in self.violations:
            violation.add_note(f"the run: {run}")
            violation.add_note(f"it said: {run.said}")
            raise violation

    def _succeeded(self, world: World) -> None:
        """After a refresh, all that is declared is set, but for what is said to be unfinished."""
        state = self._engine.state
        unfinished = {slug for report in state.unfinished.values() for slug in report}
        for slug in self._declared.slugs:
            for where in ENVIRONMENTS:
                uuid = world.environment(slug, where)
                if where not in self._declared.manage or slug in unfinished:
                    continue
                present = world.set_variables[uuid] if uuid else {}
                carries = {SITE_ID: state.ids.get(slug)} if slug != self._declared.original else {}
                carries |= {
                    name: value
                    for name, value in self._declared.variables(slug, where).items()
                    if isinstance(value, str)
                }
                wrong = _wrong(carries, frozenset(self._declared.names(slug, where)), present)
                if wrong:
                    self._found(FalseSuccess, f"{slug} {where}: {'; '.join(wrong)}")

    def _foreign(self, world: World) -> dict[str, Any]:
        """All that is nobody's business of ours, by words that say what it is."""
        found: dict[str, Any] = {}
        for uuid, row in world.applications.items():
            ours = row["slug"] in (*self._declared.slugs, *self._declared.retired) or uuid in self._known_uuids
            foreign = not ours or not self._is_ours(world, row)
            if foreign:
                found[f"application {row['slug']}"] = {**row, "commits": None}
            for environment, place in world.environments.items():
                if place["application"] != uuid:
                    continue
                mine = set() if foreign else self._names_ever(row["slug"], place["slug"])
                values = world.set_variables[environment]
                key = f"{row['slug']} {place['slug']}"
                if uuid in self._before.applications and (foreign or not self._declared.may_go(row["slug"])):
                    found[f"variables of {key}"] = {name: values[name] for name in values.keys() - mine}
                if foreign:
                    found[f"deployment of {key}"] = place["last_finished"]
        return found

    # -- what is known -------------------------------------------------------------------------------------------------

    def _found(self, kind: type[Violation], text: str) -> None:
        self.violations.append(kind(text))

    def _is_ours(self, world: World, application: Mapping[str, Any]) -> bool:
        """Whether it is the original, or a mirror of it: all else is a stranger, whatever its slug."""
        if application["slug"] == self._declared.original:
            return application["mirror_of"] is None
        original = world.application(self._declared.original)
        return original is not None and application["mirror_of"] == original["uuid"]

    def _known_application(self, slug: str) -> str:
        kind = "Application" if slug == self._declared.original else "Mirror"
        known = self._state.find(kind, slug)
        return str(known.outputs.get("uuid") or "") if known else ""

    @cached_property
    def _known_uuids(self) -> set[str]:
        return {str(one.outputs["uuid"]) for one in self._state.resources.values() if one.outputs.get("uuid")}

    def _names_ever(self, slug: str, where: str) -> set[str]:
        known = self._state.find("EnvironmentVariables", f"{slug}/{where}")
        names = {SITE_ID, *SHARED, *(known.outputs["variables"] if known else ())}
        return names | (self._declared.names(slug, where) if slug in self._declared.slugs else set())

    def _was_deployed(self, application: str) -> bool:
        rows = self._before.environments.values()
        return any(row["application"] == application and row["last_successful"] for row in rows)

    def _is_first_contact(self, application: Mapping[str, Any], where: str) -> bool:
        """Whether the state did not know this environment when the run began, and it had been deployed by then."""
        known = self._state.find("EnvironmentVariables", f"{application['slug']}/{where}")
        if known is not None and known.outputs.get("application") == application["uuid"]:
            return False
        rows = self._before.environments.values()
        return any(
            row["application"] == application["uuid"] and row["slug"] == where and row["last_successful"]
            for row in rows
        )

    def _taken_over(self, slug: str) -> bool:
        return self._declared.allows("DIVIO_TAKE_OVER", slug)

    def _claim(self, world: World, slug: str, site_id: str) -> None:
        owner = self._owners.setdefault(site_id, slug)
        if owner == slug:
            return
        if self._declared.retired.get(owner, {}).get("successor") == slug and world.application(owner) is None:
            self._owners[site_id] = slug
            return
        self._found(IdTwice, f"SITE_ID {site_id} goes to {slug}, which was {owner}'s")

    def _twin(self, world: World, slug: str, where: str) -> str:
        mine = self._engine.state.ids.get(slug)
        for row in world.applications.values():
            uuid = world.environment(row["slug"], where)
            if row["slug"] == slug or uuid is None or not self._is_ours(world, row):
                continue
            default = "1" if row["slug"] == self._declared.original else None
            if world.set_variables[uuid].get(SITE_ID, default) == mine:
                return str(row["slug"])
        return ""


def _rest(started: _Started) -> tuple[str, Mapping[str, str | None], frozenset[str]]:
    return started.place, started.carries, started.names


def _wrong(carries: Mapping[str, str | None], names: frozenset[str], there: Mapping[str, str]) -> list[str]:
    """What is wrong with a set of variables, without showing a value that may be a secret."""
    wrong = [f"without {name}" for name in sorted(names - there.keys())]
    for name, value in carries.items():
        if name in there and there[name] != value:
            wrong.append(
                f"with SITE_ID {there[name]}, its own is {value}" if name == SITE_ID else f"with another {name}"
            )
    return wrong
