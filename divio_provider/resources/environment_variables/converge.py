"""Brings one environment's variables on Divio to what is declared, and reports what could not be done."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from divio_provider.api.client import Divio
from divio_provider.api.errors import AlreadyExists, Forbidden, Refused, Unauthorized
from divio_provider.api.models import Environment, EnvironmentVariable
from divio_provider.estate.planning.unfinished import Code, Unfinished
from divio_provider.estate.planning.variable_diff import Change, Declared, Present, changes, differences
from divio_provider.estate.planning.wiring import RELEASE, SITE_ID, WIRED
from divio_provider.resources.base.properties import Props
from divio_provider.resources.environment_variables.inputs import DEPLOYED_INPUTS, WIRED_INPUTS, never_removed
from divio_provider.resources.environment_variables.shared_values import shared_values
from divio_provider.resources.host import engine
from divio_provider.resources.host.configuration import Configuration
from divio_provider.resources.host.error_reporting import Failed
from divio_provider.resources.reader import visibility
from divio_provider.resources.reader.first_contact import last_deployment, refuse_differences, refuse_stranger
from divio_provider.resources.reader.lists import Reader

# They concern the token or its permissions, not one variable: every further call would fail as well.
_CONCERN_EVERY_CALL = (Unauthorized, Forbidden)


def converge(divio: Divio, configuration: Configuration, olds: Props, news: Props) -> Props:
    """Write what differs, and return the resource's outputs. `olds` are the old outputs, empty for a new resource.

    Raises `Failed` where Divio has another `SITE_ID` than is declared, where a value cannot or must not be copied, and at
    the first contact with an environment that was deployed and differs.
    """
    site, slug = news["site"], news["environment"]
    is_first_contact = (olds.get("application") or "") != news.get("application")
    # Without a uuid the state says that nothing of it has reached Divio.
    before_contact = {**news, "application": ""} if is_first_contact else news
    if not news.get("application"):
        return _unfinished(olds, news, ("waits", f"waits for the application {site}, which does not exist yet"))
    predecessor = next(
        (one for one in news.get("predecessors") or () if divio.applications.find(one) is not None), None
    )
    if predecessor is not None:
        waiting = f"waits until {predecessor}, whose SITE_ID it carries on, is gone from Divio"
        return _unfinished(olds, before_contact, ("waits", waiting))
    divio.learn_slug(news["application"], site)
    found = divio.environments.find(news["application"], slug)
    if found is None:
        return _unfinished(olds, before_contact, ("missing", _missing_environment(divio, news)))
    environment = found.uuid
    listed = {item.name: item for item in divio.environment_variables.list([environment], fresh=True)}
    present = {name: Present(item.value, bool(item.is_sensitive)) for name, item in listed.items()}
    member = Reader(divio).applications.get(news["application"]) if news.get("original") else None
    if member is not None:  # what became another thing since gets none of the original's values
        refuse_stranger(divio, member, news)
    olds = {} if is_first_contact else olds
    _refuse_site_id_change(divio, olds, news, present, found)
    copies, lacking = shared_values(divio, news)
    declared = {**_declared_values(olds, news), **_shared_copies(olds, copies)}
    planned = changes(
        present,
        declared,
        owned=set(olds.get("variables") or {}),
        kept=never_removed(news) | never_removed(olds),
        exclusive=news.get("ownership") == "exclusive",
    )
    last = last_deployment(divio, found) if is_first_contact else None
    adopted = bool(olds.get("adopted"))
    if last is not None:
        if lacking:
            return _unfinished(olds, before_contact, ("waits", lacking))
        # Which release runs is no difference: a new state releases nothing.
        compared = {name: value for name, value in declared.items() if name != RELEASE}
        differing = differences(present, compared, divio.deployments.variables(last.uuid, compared))
        besides = [f"{item.name} is set besides" for item in planned if item.operation == "remove"]
        place, told = f"{site} {slug}", [*differing.values(), *besides]
        refuse_differences(divio, configuration, site, place, told, news["application"])
        adopted = not told
        # What is proven equal is not written again, or the wiring would deploy it ahead of the waves.
        equal = compared.keys() - differing.keys() if told else {item.name for item in planned}
        planned = tuple(item for item in planned if item.name not in equal)
    ours = {*(olds.get("variables") or {}), *(olds.get("shared") or {})}
    foreign = [item.name for item in planned if item.operation == "update" and item.name not in ours]
    if foreign:
        engine.warn(f"{site} {slug}: overwrites {', '.join(foreign)}, set by hand before this program declared it")
    written = _write(divio, environment, planned, declared, listed, wiring=copies)
    if written.trimmed:
        engine.warn(
            f"{site} {slug}: Divio cut the blanks off the ends of {', '.join(written.trimmed)}; declare the values so"
        )
    # An earlier run may have written and died before it could say so: a declared difference counts as a write, unless it is
    # proven to be deployed already, as after an old state was imported again.
    differ = [any(olds.get(name) != news.get(name) for name in names) for names in (DEPLOYED_INPUTS, WIRED_INPUTS)]
    if not olds or (written.at is None and any(differ) and _is_deployed(divio, found, olds, declared, present)):
        differ = [False, False]
    own, wired = (divio.server_date if each else None for each in differ)
    outputs = {
        **news,
        "change": _change(olds, news, "", written.at or own),
        "shared_change": {
            **_change(olds, news, "shared_", written.shared_at or wired),
            "fingerprints": _old_fingerprints(olds) | {name: print_ for name, (_, print_) in copies.items()},
        },
        "trimmed": sorted(_trimmed_names(olds, news) | set(written.trimmed)),
        "unfinished": {},
        **({"adopted": True} if adopted else {}),
    }
    reasons: list[tuple[Code, str]] = [("waits", lacking)] if lacking else []
    reasons += [("refused", text) for text in written.refused]
    return _unfinished(olds, outputs, *reasons) if reasons else outputs


def _is_deployed(
    divio: Divio, found: Environment, olds: Props, declared: Mapping[str, Declared], present: Mapping[str, Present]
) -> bool:
    """Whether the last deployment is proven to carry all that is declared, and nothing that is declared no more."""
    last = last_deployment(divio, found)
    if last is None:
        return False
    carried = divio.deployments.variables(last.uuid, declared)
    gone = {*(olds.get("variables") or {}), *(olds.get("foreign") or ())} - declared.keys()
    return not gone & carried.keys() and not differences(present, declared, carried)


@dataclass
class _Written:
    """What came of the calls.

    `at` is the server's time of our last write (None: nothing was written), `shared_at` the same for shared variables
    alone, `refused` are refusals in words, `trimmed` the names whose values Divio shows without the blanks at their ends.
    """

    at: datetime | None = None
    shared_at: datetime | None = None
    refused: list[str] = field(default_factory=list)
    trimmed: list[str] = field(default_factory=list)


def _write(
    divio: Divio,
    environment: str,
    changes: Iterable[Change],
    declared: Mapping[str, Declared],
    present: Mapping[str, EnvironmentVariable],
    wiring: Collection[str] = (),
) -> _Written:
    """Make `changes` on the environment with this uuid; `wiring` are the names of shared variables.

    A variable that Divio refuses is noted and the others go on; an error that concerns every call is raised.
    """
    written = _Written()
    for change in changes:
        try:
            shown = _apply(divio, environment, change, declared, present)
        except Refused as error:
            if isinstance(error, _CONCERN_EVERY_CALL):
                raise
            written.refused.append(f"Divio refused to {change.operation} {change.name}: {error}")
        else:
            written.at = divio.server_date or written.at
            written.shared_at = written.at if change.name in wiring else written.shared_at
            wanted = declared.get(change.name)
            if wanted is not None and shown == wanted.value.strip() != wanted.value:
                written.trimmed.append(change.name)
    return written


def _apply(
    divio: Divio,
    environment: str,
    change: Change,
    declared: Mapping[str, Declared],
    present: Mapping[str, EnvironmentVariable],
) -> str | None:
    """Make one change; the value as Divio shows it afterwards, None where it shows none."""
    variables = divio.environment_variables
    if change.operation == "remove":
        variables.delete(present[change.name].uuid, name=change.name)
        return None
    wanted = declared[change.name]
    if change.operation == "add":
        try:
            return variables.create(environment, change.name, wanted.value, is_sensitive=wanted.is_sensitive).value
        except AlreadyExists as error:
            # Somebody else added it between our look and our write, or the answer to our own write was lost.
            uuid = error.uuid
    else:
        uuid = present[change.name].uuid
    return variables.update(uuid, value=wanted.value, is_sensitive=wanted.is_sensitive, name=change.name).value


def _missing_environment(divio: Divio, news: Props) -> str:
    """Why Divio shows no such environment; raises `Failed` where it may only be hidden from the token's account."""
    source, original = news.get("original_uuid") or "", news.get("original") or ""
    found = visibility.application(divio, news["site"], news["application"], source=source, original=original)
    if found is None or found.uuid != news["application"]:
        return "it is no longer the application that the state knows; pulumi up --refresh looks for it anew"
    return f"Divio shows no environment {news['environment']} of it"


