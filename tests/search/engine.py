"""A stand-in for Pulumi's engine: it runs the real program, calls the real providers and keeps a state, without the CLI.

It does what the engine does to our resources (check, diff, create or update in the order of dependencies, then delete
what is declared no more, asking the hook first; a refresh before all that), one after the other. It has no previews, no
replacements and no parallel steps: those are the business of the tests with the real CLI.
"""

from __future__ import annotations

import asyncio
import base64
import contextvars
import copy
import pickle
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pulumi
import pytest
from google.protobuf import json_format, struct_pb2  # type: ignore[import-untyped] # it has no stubs here
from pulumi.dynamic import Config, ConfigureRequest
from pulumi.runtime import Settings, configure, rpc
from pulumi.runtime.mocks import MockEngine, MockMonitor
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.stack import run_in_stack

from divio_provider.api import client
from divio_provider.api.transport import limiter
from divio_provider.estate.declaration.errors import SpecError
from divio_provider.resources.base import provider
from divio_provider.resources.base.deletion import Declared
from divio_provider.resources.base.provider import DivioProvider
from divio_provider.resources.deployment import rollout
from divio_provider.resources.host import engine as our_engine
from divio_provider.resources.host import repeated_errors
from divio_provider.resources.reader import lists, original_deployment
from tests.search.interceptor import Interceptor, Killed

Props = dict[str, Any]
PROJECT, STACK = "estate", "demo"


@dataclass(frozen=True)
class Resource:
    """A resource as the state has it."""

    urn: str
    type: str
    name: str
    id: str
    inputs: Props
    outputs: Props
    hooks: tuple[str, ...] = ()
    protect: bool = False
    retain: bool = False
    deleted_with: str = ""


@dataclass
class State:
    """A stack's state: resources by URN, each behind those that it depends on."""

    resources: dict[str, Resource] = field(default_factory=dict)

    def copy(self) -> State:
        return copy.deepcopy(self)

    def find(self, kind: str, name: str) -> Resource | None:
        """A resource by its class and name, such as `EnvironmentVariables` and `acme-shop/live`."""
        found = (one for one in self.resources.values() if one.type.endswith(f":{kind}") and one.name == name)
        return next(found, None)

    @property
    def ids(self) -> dict[str, str]:
        """The register: `SITE_ID`s as text by slug."""
        register = self.find("SiteIds", "site-ids")
        return {slug: str(int(id_)) for slug, id_ in register.outputs["ids"].items()} if register else {}

    @property
    def unfinished(self) -> dict[str, Any]:
        """What resources could not do, by their names."""
        found = {one.name: one.outputs.get("unfinished") for one in self.resources.values()}
        return {name: report for name, report in found.items() if report}


@dataclass
class Run:
    """What came of one command."""

    failures: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    """Warnings, and what is told for good."""
    steps: list[tuple[str, str]] = field(default_factory=list)
    """`create`, `update`, `delete` or `drop` (a refresh found it gone), with the resource's name."""
    killed: bool = False
    requests: int = 0
    writes: int = 0

    @property
    def succeeded(self) -> bool:
        """Whether the CLI would end with 0."""
        return not self.killed and not self.failures

    def __str__(self) -> str:
        how = "killed" if self.killed else "; ".join(self.failures) or "succeeded"
        return f"{how} ({self.requests} requests, {self.writes} writes; {self.steps})"


Program = Callable[[], None]


