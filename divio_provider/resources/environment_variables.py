"""`EnvironmentVariables`: all our variables on one site's environment, the original's shared ones included.

A mirror's environment without `SITE_ID` would act as site 1, and without the shared variables on a database of its
own: `check` refuses the first, and nothing here ever removes either from a mirror that stays.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from divio_provider.estate.changes import Declared, Present, changes
from divio_provider.estate.wiring import SITE_ID, WIRED, copy_state, site_id_problem
from divio_provider.resources import engine, snapshot
from divio_provider.resources.application import environments_of
from divio_provider.resources.originals import deployed
from divio_provider.resources.provider import (
    DivioProvider,
    DivioResource,
    Failed,
    Props,
    checked,
    count_up,
    spoken,
    unknown,
)
from divio_provider.resources.shared_values import shared_values
from divio_provider.resources.variable_writes import write

_INPUTS = (
    "site",
    "environment",
    "application",
    "original",
    "source",
    "variables",
    "sensitive",
    "shared",
    "shared_values",
    "ownership",
    "others",
    "generation",
    "wired",
)
_BY_DEPLOYING = ("application", "variables", "sensitive", "shared", "shared_values", "others")
_WIRING = ("application", "source", "shared", "shared_values")


class Crud(DivioProvider):
    """Additions and updates before removals; a variable that Divio refuses is that site's trouble alone."""

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Normalise the values, count the generations, refuse a mirror without a `SITE_ID` of its own."""
        inputs = {name: news[name] for name in _INPUTS if news.get(name) is not None}
        variables = news.get("variables") or {}
        if isinstance(variables, dict):
            variables = {name: _text(value) for name, value in variables.items()}
        inputs["variables"] = variables
        inputs["shared"] = dict.fromkeys(news.get("shared") or [], WIRED)
        inputs["ownership"] = news.get("ownership") or "owned"
        if inputs["ownership"] == "exclusive":
            inputs["others"] = []
        inputs["generation"] = count_up(_olds, inputs, "generation", _BY_DEPLOYING)
        inputs["wired"] = count_up(_olds, inputs, "wired", _WIRING)
        return checked(inputs, *_problems(inputs))

    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """Let the engine compare; what is unfinished is always to be done."""
        return DiffResult(changes=True if _olds.get("unfinished") else None)

    @spoken
    def create(self, props: Props) -> CreateResult:
        """Set what is declared; foreign variables stay, a `SITE_ID` that differs is never changed silently."""
        return CreateResult(f"{props['site']}/{props['environment']}", self._converge({}, props))

    @spoken
    def read(self, id_: str, props: Props) -> ReadResult:
        """What Divio shows of the declared variables. A withheld value counts as ours while the variable is there."""
        divio = self.divio
        inputs = {name: props[name] for name in _INPUTS if name in props}
        if not props.get("application"):
            return ReadResult(id_, dict(props), inputs)
        site = snapshot.application(divio, props["site"])
        environment = snapshot.environments(divio, site.uuid).get(props["environment"]) if site else None
        if site is None or environment is None:
            return ReadResult("", {})
        present = {item.name: item for item in snapshot.variables(divio, site.uuid, environment.uuid)}
        inputs["variables"] = {
            name: value if present[name].value is None else present[name].value
            for name, value in (props.get("variables") or {}).items()
            if name in present
        }
        inputs["sensitive"] = sorted(name for name in inputs["variables"] if present[name].is_sensitive)
        if props.get("shared"):
            inputs["shared"] = self._copies(props, present)
        if props.get("ownership") == "exclusive":
            inputs["others"] = sorted(present.keys() - _kept(props) - (props.get("variables") or {}).keys())
        return ReadResult(id_, {**props, **inputs}, inputs)

    @spoken
    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Bring the environment to what is declared."""
        return UpdateResult(self._converge(_olds, _news))

    @spoken
    def delete(self, _id: str, _props: Props) -> None:
        """Remove what we own, but `SITE_ID` and shared variables: those go only with the application itself."""
        if not _props.get("application"):
            return
        divio = self.divio
        site = divio.applications.find(_props["site"])
        environment = environments_of(divio, site.uuid).get(_props["environment"]) if site else None
        if environment is None:
            return
        ours = set(_props.get("variables") or {}) - _kept(_props)
        for variable in divio.environment_variables.list([environment], fresh=True):
            if variable.name in ours:
                divio.environment_variables.delete(variable.uuid, name=variable.name)

    def _copies(self, props: Props, present: Collection[str]) -> dict[str, str]:
        original = deployed(self.divio, props["source"], props["environment"]) if props.get("source") else None
        copied, given = props.get("fingerprint") or {}, props.get("shared_values") or {}
        states: dict[str, str] = {}
        for name in props["shared"]:
            theirs = original.fingerprint(name) if original and name not in given else None
            states[name] = copy_state(name in present, copied.get(name), theirs)
        return states

    def _converge(self, olds: Props, news: Props) -> Props:
        divio = self.divio
        site, slug = news["site"], news["environment"]
        if not news.get("application"):
            return _unfinished(olds, news, f"waits for the application {site}, which does not exist yet")
        environment = environments_of(divio, news["application"]).get(slug)
        if environment is None:
            return _unfinished(olds, news, f"Divio shows no environment {slug} of it")
        listed = {item.name: item for item in divio.environment_variables.list([environment], fresh=True)}
        present = {name: Present(item.value, bool(item.is_sensitive)) for name, item in listed.items()}
        _keep_site_id(olds, news, present)
        copies, waiting = shared_values(divio, news)
        declared = {**_literals(olds, news), **_copied(olds, copies, news)}
        planned = changes(
            present,
            declared,
            owned=set(olds.get("variables") or {}),
            kept=_kept(news) | _kept(olds),
            exclusive=news["ownership"] == "exclusive",
        )
        foreign = [item.name for item in planned if item.operation == "update" and item.name not in _ours(olds)]
        if foreign:
            engine.warn(f"{site} {slug}: overwrites {', '.join(foreign)}, set by hand before this program declared it")
        written = write(divio, environment, planned, declared, listed, wiring=copies)
        refused = "; ".join(written.refused)
        now = divio.server_date
        outputs = {
            **news,
            "fingerprint": {**(olds.get("fingerprint") or {}), **_prints(copies, news)},
            "changed_at": _time(
                written.at or (now if _differs(olds, news, _BY_DEPLOYING) else None), olds, "changed_at"
            ),
            "wired_at": _time(written.wired_at or (now if _differs(olds, news, _WIRING) else None), olds, "wired_at"),
            "unfinished": {},
        }
        reasons = "; ".join(reason for reason in (waiting, refused) if reason)
        return _unfinished(olds, outputs, reasons) if reasons else outputs


