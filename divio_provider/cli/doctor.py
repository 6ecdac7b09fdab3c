"""`divio-estate doctor`: what the token's account sees, and whether Divio's API is as we rely on it. It only reads."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import yaml
from rich.table import Table
from rich.text import Text

from divio_provider.api.client import Divio
from divio_provider.api.conformance.capabilities import Choice, domains_choice, mirrors_choice
from divio_provider.api.conformance.check import check
from divio_provider.api.conformance.openapi import FAMILIES, OpenApi
from divio_provider.api.conformance.results import Result, Verdict
from divio_provider.api.contract import mirrors, schema
from divio_provider.api.contract.types import Certainty
from divio_provider.api.errors import DivioError, NotUnderstood, Refused, Unauthorized
from divio_provider.api.settings import Settings
from divio_provider.cli.console import printed, table_with
from divio_provider.cli.exit_codes import FOUND, CouldNotRunError
from divio_provider.cli.stack_option import ApiUrl, stack_or_environment
from divio_provider.cli.text_files import text_of
from divio_provider.resources.host.configuration import explained

T = TypeVar("T")

_STYLES = {"fine": "green", "differs": "bold red", "missing": "bold red", "unknown": "yellow"}
_CONTRACT = ("path", "call", "field", "filter")


def doctor(
    stack: Annotated[
        str | None, typer.Option(metavar="S", help="Take address, token and settings from this stack.")
    ] = None,
    api_url: ApiUrl = None,
    schema: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Compare this OpenAPI document, without token or network; may be repeated."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Hold the API against what we rely on, item by item: fine, differs, missing or unknown. Changes nothing.

    Exit 0: every item is fine or labelled unknown; 1: something differs or is missing; 2: it could not run.
    """
    settings = stack_or_environment(stack, api_url).divio.settings
    try:
        checkup = _check_files(settings, schema) if schema else _check_api(Divio(replace(settings, read_only=True)))
    except DivioError as error:
        raise CouldNotRunError(explained(error)) from None
    if as_json:
        typer.echo(json.dumps(_as_data(checkup), indent=2, ensure_ascii=False))
    else:
        show(checkup)
    if checkup.findings:
        raise typer.Exit(FOUND)


@dataclass(frozen=True)
class Account:
    """What there is for this account, by names.

    `plan_groups` by organisation, `services` by region; `applications` and `mirrors` are numbers, `unsubscribed` the
    slugs of mirrors that Divio shows without a plan. None: could not be read. `items` has a line for each question.
    """

    user: str
    plan_groups: dict[str, tuple[str, ...]]
    services: dict[str, tuple[str, ...]]
    applications: int | None
    mirrors: int | None
    unsubscribed: tuple[str, ...]
    items: tuple[Result, ...]


@dataclass(frozen=True)
class Checkup:
    """All that was found out. `account` is None where nobody was asked."""

    source: str
    account: Account | None
    choices: Mapping[str, Choice]
    limits: Mapping[str, str]
    items: tuple[Result, ...]

    @property
    def findings(self) -> tuple[Result, ...]:
        """The items that do not hold."""
        return tuple(item for item in self.items if item.wrong)


def _check_api(divio: Divio) -> Checkup:
    seen = _account(divio)
    schemas: list[OpenApi] = []
    unreadable: dict[str, str] = {}
    for call in (schema.APPS, schema.IAM, schema.BILLING):
        try:
            schemas.append(OpenApi(divio.schema.read(call)))
        except Unauthorized:
            raise
        except (Refused, NotUnderstood) as error:
            unreadable[call.path] = f"cannot be read: {error.problem}"
    verified = {"token": seen.items[0].detail, "pages": "lists were read that way"}
    if divio.server_date is not None:
        verified["server-date"] = "its answers carry a Date"
    return _checkup(divio.settings.api_url, divio.settings, schemas, seen, unreadable, verified)