class Engine:
    """Runs commands of one stack after the other; what the CLI keeps in a file is `state`."""

    def __init__(self, config: Mapping[str, str], state: State | None = None) -> None:
        """`config` is the provider's part of the stack's configuration, such as `divio:apiUrl`."""
        self.config = dict(config)
        self.state = state or State()

    def up(
        self,
        program: Program,
        interceptor: Interceptor,
        *,
        refresh: bool = False,
        environ: Mapping[str, str] | None = None,
    ) -> Run:
        """`pulumi up --skip-preview`, with `--refresh` if asked for; `environ` are variables for this run."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in (environ or {}).items():
                patch.setenv(name, value)
            run = Run()
            _as_in_a_new_process(patch, run)
            interceptor.intercept(patch)
            contextvars.Context().run(_Command(self, run, program).up, refresh=refresh)
            run.killed = interceptor.killed
            run.requests, run.writes = interceptor.count, interceptor.writes
            return run


def _as_in_a_new_process(patch: pytest.MonkeyPatch, run: Run) -> None:
    """Pulumi starts the provider's process anew for each command, so nothing is remembered from the one before."""
    client._clients.clear()
    limiter._limiters.clear()
    original_deployment._known.clear()
    patch.setattr(repeated_errors.THIS_RUN, "_reported", set())
    patch.setattr(repeated_errors.THIS_RUN, "_silent_until", 0.0)
    patch.setattr(provider, "_DECLARED", Declared())
    # As if an engine had started the process, but without one to talk to.
    patch.setattr(our_engine, "is_there", lambda: True)
    patch.setattr(our_engine, "end_with_the_engine", lambda: None)

    def log(_severity: str, message: str, _urn: str, ephemeral: bool) -> None:
        run.said.extend([] if ephemeral else [message])

    patch.setattr(our_engine, "_log", log)
    # One request at a time, so that a search which is repeated sees the same.
    patch.setattr(rollout, "_WORKERS", 1)
    patch.setattr(lists, "_AT_A_TIME", 1)


class _Failed(Exception):
    """A step failed, and with it the run."""


class _Command:
    """One command; in a context of its own, because Pulumi's SDK keeps its settings there."""

    def __init__(self, engine: Engine, run: Run, program: Program) -> None:
        self._engine, self._run, self._program = engine, run, program
        self._providers: dict[str, DivioProvider] = {}

    def up(self, *, refresh: bool) -> None:
        try:
            if refresh:
                self._refresh()
            monitor = _Monitor(self)
            self._run_program(monitor)
            if not self._run.failures and not monitor.killed:
                self._delete_all_but(monitor)
        except _Failed as error:
            self._run.failures.append(str(error))
        except Killed:
            pass

    def _refresh(self) -> None:
        state = self._engine.state
        for old in list(state.resources.values()):
            found = self._call(old.name, self._provider(old.outputs).read, old.id, copy.deepcopy(old.outputs))
            if not found.id:
                del state.resources[old.urn]
                self._run.steps.append(("drop", old.name))
                continue
            blob = {"__provider": old.outputs["__provider"]}
            inputs = old.inputs if found.inputs is None else plain(found.inputs) | blob
            state.resources[old.urn] = replace(old, id=found.id, inputs=inputs, outputs=plain(found.outs) | blob)

    def _run_program(self, monitor: _Monitor) -> None:
        async def program() -> None:
            await run_in_stack(self._program)

        configure(Settings(PROJECT, STACK, monitor, MockEngine(None), dry_run=False))
        pulumi.runtime.settings.SETTINGS.callbacks = monitor
        loop = _Loop()
        try:
            loop.run_until_complete(program())
        except (SpecError, pulumi.RunError) as error:
            raise _Failed(str(error)) from error
        finally:
            loop.close()

    def step(self, urn: str, request: Any) -> Resource:
        """What the engine does about one resource that the program declares."""
        state, name = self._engine.state, request.name
        given, old = plain(_unwrapped(request.object)), state.resources.get(urn)
        blob = {"__provider": given["__provider"]}
        provider = self._provider(given)
        checked = self._call(name, provider.check, copy.deepcopy(old.inputs) if old else {}, copy.deepcopy(given))
        if checked.failures:
            raise _Failed(f"{name}: {'; '.join(failure.reason for failure in checked.failures)}")
        inputs = plain(checked.inputs) | blob
        if old is None:
            created = self._call(name, provider.create, copy.deepcopy(inputs))
            id_, outputs = created.id, plain(created.outs) | blob
            self._run.steps.append(("create", name))
        else:
            id_, outputs = old.id, old.outputs
            diff = self._call(name, provider.diff, id_, copy.deepcopy(outputs), copy.deepcopy(inputs))
            assert not diff.replaces, f"{name} would be replaced"
            if old.inputs != inputs if diff.changes is None else diff.changes:
                olds, news = copy.deepcopy(outputs), copy.deepcopy(inputs)
                outputs = plain(self._call(name, provider.update, id_, olds, news).outs) | blob
                self._run.steps.append(("update", name))
        state.resources.pop(urn, None)
        state.resources[urn] = found = Resource(
            urn,
            request.type,
            name,
            id_,
            inputs,
            outputs,
            tuple(request.hooks.before_delete),
            protect=request.protect,
            retain=request.retainOnDelete,
            deleted_with=request.deletedWith,
        )
        return found

    def _delete_all_but(self, monitor: _Monitor) -> None:
        """The engine asks before it looks at `protect`, `retain_on_delete` and `deleted_with`."""
        state = self._engine.state
        gone = {urn: old for urn, old in state.resources.items() if urn not in monitor.registered}
        for urn, old in reversed(list(gone.items())):
            for hook in old.hooks:
                if hook not in monitor.hooks:
                    raise _Failed(f"{old.name}: the hook {hook!r} was not registered")
                args = pulumi.ResourceHookArgs(
                    urn, old.id, old.name, old.type, old_inputs=old.inputs, old_outputs=old.outputs
                )
                self._call(old.name, monitor.hooks[hook], args)
            if old.protect:
                raise _Failed(f"{old.name} is protected")
            if not old.retain and old.deleted_with not in gone:
                self._call(old.name, self._provider(old.outputs).delete, old.id, copy.deepcopy(old.outputs))
            del state.resources[urn]
            self._run.steps.append(("delete", old.name))

    def _call(self, name: str, verb: Callable[..., Any], *args: Any) -> Any:
        try:
            return verb(*args)
        except Exception as error:
            raise _Failed(f"{name}: {error}") from error

    def _provider(self, props: Props) -> DivioProvider:
        blob = props["__provider"]
        if blob not in self._providers:
            provider: DivioProvider = pickle.loads(base64.b64decode(blob))
            provider.configure(ConfigureRequest(config=Config(self._engine.config, PROJECT)))
            # Which the provider sets for its own process; Pulumi's SDK, here beside it, cannot do without.
            vars(sys).pop("tracebacklimit", None)
            self._providers[blob] = provider
        return self._providers[blob]

    def fail(self, error: _Failed) -> None:
        self._run.failures.append(str(error))

    @property
    def has_failed(self) -> bool:
        return bool(self._run.failures)


