"""The demo's local Divio: a process that goes on after `make demo` has ended."""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path


class Trouble(Exception):
    """The local Divio cannot be had; the text says why, and what to do."""


class LocalDivio:
    """One local Divio, known by a file in its folder.

    The process holds a lock on that file for as long as it lives, so that "ours, and alive" is never confused with
    another program that was given the same process id.

    Args:
        program: ``divio-estate``.
        folder: Where its data, its log and its process id are kept.
        port: Where it answers on 127.0.0.1.
    """

    def __init__(self, *, program: Path, folder: Path, port: int) -> None:
        self.log = folder / "divio.log"
        self._program = program
        self._data = folder / "divio.sqlite"
        self._file = folder / "divio.pid"
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, within: float = 60) -> bool:
        """Start it, unless it runs already, and wait until it answers.

        Args:
            within: Seconds in which it has to answer.

        Returns:
            Whether it had to be started.

        Raises:
            Trouble: The port is another program's, or the local Divio ends or does not answer in time.
        """
        with self._file.open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not _until(self._answers, within):
                    raise Trouble(f"the local Divio does not answer; see {self.log}") from None
                return False
            if self._answers():
                raise Trouble(f"port {self._port} is taken by another program; end that one and try again")
            with self.log.open("w") as log:
                process = self._process = subprocess.Popen(
                    [str(self._program), "emulator", "--port", str(self._port), "--data", str(self._data)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    pass_fds=[file.fileno()],
                )
            file.truncate(0)
            file.write(str(process.pid))
            file.flush()
            if not _until(lambda: self._answers() or process.poll() is not None, within) or process.poll() is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                said = self.log.read_text(errors="replace").strip().splitlines()[-5:]
                raise Trouble("the local Divio did not start:\n  " + "\n  ".join(said or ["it said nothing"]))
        return True

    def stop(self, *, within: float = 10) -> bool:
        """End it, and wait until it is gone.

        Args:
            within: Seconds after which it is ended by force.

        Returns:
            Whether it ran.
        """
        try:
            process = int(self._file.read_text())
        except (FileNotFoundError, ValueError):
            return False
        if not self._lives():
            return False
        for how in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process, how)
            if _until(lambda: not self._lives(), within):
                break
        if self._process:
            self._process.wait()
        return True

    def _lives(self) -> bool:
        with self._file.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._port), timeout=1):
            return True
        return False


def _until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for a condition; say whether it came true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
