"""Programs that the tools start: with a time limit, and with a word now and then for the person who waits."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path


class Failed(Exception):
    """A program did not do its work; the text says why."""


def say(text: str) -> None:
    """Tell the person who waits; standard output is for the result alone."""
    print(text, file=sys.stderr, flush=True)


def run(
    command: list[str],
    *,
    limit: float,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    progress: Callable[[float, int], str] | None = None,
    every: float = 15,
) -> str:
    """Run a program to its end and return what it wrote.

    Args:
        command: The program and its arguments.
        limit: Seconds after which the program, with all that it started, is ended.
        cwd: Where it runs; here, if not given.
        env: Its environment; ours, if not given.
        progress: Makes a line from the seconds gone and the number of lines that the program has written so far.
        every: Seconds between two such lines.

    Raises:
        Failed: It cannot be started, fails (with its last line as the reason) or takes too long.
    """
    with tempfile.TemporaryFile("w+", errors="replace") as log:
        started = time.monotonic()
        try:
            process = subprocess.Popen(
                command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        except OSError as error:
            raise Failed(f"{command[0]}: {error.strerror}") from error
        try:
            while True:
                gone = time.monotonic() - started
                if gone >= limit:
                    raise Failed(f"{Path(command[0]).name} took longer than {limit:.0f} s")
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(min(every, limit - gone))
                    break
                if progress:
                    say(progress(time.monotonic() - started, _lines(log.fileno())))
        finally:
            # The whole group: what a killed installer has started would go on downloading.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        log.seek(0)
        output = log.read()
    if process.returncode:
        last = next((line.strip() for line in reversed(output.splitlines()) if line.strip()), "")
        raise Failed(last or f"{Path(command[0]).name} ended with code {process.returncode}")
    return output


def _lines(file: int) -> int:
    """Count a log's lines by its descriptor, leaving the position where the program writes next."""
    return os.pread(file, os.fstat(file).st_size, 0).count(b"\n")
