"""`SiteIds`: the estate's register of `SITE_ID`s, kept in the stack's state. It makes no call at all."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict, Unpack

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, ReadResult, UpdateResult

from divio_provider.estate.declaration.sites import Retired
from divio_provider.estate.planning.site_id_allocation import Register, SiteIdError, allocate
from divio_provider.resources.base.properties import Props, check_result
from divio_provider.resources.base.provider import DivioProvider
from divio_provider.resources.base.resource import DivioResource, Options
from divio_provider.resources.host import engine

ID = "site-ids"


def register_of(props: Mapping[str, Any]) -> Register:
    """The register as a resource's properties or a stack's outputs hold it."""
    return Register.restored(props.get("ids") or {}, props.get("retired") or {})


def retired_of(props: Mapping[str, Any]) -> dict[str, Retired]:
    """The retired sites as a resource's inputs hold them, where whole numbers became doubles."""
    return {
        slug: Retired(site_id=int(gone["site_id"]) if gone.get("site_id") else None, successor=gone.get("successor"))
        for slug, gone in (props.get("retired") or {}).items()
    }


class SiteIdsProvider(DivioProvider):
    """Allocation happens in `check`, so that a preview shows it; the rest keeps what `check` found."""

    inputs = ("ids", "retired")

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Allocate from the old inputs and the order of the file. Only maps are kept: reordering changes nothing."""
        before = register_of(_olds) if _olds.get("ids") else None
        try:
            register = allocate(
                original=news["original"],
                mirrors=news.get("mirrors") or [],
                pins={slug: int(number) for slug, number in (news.get("pins") or {}).items()},
                before=before,
                retired=retired_of(news),
                reserved=[int(number) for number in news.get("reserved") or ()],
                may_leave=self.configuration.may_go,
            )
        except SiteIdError as error:
            return check_result({"ids": _olds.get("ids", {}), "retired": _olds.get("retired", {})}, str(error))
        new = [f"{slug} {number}" for slug, number in register.ids.items() if slug not in _olds.get("ids", {})]
        if new:
            engine.inform(f"new SITE_IDs: {', '.join(new)}")
        return check_result({"ids": register.ids, "retired": register.retired})

    def create(self, props: Props) -> CreateResult:
        """Keep what `check` allocated."""
        return CreateResult(ID, dict(props))

    def read(self, id_: str, props: Props) -> ReadResult:
        """The register lives in state alone."""
        return self.stored(id_, props)

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Keep what `check` allocated."""
        return UpdateResult(dict(_news))


class Inputs(TypedDict):
    """What a `SiteIds` takes; the order of `mirrors` counts the first time only."""

    original: str
    """Its slug."""
    mirrors: Sequence[str]
    """Their slugs in the order of the file."""
    pins: NotRequired[Mapping[str, int]]
    """What a site must get, by slug."""
    retired: NotRequired[Mapping[str, Mapping[str, Any]]]
    """The sites that leave or have left, by slug: `site_id` and `successor`, each where it is known."""
    reserved: NotRequired[Sequence[int]]
    """Ids without a slug that nobody gets."""


class SiteIds(DivioResource):
    """The estate's `SITE_ID`s, one for each slug.

    Outputs: `ids`, a map of slug to number, and `retired`, the same for sites that are gone, whose numbers are never
    given to another site.
    """

    ids: pulumi.Output[dict[str, float]]
    retired: pulumi.Output[dict[str, float]]

    def __init__(self, resource_name: str, opts: Options = None, **inputs: Unpack[Inputs]) -> None:
        super().__init__(SiteIdsProvider, resource_name, inputs, opts)
