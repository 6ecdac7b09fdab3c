"""The engine asks before it deletes: a resource hook of Pulumi's, which runs in the program's process, in previews too.

`before_delete` comes before `protect` and `retain_on_delete`, also for what the program no longer declares, for a
replacement, `--target`, `pulumi destroy`, and what a killed run left to delete. State keeps the hook's name alone: each
run's program says what may go. A program that does not know the hook is refused by the engine.

Behind it stands `DivioProvider.delete`, which decides again by the same rules: a user's transform may drop the hook, and
the environment of the program may be another than that of the provider's process. What the program lets go reaches that
process as an input, `LEAVING`, of every resource; its check takes it out, so no state holds it. (Verified with CLI 3.259
and SDK 3.272.)
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

LEAVING = "leaving"
"""The input by which every resource tells its provider what this run's program lets go."""

_GUARDED = ("Application", "Mirror", "SiteIds", "EnvironmentVariables", "Domain")


def retire(sites: Iterable[str]) -> None:
    """Let sites be deleted on Divio in this run, by slug: for programs without an `Estate`, whose file says it.

    Args:
        sites: their slugs. Call it before the program ends.
    """
    _this_run().retired.extend(sites)


def manage_no_domains() -> None:
    """Say that this run declares no domains, so that one that is not declared is no line that went."""
    _this_run().leaving["domains"] = False


def is_named(name: str) -> bool:
    """Whether the environment of this run names it, or all, as what may be deleted or forgotten."""
    return includes(may_leave(), name)


def may_leave() -> frozenset[str]:
    """The slugs of sites that this run may lose although they are not retired; `all` stands for every one."""
    return _named(ALLOW_DELETE) | _named(FORGET)


def _named(variable: str) -> frozenset[str]:
    return slugs(os.environ.get(variable, ""))


def guarded(
    kind: str, inputs: dict[str, Any], name: str, opts: pulumi.ResourceOptions | None
) -> tuple[dict[str, Any], Any]:
    """A resource's inputs and options, so that it is asked before it is deleted.

    The engine asks nothing where Divio keeps it anyway.
    """
    run = _this_run()
    run.declare(kind, inputs, name)
    run.leaving |= {"forgotten": sorted(_named(FORGET)), "may_delete": sorted(_named(ALLOW_DELETE))}
    inputs = {**inputs, LEAVING: {"name": name, "run": run.leaving}}
    if kind not in _GUARDED or (opts is not None and opts.retain_on_delete):
        return inputs, opts
    hooks = pulumi.ResourceHookBinding(before_delete=[run.hook])
    return inputs, pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(hooks=hooks))


class Declared:
    """What one run of a program declares, and what of it may go. The program's process fills one, the provider's another."""

    def __init__(self) -> None:
        self.retired: list[str] = []
        self.leaving: dict[str, Any] = {"retired": self.retired, "domains": True, "twice": []}
        """What `LEAVING` carries beside a name. The SDK reads it after the program's end, so a late `retire` counts."""
        self._names: dict[tuple[str, str], str] = {}
        self._sites: set[str] = set()
        self._hidden: set[str] = set()
        self._is_told = False

    def declare(self, kind: str, inputs: Mapping[str, Any], name: str) -> None:
        """Take note of a resource. An input that is an Output tells nothing, so nothing of that kind counts as gone."""
        if kind in _GUARDED:
            key, site = _id(kind, inputs), inputs.get("slug") or inputs.get("site")
            self._hidden |= {kind} if key is None else set()
            if self.declared_as(kind, inputs) not in {None, name}:
                self.leaving["twice"].append(key)
            self._names |= {} if key is None else {(_what(kind), key): name}
            self._sites |= {site} if isinstance(site, str) else set()

    def told(self, kind: str, inputs: dict[str, Any]) -> str:
        """The same in the provider's process, from the inputs of a check; takes `LEAVING` out of them.

        The answer is a problem in words where two resources stand for one thing: what one drops, the other would lose.
        """
        self._is_told = True
        told = inputs.pop(LEAVING, {})
        self.leaving = told.get("run", self.leaving)
        self.retired = self.leaving["retired"]
        key = _id(kind, inputs)
        self.declare(kind, inputs, told.get("name", ""))
        if kind not in _GUARDED or key is None or key not in self.leaving["twice"]:
            return ""
        return (
            f"{key or REGISTER} is declared twice, here by {told.get('name')}: there is one of it, so declare it once"
        )

    def names(self, what: str, name: str) -> bool:
        """Whether `forgotten` or `may_delete`, as the program's environment had it, names something."""
        return includes(frozenset(self.leaving.get(what, ())), name)

    def declared_as(self, kind: str, old: Mapping[str, Any]) -> str | None:
        """By which resource of this run the same thing is declared; None: by none."""
        key = _id(kind, old)
        return None if key is None else self._names.get((_what(kind), key))

    def may_go(self, kind: str, old: Mapping[str, Any], site: str) -> bool:
        """Whether what is of a site may be deleted on Divio, although no environment names it."""
        if kind not in _GUARDED:
            return True
        if kind != "SiteIds" and not old.get("uuid" if kind in {"Application", "Mirror"} else "application"):
            return True  # it never reached Divio
        if _id(kind, old) is None or self.declared_as(kind, old) is not None:
            return False
        line_went = kind == "Domain" and site in self._sites and self.leaving["domains"] and kind not in self._hidden
        return site in self.retired or line_went

    def why_kept(self, kind: str, old: Mapping[str, Any], site: str) -> str:
        """Why something may not go, for who is told so by the provider, after the engine's hook let it pass."""
        if not self._is_told:
            return "no program declared anything in this run, so nothing says that it is retired"
        now = self.declared_as(kind, old)
        return f"{site} is not retired" if now is None else f"it is declared, as {now}"


