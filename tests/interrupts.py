"""Programs that are started from here can be interrupted, whoever started us."""

from __future__ import annotations

import contextlib
import signal


def heed_interrupts() -> None:
    """Stop ignoring SIGINT, which a shell's background jobs and all that they start do.

    Pulumi ends its language host by an interrupt, and waits five seconds for one that ignores it: with every command.
    """
    with contextlib.suppress(ValueError):  # only a main thread may
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.default_int_handler)