def _problems(inputs: Props) -> list[str]:
    place = f"{inputs.get('site')} {inputs.get('environment')}"
    problems = []
    if inputs.get("environment") not in ("test", "live") and not unknown(inputs.get("environment")):
        problems.append(f'environment "{inputs.get("environment")}" must be test or live')
    if inputs["ownership"] not in ("owned", "exclusive"):
        problems.append(f'{place}: ownership "{inputs["ownership"]}" must be owned or exclusive')
    variables = inputs["variables"]
    if not isinstance(variables, dict):
        return problems
    site_id = variables.get(SITE_ID)
    if inputs.get("original") and not unknown(site_id):
        reason = site_id_problem(site_id)
        if reason:
            problems.append(f"{place}: a mirror needs a {SITE_ID} of its own, but {reason}; without it acts as site 1")
    crossed = sorted(variables.keys() & inputs["shared"].keys())
    if crossed:
        problems.append(f"{place}: {', '.join(crossed)} is both declared and shared; it can be only one of them")
    return problems


def _text(value: Any) -> Any:
    # Pulumi's numbers are doubles: 1 arrives as 1.0.
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) or unknown(value) else str(value)


def _kept(props: Props) -> set[str]:
    return {SITE_ID, *(props.get("shared") or {})}


def _ours(olds: Props) -> set[str]:
    return {*(olds.get("variables") or {}), *(olds.get("shared") or {})}


def _keep_site_id(olds: Props, news: Props, present: Mapping[str, Present]) -> None:
    wanted, found = news["variables"].get(SITE_ID), present.get(SITE_ID)
    if wanted is None or found is None or SITE_ID in (olds.get("variables") or {}) or found.value == wanted:
        return
    shown = "withheld, since it is sensitive there" if found.value is None else found.value
    pin = "" if found.value is None else f"; to keep the present one, pin it: site_id: {found.value}"
    raise Failed(
        f"{news['site']} {news['environment']}: {SITE_ID} is {shown} on Divio, declared is {wanted}; a site's id is "
        f"never changed silently, its content would stay with the old one{pin}"
    )