def _account(divio: Divio) -> Account:
    """Ask for everything. Raises DivioError where Divio does not answer at all or does not accept the token."""
    items: list[Result] = []

    def listed_items(name: str, ask: Callable[[], tuple[T, ...]], describe: Callable[[T], str]) -> tuple[T, ...] | None:
        try:
            found = ask()
        except Unauthorized:
            raise
        except (Refused, NotUnderstood) as error:
            items.append(_line(name, Verdict.UNKNOWN, f"cannot be read: {error}"))
            return None
        said = ", ".join(describe(one) for one in found)
        items.append(_line(name, Verdict.FINE if found else Verdict.MISSING, said or "the account sees none"))
        return found

    me = divio.me.get()
    user = me.email or me.uuid or "somebody"
    items.append(_line("token", Verdict.FINE, f"belongs to {user}"))
    organisations = listed_items("organisations", divio.organisations.list, lambda one: one.name) or ()
    plan_groups = {}
    for organisation in organisations:
        name = f"plan groups of {organisation.name}"
        plans = listed_items(name, partial(divio.plan_groups.list, organisation.uuid), lambda one: one.name)
        plan_groups[organisation.name] = tuple(one.name for one in plans or ())
    services = {}
    for region in listed_items("regions", divio.regions.list, lambda one: one.name) or ():
        offered = listed_items(
            f"services in {region.name}",
            partial(divio.services.list, region.uuid),
            lambda one: one.identifier or one.name,
        )
        services[region.name] = tuple(one.identifier or one.name for one in offered or ())
    applications, mirrors, unsubscribed = _applications(divio, items)
    return Account(user, plan_groups, services, applications, mirrors, unsubscribed, tuple(items))


def _applications(divio: Divio, items: list[Result]) -> tuple[int | None, int | None, tuple[str, ...]]:
    try:
        listed = divio.applications.list()
    except (Refused, NotUnderstood) as error:
        items.append(_line("applications", Verdict.UNKNOWN, f"cannot be read: {error}"))
        return None, None, ()
    mirrors = [one for one in listed if isinstance(divio.mirrors.relation(one), str)]
    items.append(_line("applications", Verdict.FINE, f"{len(listed)}, {len(mirrors)} of them shown as mirrors"))
    shown = [one for one in mirrors if "plan_group" in one.model_fields_set]
    slugs = tuple(one.slug for one in shown if not one.plan_group)
    if slugs:
        detail = f"{', '.join(slugs)}: Divio shows no plan; choose one in the Control Panel"
        items.append(_line("subscriptions of mirrors", Verdict.MISSING, detail))
    elif mirrors:
        verdict = Verdict.FINE if shown else Verdict.UNKNOWN
        said = "every mirror has a plan" if shown else "Divio does not show the plans of applications"
        items.append(_line("subscriptions of mirrors", verdict, said))
    return len(listed), len(mirrors), slugs


def _line(name: str, verdict: Verdict, detail: str) -> Result:
    return Result("account", "", name, verdict, Certainty.SEEN, "Divio's answer", detail)


def _check_files(settings: Settings, files: Sequence[Path]) -> Checkup:
    schemas = [_read_schema(file) for file in files]
    return _checkup(", ".join(map(str, files)), settings, schemas, None, {}, {})


def _checkup(
    source: str,
    settings: Settings,
    schemas: Sequence[OpenApi],
    seen: Account | None,
    unreadable: Mapping[str, str],
    verified: Mapping[str, str],
) -> Checkup:
    shape = mirrors.parse_setting(settings.mirrors)
    applications = next((one for one in schemas if one.covers(mirrors.CREATE.path)), None)
    choices = {
        "divio:mirrors": mirrors_choice(settings.mirrors, applications),
        "divio:domains": domains_choice(settings.domains, applications),
    }
    items = [*(seen.items if seen else ()), *(choice.result(name) for name, choice in choices.items())]
    for item in check(schemas, shape.name if isinstance(shape, mirrors.ByField) else None, unreadable):
        seen_live = item.kind == "behaviour" and item.name in verified
        items.append(replace(item, verdict=Verdict.FINE, detail=verified[item.name]) if seen_live else item)
    limits = {
        "requests a second": f"we send at most {settings.requests_per_second:g}; Divio's own limit is unknown",
        "database connections": "60 at a time for an environment (docs); how mirrors on one database count is unknown",
        "build, each release command": "30 minutes (docs)",
        "environments of an application": "as the plan allows; the API does not show it",
        "slug": "57 characters (inferred)",
    }
    return Checkup(source, seen, choices, limits, tuple(items))


