"""`Mirror`: an application that runs the original's code. Found by its slug, created where the API can, else pending."""

from typing import Any, Unpack

import pulumi
from pulumi import Input
from pulumi.dynamic import CheckResult, CreateResult, ReadResult, UpdateResult

from divio_provider.api.client import Divio
from divio_provider.api.contract.types import Manual
from divio_provider.api.endpoints.mirrors import UNKNOWN
from divio_provider.api.errors import NotFound
from divio_provider.api.models import Application as Found
from divio_provider.api.models import MirrorCreate
from divio_provider.estate.planning.unfinished import Code, Unfinished
from divio_provider.resources.base.application import (
    creation,
    identity_problems,
    is_another,
    other_plan,
    refreshed,
    refuse_other_place,
    shown_place,
    still_shown,
)
from divio_provider.resources.base.inputs import ApplicationInputs
from divio_provider.resources.base.properties import Props, check_result, immutable_problem
from divio_provider.resources.base.provider import DivioProvider
from divio_provider.resources.base.resource import DivioResource, Options
from divio_provider.resources.host import engine
from divio_provider.resources.host.configuration import ALLOW_DELETE, FORGET, TAKE_OVER, includes
from divio_provider.resources.host.error_reporting import Failed
from divio_provider.resources.reader import visibility
from divio_provider.resources.reader.first_contact import last_deployments, refuse_differences, refuse_stranger
from divio_provider.resources.reader.lists import environments_of


class Inputs(ApplicationInputs):
    """What a `Mirror` takes. Its region must be the original's: Divio fails a mirror's deployment elsewhere."""

    original: Input[str]
    """The original's slug."""
    original_uuid: Input[str]
    """Empty while the original does not exist."""


class MirrorProvider(DivioProvider):
    """Find-or-create by slug. What cannot be done yet is stored as `unfinished`, and tried again by the next `up`."""

    inputs = (*Inputs.__annotations__,)

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Refuse what cannot change."""
        inputs = still_shown(_olds, self.inputs_of(news))
        return check_result(
            inputs,
            *identity_problems(_olds, inputs),
            immutable_problem(_olds, inputs, "original", "a mirror keeps its original; declare a new site instead"),
        )

    def create(self, props: Props) -> CreateResult:
        """Find it by slug or create it; succeeds as unfinished while it has to wait."""
        return CreateResult(props["slug"], self._find_or_create(props))

    def read(self, id_: str, props: Props) -> ReadResult:
        """What Divio shows of it.

        Another application under its slug means that it is gone; `create` then meets that one for the first time. One that
        is no mirror of the original any more is refused.
        """
        if props.get("unfinished") and not props.get("uuid"):
            return self.stored(id_, props)
        found = visibility.application(
            self.divio,
            id_,
            props["uuid"],
            organisation=props["organisation"],
            source=props.get("original_uuid") or "",
            original=props["original"],
            deleted=self.configuration.deleted,
        )
        if found is None or self._is_another(found, props):
            return ReadResult("", {})
        refuse_stranger(self.divio, found, props)
        inputs = {**self.inputs_of(props), "name": found.name, **shown_place(self.divio, found, props)}
        inputs |= other_plan(self.divio, found, props["plan"])
        return ReadResult(id_, refreshed(props, inputs, found), inputs)

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Rename it, or go on with what was unfinished."""
        if _olds.get("unfinished") or not _olds.get("uuid"):
            return UpdateResult(self._find_or_create(_news))
        if any(_olds.get(name) != _news.get(name) for name in ("name", "organisation", "original_uuid")):
            found = self.divio.applications.get(_olds["uuid"])
            refuse_other_place(self.divio, found, _news)
            refuse_stranger(self.divio, found, _news)
        if _olds.get("name") != _news["name"]:
            self.divio.applications.update(_olds["uuid"], name=_news["name"])
        return UpdateResult({**_news, **{key: _olds.get(key) for key in ("uuid", "adopted", "unfinished")}})

    def remove(self, _id: str, _props: Props) -> None:
        """Delete it with everything of its own; the shared database and storage are the original's and stay."""
        if not _props.get("uuid"):
            return
        divio, uuid = self.divio, _props["uuid"]
        try:
            found = divio.applications.get(uuid)
        except NotFound:
            visibility.require_organisation(divio, _id, _props["organisation"])
            return
        if not includes(self.configuration.may_delete, _id):
            refuse_stranger(divio, found, _props)
            if found.slug != _id:
                raise Failed(
                    f"the application that the state knows as {_id} (uuid {uuid}) is called {found.slug} on Divio now, so it is "
                    f"not deleted: give it its old slug back in the Control Panel, let the stack forget it "
                    f"({FORGET}={_id}), or delete it all the same ({ALLOW_DELETE}={_id})"
                )
        divio.applications.delete(uuid)

    def _is_another(self, found: Found, props: Props) -> bool:
        """Whether another application has the slug now. Where Divio hides whose mirror that is, a person has to say it."""
        is_hidden = self.divio.mirrors.relation(found) is UNKNOWN
        if is_another(found, props) and is_hidden and not includes(self.configuration.taken_over, found.slug):
            raise Failed(
                f"{found.slug}: Divio does not show whose mirror the application is that has its slug now (uuid {found.uuid}); "
                f"look at it in the Control Panel, and if it is one of {props['original']}, run once with "
                f"{TAKE_OVER}={found.slug}"
            )
        return bool(found.uuid != props["uuid"])

    def _find_or_create(self, props: Props) -> Props:
        divio = self.divio
        found = divio.applications.find(props["slug"])
        if found is not None:
            _check_is_mirror(divio, found, props)
            refuse_other_place(divio, found, props)
            running = last_deployments(divio, found.uuid)
            if found.name != props["name"]:
                other = f'it is called "{found.name}", declared is "{props["name"]}"'
                slug, differing = props["slug"], [other] if running else []
                refuse_differences(divio, self.configuration, slug, slug, differing, found.uuid)
                divio.applications.update(found.uuid, name=props["name"])
            return _finished(props, found, adopted=bool(running))
        visibility.require_organisation(divio, props["slug"], props["organisation"])
        waiting = _missing_step(divio, props)
        if waiting:
            return _pending(props, "waits", waiting)
        shape = divio.capabilities.mirrors()
        if isinstance(shape, Manual):
            return _pending(props, "manual", _instructions(props, shape.reason))
        original = divio.applications.get(props["original_uuid"])
        request = MirrorCreate(**creation(divio, props))
        if original.region and original.region != request.region:
            raise Failed(
                f'{props["slug"]}: region "{props["region"]}" is not the region of {props["original"]}; a mirror in '
                "another region cannot be deployed"
            )
        return _finished(props, divio.mirrors.create(shape, original, request), adopted=False)


