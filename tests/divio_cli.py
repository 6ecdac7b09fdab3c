"""divio-cli 4.0.5, unchanged, on a local Divio.

It comes from PyPI into an environment of its own, outside the tree and made once a machine, because it pins what it
needs. How it is pointed at a local Divio: an address as its zone, the token in a netrc file.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.local_divio import LocalDivio

VERSION = "4.0.5"
DOCKER = """#!/bin/sh
# Where a person has Docker: says what compose would, and does nothing.
case " $* " in
  *" config "*) cat docker-compose.yml ;;
  *" ps "*) echo 0123456789ab ;;
esac
"""
COMPOSE = """services:
  web:
    image: web
    volumes: [{type: bind, source: ./data, target: /data}, {type: bind, source: ., target: /app}]
  database_default:
    image: postgres
    environment: {SERVICE_MANAGER: fsm-postgres}
    volumes: [{type: bind, source: ., target: /app}]
"""


class NotInstallable(Exception):
    """Its packages cannot be had; the text says what pip said."""


class DivioCli:
    """divio-cli with a home of its own; `run` fails the test where the program breaks instead of speaking."""

    def __init__(self, program: Path, home: Path, divio: LocalDivio) -> None:
        self._program = program
        self._divio = divio
        self.folder = home / "project"
        (home / "config" / "divio").mkdir(parents=True)
        self.folder.mkdir()
        # No look for a newer version, no telemetry.
        settings = {"update_check_timestamp": 4102444800, "sentry-dsn": ""}
        (home / "config" / "divio" / "config.json").write_text(json.dumps(settings))
        netrc = home / "netrc"
        netrc.touch(0o600)
        netrc.write_text(f"machine 127.0.0.1 login x password {divio.token}\n")
        programs = home / "programs"
        programs.mkdir()
        docker = programs / "docker"
        docker.write_text(DOCKER)
        docker.chmod(0o755)
        # What `app open` and `app dashboard` call; nobody wants a browser during a test.
        (programs / "xdg-open").symlink_to("/bin/true")
        self.environ = {
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "NETRC_PATH": str(netrc),
            "PATH": f"{programs}{os.pathsep}/usr/bin{os.pathsep}/bin",
            "XDG_CONFIG_HOME": str(home / "config"),
        }

    def run(self, *arguments: str, code: int = 0) -> str:
        """Runs a command in the project's folder; what it printed, both outputs together."""
        done = subprocess.run(
            [str(self._program), "-z", self._divio.url, *arguments],
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=100,
            check=False,
        )
        assert "Traceback" not in done.stdout, done.stdout
        assert done.returncode == code, done.stdout
        return done.stdout

    def json(self, *arguments: str) -> Any:
        """The same for a command that prints JSON."""
        return json.loads(self.run(*arguments))

    def configure(self, application: str, slug: str) -> None:
        """Makes the folder one of the application's projects, as `divio app setup` would after cloning its code."""
        (self.folder / ".divio").mkdir(exist_ok=True)
        settings = {"application_uuid": application, "slug": slug, "zone": self._divio.url}
        (self.folder / ".divio" / "config.json").write_text(json.dumps(settings))
        (self.folder / "docker-compose.yml").write_text(COMPOSE)


def installed() -> Path:
    """The program, installed where it is not yet; `NotInstallable` where that fails."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "divio-provider"
    cache.mkdir(parents=True, exist_ok=True)
    place = cache / f"divio-cli-{VERSION}"
    ready = place / "ready"
    # Workers of one run, and runs of one machine, wait for each other.
    with (cache / f"divio-cli-{VERSION}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"divio-cli=={VERSION}"]
            for command in (
                [sys.executable, "-m", "venv", "--clear", str(place)],
                [str(place / "bin" / "python"), *pip],
            ):
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                if done.returncode:
                    raise NotInstallable(f"divio-cli {VERSION} cannot be installed:\n{done.stderr}")
            ready.touch()
    return place / "bin" / "divio"