def _read_schema(file: Path) -> OpenApi:
    text = text_of(file, "download the API's schema.json first")
    document = None
    for read in (json.loads, yaml.safe_load):
        with suppress(yaml.YAMLError, ValueError, RecursionError):
            document = read(text)
            break
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        raise CouldNotRunError(f"{file}: is no OpenAPI document in JSON or YAML; it has no paths")
    described = OpenApi(document)
    if not any(described.covers(f"/{family}/") for family in FAMILIES):
        raise CouldNotRunError(f"{file}: describes nothing under /apps/, /iam/ or /billing/; is it Divio's?")
    return described


def _as_data(checkup: Checkup) -> dict[str, Any]:
    counts = Counter(item.verdict.value for item in checkup.items)
    account = asdict(checkup.account) if checkup.account else None
    if account:
        del account["items"]
    return {
        "source": checkup.source,
        "account": account,
        "choices": {name: asdict(choice) for name, choice in checkup.choices.items()},
        "limits": dict(checkup.limits),
        "counts": {verdict: counts[verdict] for verdict in ("fine", "differs", "missing", "unknown")},
        "items": [asdict(item) for item in checkup.items],
        "findings": [asdict(item) for item in checkup.findings],
    }


def show(checkup: Checkup) -> None:
    """Print what was asked, the items by collection, what stays unverified, and how it stands in one sentence."""
    with printed() as console:
        console.print(Text(f"Divio's API as {checkup.source} shows it\n"), soft_wrap=True)
        _section(checkup.items, ("account", "choice"), console.print)
        for name, limit in checkup.limits.items():
            console.print(Text(f"limit    {name}: {limit}", style="dim"), soft_wrap=True)
        console.print()
        console.print(table([item for item in checkup.items if item.kind in _CONTRACT]))
        console.print("\nBeyond any schema: what we rely on besides, and how sure we are of it\n")
        _section(checkup.items, ("behaviour",), console.print)
        console.print()
        for finding in checkup.findings:
            console.print(Text(str(finding), style="bold red"), soft_wrap=True)
        console.print(Text(sentence(checkup)), soft_wrap=True)


def table(items: Iterable[Result]) -> Table:
    """A row for each call and each item that is not fine; fields and filters that are fine share one."""
    made = table_with("Verdict", "About", "Item", "Detail")
    about: dict[str, list[Result]] = {}
    for item in items:
        about.setdefault(item.about, []).append(item)
    for name, listed in about.items():
        fine: dict[str, list[str]] = {}
        for item in listed:
            if item.verdict == "fine" and item.kind in {"field", "filter"}:
                fine.setdefault(item.kind, []).append(item.name)
            else:
                certainty = f" ({item.certainty})" if item.certainty != "seen" else ""
                what = item.name if item.kind in {"call", "path"} else f"{item.kind} {item.name}"
                made.add_row(_verdict(item), name, Text(f"{what}{certainty}"), Text(item.detail))
        for kind, names in fine.items():
            made.add_row(Text("fine", style="green"), name, f"{kind}s", Text(", ".join(names)))
    return made


def sentence(checkup: Checkup) -> str:
    """How the API stands, in one sentence."""
    number = len(checkup.findings)
    unknown = sum(item.verdict == "unknown" for item in checkup.items)
    if number:
        return f"{number} {'finding' if number == 1 else 'findings'}; {unknown} items cannot be verified."
    return f"All that can be verified is fine; {unknown} items cannot be."


def _section(items: Iterable[Result], kinds: tuple[str, ...], say: Callable[..., None]) -> None:
    for item in items:
        if item.kind in kinds:
            line = _verdict(item)
            line.pad_right(9 - len(line))
            certainty = f" ({item.certainty}: {item.source})" if item.kind == "behaviour" else ""
            line.append(f"{item.name}: {item.detail}{certainty}", style="default not bold")
            say(line, soft_wrap=True)


def _verdict(item: Result) -> Text:
    return Text(item.verdict.value, style=_STYLES[item.verdict.value])
