"""What lies between us and Divio: proxies, certificates, and whom the token may reach. Real TLS, a real proxy."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
import trustme

from divio_provider.api import Divio, Settings
from divio_provider.api.errors import DivioError, Misconfigured, NotUnderstood, Unreachable
from divio_provider.api.transport import transport
from divio_provider.api.transport.retry import Policy
from divio_provider.api.transport.sessions import new_session
from divio_provider.resources.deployment.verification import Expectation, get_page
from tests.api.conftest import TOKEN, FakeClock, Reply, Server

ME = {"uuid": "u1", "email": "demo@acme.example"}
SWITCHED_OFF = (
    {"REQUESTS_CA_BUNDLE": ""},
    {"CURL_CA_BUNDLE": ""},
    {"REQUESTS_CA_BUNDLE": "", "CURL_CA_BUNDLE": "", "SSL_CERT_FILE": "", "SSL_CERT_DIR": ""},
    {"PYTHONHTTPSVERIFY": "0"},
    {"GIT_SSL_NO_VERIFY": "1", "NODE_TLS_REJECT_UNAUTHORIZED": "0"},
)
"""What people set elsewhere to have their peace."""

StartTls = Callable[..., Server]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """An office's own certificate authority, which nobody else knows."""
    return trustme.CA()


@pytest.fixture(scope="module")
def bundle(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "office.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def tls(authority: trustme.CA) -> Iterator[StartTls]:
    """Starts servers whose certificate is the authority's, for 127.0.0.1 unless another name is given."""
    servers: list[Server] = []

    def start(*names: str) -> Server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*(names or ("127.0.0.1",))).configure_cert(context)
        server = Server(context)
        server.script(Reply(200, ME))
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.stop()