def _missing_step(divio: Divio, props: Props) -> str:
    original = props["original"]
    if not props.get("original_uuid"):
        return f"waits for {original}, which does not exist yet"
    environments = environments_of(divio, props["original_uuid"])
    for slug in ("test", "live"):
        uuid = environments.get(slug)
        if uuid is None or divio.deployments.last_successful(uuid) is None:
            return f"waits for the first successful deployment of {original}'s {slug.capitalize()}"
    return ""


def _check_is_mirror(divio: Divio, found: Found, props: Props) -> None:
    if divio.mirrors.relation(found) is UNKNOWN:
        hidden = f"{props['slug']} (uuid {found.uuid}): Divio does not show whose mirror it is"
        if not isinstance(divio.capabilities.mirrors(), Manual):
            # The API makes mirrors, and may have ignored the field that makes one of it.
            raise Failed(f"{hidden}, so it is not deployed; if you know it is one, set divio:mirrors to manual")
        engine.warn(f"{hidden}; it is taken for one of {props['original']}")
        return
    refuse_stranger(divio, found, props)


def _instructions(props: Props, why: str) -> str:
    return (
        f"has to be made by a person ({why}): in the Control Panel open {props['original']}, Settings, Duplicate, "
        f'Mirror; name "{props["name"]}", slug {props["slug"]}, organisation {props["organisation"]}; choose a '
        f"subscription ({props['plan']}); do not deploy it. The next pulumi up wires and deploys it"
    )


def _pending(props: Props, code: Code, reason: str) -> Props:
    engine.warn(f"{props['slug']} is pending: it {reason}")
    pending = [Unfinished(environment="", code=code, text=reason)]
    return {**props, "uuid": "", "adopted": False, "unfinished": {props["slug"]: pending}}


def _finished(props: Props, application: Found, *, adopted: bool) -> Props:
    return {**props, "uuid": application.uuid, "adopted": adopted, "unfinished": {}}


class Mirror(DivioResource):
    """A mirror of an application, in containers, with variables and domains of its own.

    Outputs: `uuid` (empty while it is pending) and `unfinished`, why it is pending (`estate.planning.unfinished.Report`),
    empty when it is there. State holds `adopted` besides, as for an `Application`.
    """

    uuid: pulumi.Output[str]
    unfinished: pulumi.Output[dict[str, Any]]

    def __init__(self, resource_name: str, opts: Options = None, **inputs: Unpack[Inputs]) -> None:
        super().__init__(MirrorProvider, resource_name, inputs, opts)
