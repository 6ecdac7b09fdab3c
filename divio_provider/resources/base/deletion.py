"""The engine asks before it deletes: a resource hook of Pulumi's, which runs in the program's process, in previews too.

`before_delete` comes before `protect` and `retain_on_delete`, also for what the program no longer declares, for a
replacement, `--target`, `pulumi destroy`, and what a killed run left to delete. State keeps the hook's name alone: each
run's program says what may go. A program that does not know the hook is refused by the engine. Behind it stands
`DivioProvider.delete`. (Verified with CLI 3.259 and SDK 3.272.)
"""

import os
import threading
from collections.abc import Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import pulumi
from pulumi.runtime.settings import get_root_resource

from divio_provider.resources.host.configuration import ALL, ALLOW_DELETE, FORGET, includes, slugs

HOOK = "divio: only what is retired is deleted"
"""The hook's name. The engine's own sentence quotes it where a program does not register it, so it says what it does."""
REGISTER = "site-ids"
"""By what name the register of `SITE_ID`s may be named where it is to go."""

_GUARDED = ("Application", "Mirror", "SiteIds", "EnvironmentVariables", "Domain")


def retire(sites: Iterable[str]) -> None:
    """Let sites be deleted on Divio in this run, by slug: for programs without an `Estate`, whose file says it.

    Args:
        sites: their slugs. Call it before the program ends.
    """
    _this_run().retired.update(sites)


def manage_no_domains() -> None:
    """Say that this run declares no domains, so that one that is not declared is no line that went."""
    _this_run().manages_domains = False


def is_named(name: str) -> bool:
    """Whether the environment of this run names it, or all, as what may be deleted or forgotten."""
    return includes(may_leave(), name)


def may_leave() -> frozenset[str]:
    """The slugs of sites that this run may lose although they are not retired; `all` stands for every one."""
    return slugs(os.environ.get(ALLOW_DELETE, "")) | slugs(os.environ.get(FORGET, ""))


def with_hook(kind: str, inputs: Mapping[str, Any], name: str, opts: pulumi.ResourceOptions | None) -> Any:
    """A resource's options, so that the engine asks before it deletes; nothing is asked where Divio keeps it anyway."""
    run = _this_run()
    run.declare(kind, inputs, name)
    if kind not in _GUARDED or (opts is not None and opts.retain_on_delete):
        return opts
    hooks = pulumi.ResourceHookBinding(before_delete=[run.hook])
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(hooks=hooks))


class _Run:
    """What one run of a program declares, and what of it may go."""

    def __init__(self) -> None:
        self.retired: set[str] = set()
        self.manages_domains = True
        self._names: dict[tuple[str, str], str] = {}
        self._sites: set[str] = set()
        self._told = threading.Event()
        self.hook = pulumi.ResourceHook(HOOK, self._ask, pulumi.ResourceHookOptions(on_dry_run=True))

    def declare(self, kind: str, inputs: Mapping[str, Any], name: str) -> None:
        """Take note of a resource; an input that is an Output tells nothing."""
        self._names[kind, _id(kind, inputs)] = name
        self._sites.add(str(inputs.get("slug") or inputs.get("site") or ""))

    def _ask(self, args: pulumi.ResourceHookArgs) -> None:
        """Raise where a resource may not be deleted; the engine shows the text."""
        kind, old = args.type.rpartition(":")[2], {**(args.old_inputs or {}), **(args.old_outputs or {})}
        site = REGISTER if kind == "SiteIds" else str(old.get("slug") or old.get("site") or args.name)
        if is_named(site):
            return
        if kind != "SiteIds" and not old.get("uuid" if kind in {"Application", "Mirror"} else "application"):
            return  # it never reached Divio
        now = self._names.get((kind, _id(kind, old)))
        line_went = kind == "Domain" and site in self._sites and self.manages_domains
        if now is None and (site in self.retired or line_went):
            return
        if self._told.is_set():
            raise pulumi.RunError(f"{args.name}: not deleted, as above")
        self._told.set()
        raise pulumi.RunError(
            f"{args.name}: not deleted, nor is anything else. {_ways_out(kind, args.name, site, now)}"
        )


def _ways_out(kind: str, name: str, site: str, now: str | None) -> str:
    delete = f"to delete it on Divio all the same: {ALLOW_DELETE}={site}, or {ALL} for the whole estate"
    keep = f"to let the stack forget it, while Divio keeps it: {FORGET}={site}, or {ALL}"
    if now == name:
        why = "It is declared, and what is declared is neither destroyed nor replaced (pulumi state untaint)"
    elif now is not None:
        why = (
            f"It is declared still, as {now} or under another parent: give that one aliases=[Alias(name={name!r})] in its "
            "ResourceOptions, with the old parent if it had another"
        )
    elif kind == "SiteIds":
        why = "It remembers which SITE_ID belongs to which site, for ever"
    else:
        why = f"{site} is not retired: to delete the site, move its line to retired: {{{site}: {{}}}}, else put it back"
    return f"{why}; {delete}; {keep}"


def _id(kind: str, properties: Mapping[str, Any]) -> str:
    """What a resource stands for, of which there is one on Divio."""
    keys = {"SiteIds": (), "Domain": ("host",), "EnvironmentVariables": ("site", "environment")}.get(kind, ("slug",))
    return "/".join(str(properties.get(key)) for key in keys)


# By stack, for several runs may share a process (Automation API), and a hook belongs to the engine of its run.
_RUNS: WeakKeyDictionary[pulumi.Resource, _Run] = WeakKeyDictionary()


def _this_run() -> _Run:
    stack = get_root_resource()
    if stack is None:  # a user's unit tests may have none
        return _Run()
    if stack not in _RUNS:
        _RUNS[stack] = _Run()
    return _RUNS[stack]