def site_of(kind: str, props: Mapping[str, Any]) -> str:
    """By what name a resource is named where it is to go."""
    return REGISTER if kind == "SiteIds" else str(props.get("slug") or props.get("site") or REGISTER)


class _Run(Declared):
    """That of a program, with the hook that the engine asks."""

    def __init__(self) -> None:
        super().__init__()
        self._refused = threading.Event()
        self.hook = pulumi.ResourceHook(HOOK, self._ask, pulumi.ResourceHookOptions(on_dry_run=True))

    def _ask(self, args: pulumi.ResourceHookArgs) -> None:
        """Raise where a resource may not be deleted; the engine shows the text."""
        kind, old = args.type.rpartition(":")[2], {**(args.old_inputs or {}), **(args.old_outputs or {})}
        site = site_of(kind, old)
        if is_named(site) or self.may_go(kind, old, site):
            return
        if self._refused.is_set():
            raise pulumi.RunError(f"{args.name}: not deleted, as above")
        self._refused.set()
        ways_out = _ways_out(kind, args.name, site, self.declared_as(kind, old), is_hidden=kind in self._hidden)
        raise pulumi.RunError(f"{args.name}: not deleted, nor is anything else. {ways_out}")


def _ways_out(kind: str, name: str, site: str, now: str | None, *, is_hidden: bool) -> str:
    delete = f"to delete it on Divio all the same: {ALLOW_DELETE}={site}, or {ALL} for the whole estate"
    keep = f"to let the stack forget it, while Divio keeps it: {FORGET}={site}, or {ALL}"
    if now == name:
        why = (
            "It is declared, and what is declared is neither destroyed nor replaced (pulumi state untaint); where only its "
            "parent changed, give it aliases=[Alias(parent=the old one)] in its ResourceOptions"
        )
    elif now is not None:
        why = (
            f"It is declared still, as {now} or under another parent: give that one aliases=[Alias(name={name!r})] in its "
            "ResourceOptions, with the old parent if it had another"
        )
    elif is_hidden:
        why = f"It may be declared still: another {kind} stands for an Output, which tells nothing; give plain text"
    elif kind == "SiteIds":
        why = "It remembers which SITE_ID belongs to which site, for ever"
    else:
        why = f"{site} is not retired: to delete the site, move its line to retired: {{{site}: {{}}}}, else put it back"
    return f"{why}; {delete}; {keep}"


def _id(kind: str, properties: Mapping[str, Any]) -> str | None:
    """What a resource stands for, of which there is one on Divio; None where an Output hides it."""
    keys = {"SiteIds": (), "Domain": ("host",), "EnvironmentVariables": ("site", "environment")}.get(kind, ("slug",))
    values = [properties.get(key) for key in keys]
    return "/".join(map(str, values)) if all(isinstance(value, str) for value in values) else None


def _what(kind: str) -> str:
    """Of one application there is one, whether it is declared as a mirror or not."""
    return "Application" if kind == "Mirror" else kind


# By stack, for several runs may share a process (Automation API), and a hook belongs to the engine of its run.
_RUNS: WeakKeyDictionary[pulumi.Resource, _Run] = WeakKeyDictionary()


def _this_run() -> _Run:
    stack = get_root_resource()
    if stack is None:  # a user's unit tests may have none
        return _Run()
    if stack not in _RUNS:
        _RUNS[stack] = _Run()
    return _RUNS[stack]