def _literals(olds: Props, news: Props) -> dict[str, Declared]:
    before = {} if olds.get("unfinished") else olds.get("variables") or {}
    sensitive = set(news.get("sensitive") or [])
    return {
        name: Declared(value, name in sensitive, unchanged=before.get(name) == value)
        for name, value in news["variables"].items()
    }


def _copied(olds: Props, copies: Mapping[str, tuple[str, str]], news: Props) -> dict[str, Declared]:
    before = {} if olds.get("unfinished") or olds.get("application") != news["application"] else olds
    prints = before.get("fingerprint") or {}
    states = before.get("shared") or {}
    return {
        name: Declared(value, is_sensitive=True, unchanged=prints.get(name) == print_ and states.get(name) == WIRED)
        for name, (value, print_) in copies.items()
    }


def _prints(copies: Mapping[str, tuple[str, str]], news: Props) -> dict[str, str]:
    return {name: print_ for name, (_, print_) in copies.items() if name in news["shared"]}


def _differs(olds: Props, news: Props, names: tuple[str, ...]) -> bool:
    # An earlier run may have written and died before it could say so: a declared difference counts as a write.
    return bool(olds) and any(olds.get(name) != news.get(name) for name in names)


def _time(at: datetime | None, olds: Props, name: str) -> str:
    return at.isoformat() if at is not None else str(olds.get(name) or "")


def _unfinished(olds: Props, news: Props, reason: str) -> Props:
    site, environment = news["site"], news["environment"]
    engine.warn(f"{site} {environment} is unfinished: {reason}")
    carried = {"fingerprint": olds.get("fingerprint") or {}}
    carried |= {name: olds.get(name) or "" for name in ("changed_at", "wired_at")}
    return {**carried, **news, "unfinished": {site: reason}}


class EnvironmentVariables(DivioResource, module="divio", name="EnvironmentVariables"):
    """All our variables on one site's environment.

    Outputs: `generation` and `wired`, which count changes of any variable and of the shared ones, `fingerprint` of
    each copied value, `changed_at` and `wired_at`, the server's times of our last writes, and `unfinished`, a map of
    the site's slug to what could not be done, empty when all is in place.
    """

    generation: pulumi.Output[int]
    wired: pulumi.Output[int]
    wired_at: pulumi.Output[str]
    fingerprint: pulumi.Output[dict[str, str]]
    changed_at: pulumi.Output[str]
    unfinished: pulumi.Output[dict[str, str]]

    def __init__(
        self,
        resource_name: str,
        site: pulumi.Input[str],
        environment: pulumi.Input[str],
        application: pulumi.Input[str],
        variables: Mapping[str, pulumi.Input[str | int]],
        original: pulumi.Input[str] | None = None,
        source: pulumi.Input[str] | None = None,
        shared: Sequence[str] = (),
        shared_values: Mapping[str, pulumi.Input[str]] | None = None,
        sensitive: Sequence[str] | None = None,
        ownership: pulumi.Input[str] = "owned",
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare them.

        `site` is the application's slug, `application` its uuid (empty: it does not exist yet), `environment` is
        `test` or `live`. A mirror's has `original` and `source`, the original's slug and uuid, `shared`, the names to
        copy from the original's same environment, and a `SITE_ID` among its `variables`. `shared_values` gives values
        that Divio withholds there. `sensitive` are names to mark as sensitive on Divio, by default those whose value
        is a Pulumi secret. `ownership` is `owned`: other people's variables stay, or `exclusive`: they are removed.
        """
        props: Props = {
            "site": site,
            "environment": environment,
            "application": application,
            "original": original,
            "source": source,
            "variables": dict(variables),
            "sensitive": sorted(sensitive) if sensitive is not None else _secret_names(variables),
            "shared": sorted(shared),
            "shared_values": dict(shared_values) if shared_values else None,
            "ownership": ownership,
            "generation": None,
            "wired": None,
            "fingerprint": None,
            "changed_at": None,
            "wired_at": None,
            "unfinished": None,
        }
        super().__init__(Crud(), resource_name, props, opts)


def _secret_names(variables: Mapping[str, pulumi.Input[str | int]]) -> pulumi.Output[list[str]]:
    async def names() -> list[str]:
        return sorted(
            [name for name, value in variables.items() if isinstance(value, pulumi.Output) and await value.is_secret()]
        )

    return pulumi.Output.from_input(names())
