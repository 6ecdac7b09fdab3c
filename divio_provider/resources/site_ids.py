"""`SiteIds`: the estate's register of `SITE_ID`s, kept in the stack's state.

Before it keeps an id that is new to it, it looks which ids are in use on Divio: a state that is new or lost knows none.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict, Unpack

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, ReadResult, UpdateResult

from divio_provider.estate.declaration.sites import Retired
from divio_provider.estate.planning.site_id_allocation import Register, SiteIdError, allocate
from divio_provider.resources.base.deletion import may_leave
from divio_provider.resources.base.properties import Props, check_result
from divio_provider.resources.base.provider import DivioProvider
from divio_provider.resources.base.resource import DivioResource, Options
from divio_provider.resources.host import engine
from divio_provider.resources.host.error_reporting import Failed
from divio_provider.resources.reader.first_contact import site_ids_in_use

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

    inputs = ("original", "ids", "retired", "pins", "successors")
    passive_inputs = ("pins", "successors")

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
                may_leave=may_leave(),
            )
        except SiteIdError as error:
            return check_result(self.inputs_of(_olds), str(error))
        new = [f"{slug} {number}" for slug, number in register.ids.items() if slug not in _olds.get("ids", {})]
        if new:
            engine.inform(f"new SITE_IDs: {', '.join(new)}")
        successors = {slug: gone.successor for slug, gone in retired_of(news).items() if gone.successor}
        kept = {"pins": news.get("pins") or None, "successors": successors or None}
        inputs = {"original": news["original"], "ids": register.ids, "retired": register.retired, **kept}
        return check_result(self.inputs_of(inputs))

    def create(self, props: Props) -> CreateResult:
        """Keep what `check` allocated, if no site on Divio has another id."""
        self._refuse_ids_in_use(props["ids"], props)
        return CreateResult(ID, dict(props))

    def read(self, id_: str, props: Props) -> ReadResult:
        """The register lives in state alone."""
        return self.stored(id_, props)

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Keep what `check` allocated; what is new of it only if no site on Divio has another id."""
        before = _olds.get("ids") or {}
        self._refuse_ids_in_use({slug: id_ for slug, id_ in _news["ids"].items() if before.get(slug) != id_}, _news)
        return UpdateResult(dict(_news))

    def _refuse_ids_in_use(self, new: Mapping[str, float], props: Props) -> None:
        """Raise `Failed` where sites on Divio have ids that the `new` ones would change or give twice; tells what to write."""
        ids, register, pins = (
            {slug: str(int(id_)) for slug, id_ in new.items()},
            register_of(props),
            props.get("pins") or {},
        )
        if not ids:
            return
        in_use = site_ids_in_use(self.divio, props["original"], register.ids)
        lines = []
        for slug, found in in_use.items():
            shown = " and ".join(sorted(found, key=lambda text: (len(text), text)))
            if slug in ids and slug not in pins and found != {ids[slug]}:
                lines.append(f"{slug}: site_id: {shown}")
            elif slug not in register.ids and found & {
                id_ for new_, id_ in ids.items() if new_ not in _heirs(slug, props)
            }:
                lines.append(f"reserved: [{shown.replace(' and ', ', ')}]  # {slug}'s, which is not declared")
        if lines:
            raise Failed(
                f"{len(lines)} site{'s' * (len(lines) > 1)} on Divio would lose a SITE_ID, or share it, by a register that is "
                f"new or does not know them; nothing was written. Write into the estate's file what is there (where two "
                f"numbers stand, Test and Live differ: choose one):\n"
                + "\n".join(f"  {line}" for line in sorted(lines))
            )


def _heirs(slug: str, props: Props) -> list[str]:
    """The sites that carry on a retired one, one after the other, and wait until it is gone."""
    successors, heirs = props.get("successors") or {}, [slug]
    while (heir := successors.get(heirs[-1])) is not None and heir not in heirs:
        heirs.append(heir)
    return heirs


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
