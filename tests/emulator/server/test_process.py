"""The program's own manners."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from tests.local_divio import ROOT


def test_the_way_in_is_one_line_and_the_way_out_is_quick(start_divio):
    divio = start_divio(token="t0ken")
    assert divio.get("/iam/v3/me/")["email"]
    start = time.monotonic()
    assert divio.stop() == 0
    assert time.monotonic() - start < 3
    assert "Traceback" not in "".join(divio.log)


def test_an_interrupt_ends_it_cleanly():
    command = [sys.executable, "-m", "divio_provider.cli.app", "emulator", "--port", "0", "--token", "t0ken"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        os.kill(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=10)
    assert line.startswith("local Divio answers on http://127.0.0.1:")
    assert line.endswith(" (token t0ken)\n")
    assert (process.returncode, out) == (0, "")
    assert "Traceback" not in err