class _Monitor(MockMonitor):
    """What the program tells the engine. It stands for the callback server as well, which hooks are registered with."""

    def __init__(self, command: _Command) -> None:
        super().__init__(None)  # type: ignore[arg-type]
        self._command = command
        self.registered: set[str] = set()
        self.hooks: dict[str, Callable[[Any], Any]] = {}
        self.killed = False

    def register_resource_hook(self, hook: pulumi.ResourceHook) -> None:
        self.hooks[hook.name] = hook.callback

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the SDK's name
        urn = self.make_urn(request.parent, request.type, request.name)
        if not request.custom:
            return resource_pb2.RegisterResourceResponse(urn=urn, object=request.object)
        refused = resource_pb2.RegisterResourceResponse(urn=urn, result=resource_pb2.Result.FAIL)
        if self.killed or self._command.has_failed:
            return refused
        try:
            found = self._command.step(urn, request)
        except _Failed as error:
            self._command.fail(error)
            return refused
        except Killed:
            self.killed = True
            return refused
        self.registered.add(urn)
        outputs = {name: value for name, value in found.outputs.items() if name != "__provider"}
        return resource_pb2.RegisterResourceResponse(urn=urn, id=found.id, object=_struct(outputs))


class _Loop(asyncio.SelectorEventLoop):
    """Runs at once what the SDK gives to threads, so that resources come in one order, run after run."""

    def run_in_executor(self, _executor: Any, function: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        future = self.create_future()
        try:
            future.set_result(function(*args))
        except Exception as error:  # noqa: BLE001 - as the executor does
            future.set_exception(error)
        return future


def plain(value: Any) -> Any:
    """As it comes out of Pulumi's protocol: every number a double, nothing that is None in a map."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _unwrapped(value: Any) -> Any:
    """A message's content, with the values of secrets in plain, as providers get them."""
    if isinstance(value, struct_pb2.Struct):
        value = json_format.MessageToDict(value)
    if isinstance(value, dict):
        if rpc._special_sig_key in value:
            return _unwrapped(value["value"])
        return {key: _unwrapped(item) for key, item in value.items()}
    return [_unwrapped(item) for item in value] if isinstance(value, list) else value


def _struct(data: Props) -> Any:
    return json_format.ParseDict(data, struct_pb2.Struct())