def _refuse_site_id_change(
    divio: Divio, olds: Props, news: Props, present: Mapping[str, Present], environment: Environment
) -> None:
    """Raise `Failed` where a `SITE_ID` would take the place of another that nobody asked to give up.

    It is written where none is set or deployed, where it is what was deployed last, and where the file pins it.
    """
    wanted, found = news["variables"].get(SITE_ID), present.get(SITE_ID)
    if wanted is None or news.get("pinned") or (found is not None and found.value == wanted):
        return
    last = last_deployment(divio, environment)
    deployed = divio.deployments.variables(last.uuid, [SITE_ID]) if last is not None else {}
    if deployed.get(SITE_ID) == wanted or (found is None and SITE_ID not in deployed):
        return
    shown = (found.value if found is not None else None) or deployed.get(SITE_ID)
    if shown is None and (olds.get("variables") or {}).get(SITE_ID) == wanted:
        return  # what is withheld is what we wrote, as far as anybody can see
    pin = "" if shown is None else f"; to keep the present one, pin it: site_id: {shown}"
    raise Failed(
        f"{news['site']} {news['environment']}: {SITE_ID} is {shown or 'withheld, since it is sensitive there,'} on Divio, "
        f"declared is {wanted}; a site's id is never changed silently, its content would stay with the old one{pin}; to "
        f"change it, pin the declared one: site_id: {wanted}"
    )