class Proxy:
    """A little forward proxy: passes plain requests on, and tunnels encrypted ones."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                proxy.asked.append(("GET", self.path))
                proxy.headers.append({name.lower(): value for name, value in self.headers.items()})
                parts = urlsplit(self.path)
                with requests.Session() as onwards:
                    onwards.trust_env = False
                    passed = {name: value for name, value in self.headers.items() if name.lower() != "host"}
                    answer = onwards.get(
                        f"http://127.0.0.1:{parts.port}{parts.path}", headers=passed, timeout=5, allow_redirects=False
                    )
                self.send_response(answer.status_code)
                for name in ("Content-Type", "Location"):
                    if name in answer.headers:
                        self.send_header(name, answer.headers[name])
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            def do_CONNECT(self) -> None:
                proxy.asked.append(("CONNECT", self.path))
                proxy.headers.append({name.lower(): value for name, value in self.headers.items()})
                port = int(self.path.rpartition(":")[2])
                self.close_connection = True
                with socket.create_connection(("127.0.0.1", port), timeout=5) as onwards, contextlib.suppress(OSError):
                    self.send_response(200)
                    self.end_headers()
                    self._tunnel(onwards)

            def _tunnel(self, onwards: socket.socket) -> None:
                ways = {self.connection: onwards, onwards: self.connection}
                while True:
                    for side in select.select(list(ways), [], [], 5)[0] or [None]:
                        data = side.recv(65536) if side is not None else b""
                        if not data:
                            return
                        ways[side].sendall(data)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    one = Proxy()
    yield one
    one.stop()


def client(url: str) -> Divio:
    policy = Policy(attempts=2, first_wait_s=0.01)
    return Divio(Settings(token=TOKEN, api_url=url), clock=FakeClock(), policy=policy, timeout_s=(2, 2))


# -- certificates ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_an_offices_own_authority_is_trusted_where_the_environment_names_it(
    tls: StartTls, bundle: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    server = tls()
    monkeypatch.setenv(variable, str(bundle))
    assert client(server.url).me.get().email == ME["email"]
    assert server.seen[0].headers["authorization"] == f"Token {TOKEN}"


def test_requests_own_variable_wins_over_openssls(
    tls: StartTls, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    assert client(tls().url).me.get().uuid == "u1"


@pytest.mark.parametrize("environ", [{}, *SWITCHED_OFF], ids=lambda one: " ".join(one) or "nothing set")
def test_no_variable_switches_verification_off(
    tls: StartTls, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    server = tls()
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match=r"certificate is not trusted \(.+\)\. Point REQUESTS_CA_BUNDLE") as error:
        client(server.url).me.get()
    assert error.value.attempts == 1, "again would be no better"
    assert server.seen == []


def test_no_setting_of_the_session_switches_verification_off(tls: StartTls) -> None:
    server = tls()
    session = new_session(TOKEN)
    session.verify = False
    for options in ({}, {"verify": False}, {"verify": ""}):
        with pytest.raises(requests.exceptions.SSLError):
            session.get(server.url, timeout=5, **options)
    assert server.seen == []


def test_a_certificate_for_another_host_is_refused_with_its_reason(
    tls: StartTls, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = tls("api.divio.example")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    with pytest.raises(Misconfigured, match=r"not valid for '127.0.0.1'"):
        client(server.url).me.get()
    assert server.seen == []


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_bundle_that_is_none_is_said(
    tls: StartTls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, content: str | None
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv(variable, str(path))
    with pytest.raises(Misconfigured, match="SSL_CERT_FILE, where set, point to existing files"):
        client(tls().url).me.get()


# -- proxies -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", [str.lower, str.upper])
def test_plain_requests_go_through_the_proxy(
    server: Server, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, spelling: Callable[[str], str]
) -> None:
    server.script(Reply(200, ME))
    monkeypatch.setenv(spelling("http_proxy"), proxy.url)
    # The name is one that only the proxy knows.
    assert client(f"http://api.divio.example:{server.port}").me.get().uuid == "u1"
    assert proxy.asked == [("GET", f"http://api.divio.example:{server.port}/iam/v3/me/")]
    assert server.seen[0].headers["authorization"] == f"Token {TOKEN}"


def test_encrypted_requests_go_through_the_proxy_and_the_token_only_inside(
    tls: StartTls, proxy: Proxy, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = tls("api.divio.example")
    monkeypatch.setenv("https_proxy", proxy.url.replace("//", "//user:pass@"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    assert client(f"https://api.divio.example:{server.port}").me.get().uuid == "u1"
    assert proxy.asked == [("CONNECT", f"api.divio.example:{server.port}")]
    assert TOKEN not in str(proxy.headers)
    assert proxy.headers[0]["proxy-authorization"].startswith("Basic ")
    assert server.seen[0].headers["authorization"] == f"Token {TOKEN}"
    assert "proxy-authorization" not in server.seen[0].headers


def test_behind_a_proxy_certificates_are_verified_all_the_same(
    tls: StartTls, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = tls("api.divio.example")
    monkeypatch.setenv("https_proxy", proxy.url)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "")
    with pytest.raises(Misconfigured, match="certificate is not trusted"):
        client(f"https://api.divio.example:{server.port}").me.get()
    assert server.seen == []


@pytest.mark.parametrize("exceptions", ["127.0.0.1", "other.example,127.0.0.1", "*"])
def test_no_proxy_names_hosts_that_are_asked_directly(
    server: Server, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, exceptions: str
) -> None:
    server.script(Reply(200, ME))
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.setenv("no_proxy", exceptions)
    assert client(server.url).me.get().uuid == "u1"
    assert proxy.asked == []


def test_a_netrc_entry_replaces_the_token_behind_a_proxy_neither(
    server: Server, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server.script(Reply(302, headers={"Location": "/iam/v3/me/again/"}), Reply(200, ME))
    netrc = tmp_path / ".netrc"
    entries = "".join(
        f"machine {host} login x password from-netrc\n" for host in ("127.0.0.1", "localhost", "api.divio.example")
    )
    netrc.write_text(entries + "default login y password from-default\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("http_proxy", proxy.url)
    assert client(server.url).me.get().uuid == "u1"
    assert [one.headers["authorization"] for one in server.seen] == [f"Token {TOKEN}"] * 2
    assert len(proxy.asked) == 2
    assert all("proxy-authorization" not in one for one in proxy.headers)


def test_a_proxy_that_is_not_there_is_said_without_its_password(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("http_proxy", f"http://office:canary-proxy-pw@127.0.0.1:{port}")
    with pytest.raises(Unreachable, match="proxy") as error:
        client("http://api.divio.example").me.get()
    assert "canary" not in str(error.value)
    assert server.seen == []


# -- whom the token reaches --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "place",
    [
        "http://127.0.0.1:{other}/iam/v3/me/",  # another port
        "http://localhost:{port}/iam/v3/me/",  # another name of the same machine
        "//127.0.0.1:{other}/iam/v3/me/",
        "https://127.0.0.1:{port}/iam/v3/me/",  # another scheme
        "http://127.0.0.1:{port}@127.0.0.1:{other}/",  # a user that looks like us
        "http://[::1/",
    ],
)
def test_a_redirect_to_anywhere_else_carries_no_token(
    server: Server, other_server: Server, status: int, place: str
) -> None:
    other_server.script(Reply(200, ME))
    server.script(Reply(status, headers={"Location": place.format(port=server.port, other=other_server.port)}))
    with pytest.raises((NotUnderstood, DivioError)):
        client(server.url).me.get()
    assert other_server.seen == []
    assert len(server.seen) == 1


def test_a_redirect_from_https_to_http_of_the_same_name_is_not_followed(
    tls: StartTls, server: Server, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    secure = tls()
    secure.script(Reply(302, headers={"Location": f"{server.url}/iam/v3/me/"}))
    with pytest.raises(NotUnderstood, match="where the token is not sent"):
        client(secure.url).me.get()
    assert server.seen == []


def test_the_origin_of_an_address_is_scheme_name_and_port() -> None:
    assert transport.origin("https://api.divio.com") == transport.origin("https://API.divio.com:443/x")
    for other in ("http://api.divio.com", "https://api.divio.com:8443", "https://api.divio.com.example"):
        assert transport.origin(other) != transport.origin("https://api.divio.com")
    assert os.environ.get("REQUESTS_CA_BUNDLE") is None, "the developer's own takes no part in these tests"


# -- a site itself -----------------------------------------------------------------------------------------------------


def test_a_site_is_asked_the_same_ways_and_never_with_the_token(
    tls: StartTls, proxy: Proxy, bundle: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    site = tls("blog.acme.example")
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine blog.acme.example login x password from-netrc\ndefault login y password from-default\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("https_proxy", proxy.url)
    address = f"https://blog.acme.example:{site.port}/"
    with pytest.raises(requests.exceptions.SSLError):
        get_page(address, "", Expectation())
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    assert get_page(address, "", Expectation()).status_code == 200
    assert get_page(address, "", Expectation(credentials="me:mine")).status_code == 200
    assert "authorization" not in site.seen[0].headers
    assert site.seen[1].headers["authorization"] == requests.auth._basic_auth_str("me", "mine")
