"""The demo's local Divio as a process: started once, told from other programs, gone when asked."""

import socket
import stat
import sys
from pathlib import Path

import pytest

from tools.local_divio import LocalDivio, Trouble

SERVER = f"""#!{sys.executable}
import http.server, sys
port = int(sys.argv[sys.argv.index("--port") + 1])
print(sys.argv[1:], flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", port), http.server.BaseHTTPRequestHandler).serve_forever()
"""


def executable(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def divio(tmp_path: Path, port: int):
    local = LocalDivio(program=executable(tmp_path / "divio-estate", SERVER), folder=tmp_path, port=port)
    yield local
    local.stop()


def test_it_is_started_once_and_then_used_again(divio: LocalDivio, tmp_path: Path, port: int) -> None:
    assert divio.start() is True
    first = (tmp_path / "divio.pid").read_text()
    assert divio.start() is False
    assert (tmp_path / "divio.pid").read_text() == first
    assert divio.log.read_text() == f"{['emulator', '--port', str(port), '--data', str(tmp_path / 'divio.sqlite')]}\n"


def test_it_is_gone_when_stopped_and_can_be_started_again(divio: LocalDivio, port: int) -> None:
    divio.start()
    assert divio.stop() is True
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
    assert divio.stop() is False
    assert divio.start() is True


def test_a_port_of_another_program_is_one_sentence_and_that_program_stays(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        local = LocalDivio(program=tmp_path / "never", folder=tmp_path, port=port)
        with pytest.raises(Trouble, match=f"^port {port} is taken by another program; end that one and try again$"):
            local.start()
        assert local.stop() is False


def test_a_process_id_left_by_an_earlier_boot_is_nobody(divio: LocalDivio, tmp_path: Path) -> None:
    (tmp_path / "divio.pid").write_text("1")
    assert divio.stop() is False
    assert divio.start() is True


def test_one_that_does_not_start_is_explained_by_its_own_words(tmp_path: Path, port: int) -> None:
    broken = executable(tmp_path / "divio-estate", "#!/bin/sh\necho the data file is not ours >&2; exit 2\n")
    with pytest.raises(Trouble, match="the data file is not ours"):
        LocalDivio(program=broken, folder=tmp_path, port=port).start()