def _declared_values(olds: Props, news: Props) -> dict[str, Declared]:
    before = {} if olds.get("unfinished") else olds.get("variables") or {}
    sensitive = set(news.get("sensitive") or [])
    trimmed = _trimmed_names(olds, news)
    return {
        name: Declared(value.strip() if name in trimmed else value, name in sensitive, before.get(name) == value)
        for name, value in news["variables"].items()
    }


def _trimmed_names(olds: Props, news: Props) -> set[str]:
    """The names whose values Divio cut when we wrote them, and that are declared as they were then."""
    before = olds.get("variables") or {}
    return {name for name in olds.get("trimmed") or () if before.get(name) == news["variables"].get(name, "")}


def _shared_copies(olds: Props, copies: Mapping[str, tuple[str, str]]) -> dict[str, Declared]:
    before = {} if olds.get("unfinished") else olds
    prints = _old_fingerprints(before)
    states = before.get("shared") or {}
    return {
        name: Declared(value, is_sensitive=True, unchanged=prints.get(name) == print_ and states.get(name) == WIRED)
        for name, (value, print_) in copies.items()
    }


def _change(olds: Props, news: Props, whose: str, at: datetime | None) -> Props:
    """The output `change` or `shared_change`; without a time of its own it keeps the one it had."""
    before = (olds.get(f"{whose}change") or {}).get("at") or ""
    return {"number": news[f"{whose}generation"], "at": at.isoformat() if at is not None else before}


def _old_fingerprints(olds: Props) -> Props:
    return (olds.get("shared_change") or {}).get("fingerprints") or {}


def _unfinished(olds: Props, news: Props, *reasons: tuple[Code, str]) -> Props:
    site, environment = news["site"], news["environment"]
    engine.warn(f"{site} {environment} is unfinished: {'; '.join(text for _, text in reasons)}")
    shared = {**_change(olds, news, "shared_", None), "fingerprints": _old_fingerprints(olds)}
    carried = {"change": _change(olds, news, "", None), "shared_change": shared}
    items = [Unfinished(environment=environment, code=code, text=text) for code, text in reasons]
    return {**carried, **news, "unfinished": {site: items}}
