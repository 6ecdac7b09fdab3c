"""The Pulumi engine as the provider's process sees it: somewhere to report to, and a reason to end.

`sys.argv[1]` of that process is the engine's address. Elsewhere (tests, a Pulumi program) there is none, and all
functions do nothing.
"""

import contextlib
import inspect
import os
import socket
import sys
import threading
import time
from functools import lru_cache
from typing import Any

from divio_provider.resources.host.configuration import DEBUG

_POLL_S = 0.5
_PATIENCE_S = 5.0
_URN = "urn:pulumi:"
_watched = threading.Lock()
"""Held for ever by the one thread that watches."""


def _address() -> tuple[str, int] | None:
    host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "").rpartition(":")
    return (host, int(port)) if host and port.isdigit() and int(port) else None


def is_there() -> bool:
    """Whether an engine started this process, so that it works for one run of Pulumi's."""
    return _address() is not None


def end_with_the_engine() -> None:
    """End this process within a second of the engine's end.

    Pulumi leaves the process of a dynamic provider alive when the CLI is killed, so it would go on changing things
    beside the next run. Its parent's id is no help: a shell stands between. A process that Pulumi starts and asks
    nothing (one more for every refresh) loads nothing of ours: a killed CLI leaves it, idle for ever.
    """
    if is_there() and _watched.acquire(blocking=False):
        threading.Thread(target=_watch, daemon=True, name="engine-watch").start()


def start_nothing_without_the_engine() -> None:
    """End this process now if the engine has ended.

    For the moment before a deployment is started: the watch may look up to half a second later, and a busy machine
    may hold it up. Costs one connection to this machine itself.
    """
    address = _address()
    if address is None:
        return
    try:
        socket.create_connection(address, timeout=_PATIENCE_S).close()
    except ConnectionRefusedError:
        os._exit(1)
    except OSError:
        pass  # the machine is busy; the engine has not ended


def _watch() -> None:
    while True:
        start_nothing_without_the_engine()
        time.sleep(_POLL_S)


def stack() -> str:
    """The name of the stack that the verb which is called just now is for; empty outside of one.

    `pulumi.get_stack()` answers "stack" in this process, which is not told the name (pulumi/dynamic/__main__.py of SDK
    3.272). But each request names its resource's URN, `urn:pulumi:STACK::PROJECT::TYPE::NAME`, and stands, as
    `request`, in the frame that calls the verb.
    """
    frame = inspect.currentframe()
    while frame is not None:
        urn = getattr(frame.f_locals.get("request"), "urn", "")
        if isinstance(urn, str) and urn.startswith(_URN):
            return urn.removeprefix(_URN).partition("::")[0]
        frame = frame.f_back
    return ""


def progress(message: str, urn: str = "") -> None:
    """Show where a long operation stands, in the resource's row; the text vanishes with the next one."""
    _log("INFO", message, urn, ephemeral=True)


def inform(message: str, urn: str = "") -> None:
    """Tell the user something worth keeping."""
    _log("INFO", message, urn, ephemeral=False)


def warn(message: str, urn: str = "") -> None:
    """Warn the user; the text stays in the run's diagnostics."""
    _log("WARNING", message, urn, ephemeral=False)


@lru_cache(maxsize=1)
def _stub() -> Any:
    import grpc
    from pulumi.runtime.proto import engine_pb2_grpc

    return engine_pb2_grpc.EngineStub(grpc.insecure_channel(sys.argv[1]))


def _log(severity: str, message: str, urn: str, ephemeral: bool) -> None:
    if _address() is None:
        return
    import grpc
    from pulumi.runtime.proto import engine_pb2

    request = engine_pb2.LogRequest(
        severity=engine_pb2.LogSeverity.Value(severity), message=message, urn=urn, ephemeral=ephemeral
    )
    with contextlib.suppress(grpc.RpcError):  # a report that cannot be shown must not fail the work it reports on
        _stub().Log(request, timeout=5)


def leave_out_debug_messages() -> None:
    """Keep a Pulumi program from telling the engine each step of each registration, unless `DIVIO_DEBUG` is set.

    Pulumi's SDK sends several such messages for a resource and waits for the answer to every one, while only `--debug`
    shows them: with a hundred sites that takes a second or two of each run (measured with SDK 3.272).
    """
    if not os.environ.get(DEBUG):
        from pulumi import log

        log.debug = lambda *_, **__: None
