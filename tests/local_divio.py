"""A local Divio as a real process, on a port of its own, for any test that wants one.

Use it as a context manager, `with LocalDivio(deploy_seconds=0) as divio:`, or through the fixtures of conftest.py.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Self

import requests

ROOT = Path(__file__).resolve().parent.parent


class Refused(AssertionError):
    """The local Divio answered with an error where the test expected none."""


class LocalDivio:
    """Starts `divio-estate emulator`; its flags are the keywords, with underscores; a list repeats a flag.

    Everything below `get`, `post`, `patch`, `put`, `delete` fails on an error; `call` returns any answer as it is.
    """

    def __init__(self, **flags: object) -> None:
        self.flags = flags
        self.url = ""
        self.token = str(flags.get("token", "demo-token"))
        self.log: list[str] = []
        self._process: subprocess.Popen[str] | None = None
        self._http = requests.Session()
        # A netrc entry for 127.0.0.1 would replace the token, a proxy would swallow the call.
        self._http.trust_env = False
        self._http.headers["Authorization"] = f"Token {self.token}"

    def start(self) -> Self:
        """Starts the process and waits for its line."""
        command = [sys.executable, "-m", "divio_provider.cli.app", "emulator"]
        for flag, given in {"port": 0, **self.flags}.items():
            for value in given if isinstance(given, list) else [given]:
                if value is not None:
                    command += [f"--{flag.replace('_', '-')}", str(value)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
        self._reader = threading.Thread(target=self._read_log, args=(self._process,), daemon=True)
        self._reader.start()
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self.stop()
            raise Refused("the local Divio did not start:\n" + "".join(self.log))
        self.url = line.split(" on ", 1)[1].split()[0]
        return self

    def _read_log(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        with contextlib.suppress(ValueError):
            self.log.extend(process.stderr)

    def stop(self) -> int:
        """Ends the process as a person would; its exit code."""
        self._http.close()
        process, self._process = self._process, None
        if process is None:
            return 0
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._reader.join(5)
        for pipe in (process.stdout, process.stderr):
            assert pipe is not None
            pipe.close()
        return process.returncode

    def restart(self, **flags: object) -> Self:
        """Ends it and starts it again with some flags changed; only with `data` does its world survive."""
        self.stop()
        self.flags = {**self.flags, **flags}
        return self.start()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def call(self, method: str, path: str, json: object = None, **options: Any) -> requests.Response:
        """Any request; a path may also be a whole address, such as a page's `next`."""
        url = path if path.startswith("http") else self.url + path
        return self._http.request(method, url, json=json, timeout=30, **options)

    def _good(self, method: str, path: str, json: object = None) -> Any:
        answer = self.call(method, path, json)
        if not answer.ok:
            raise Refused(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None

    def get(self, path: str) -> Any:
        return self._good("GET", path)

    def post(self, path: str, json: object = None) -> Any:
        return self._good("POST", path, {} if json is None else json)

    def patch(self, path: str, json: object) -> Any:
        return self._good("PATCH", path, json)

    def put(self, path: str, json: object) -> Any:
        return self._good("PUT", path, json)

    def delete(self, path: str) -> None:
        self._good("DELETE", path)

    def all(self, path: str) -> list[Any]:
        """A list through all of its pages."""
        results: list[Any] = []
        url: str | None = path
        while url:
            page = self.get(url)
            results += page["results"]
            url = page["next"]
        return results

    # -- the control API -----------------------------------------------------------------------------------------------

    def world(self) -> dict[str, list[dict[str, Any]]]:
        """Everything there is: table -> rows."""
        world: dict[str, list[dict[str, Any]]] = self.get("/_emulator/world")
        return world

    def replace_world(self, world: object) -> None:
        self.post("/_emulator/world", world)

    def renew(self, world: object) -> None:
        """As good as new, with this world in it: no faults, no failures, everything permitted, no calls on record."""
        self.replace_world(world)
        self.faults([])
        self.failing([])
        self.permit()
        self.clear_calls()

    def calls(self) -> list[dict[str, Any]]:
        """The API calls since the start, or since `clear_calls`."""
        calls: list[dict[str, Any]] = self.get("/_emulator/calls")
        return calls

    def clear_calls(self) -> None:
        self.delete("/_emulator/calls")

    def faults(self, rules: list[dict[str, Any]]) -> None:
        """Puts these rules in force, `[]` for none."""
        self.put("/_emulator/faults", rules)

    def failing(self, rules: list[dict[str, Any]]) -> None:
        """The deployments that these rules meet fail; `[]` for none."""
        self.put("/_emulator/deployments", rules)

    def switch(self, **switches: str) -> None:
        """How it behaves where the real Divio's behaviour is unknown, such as `built_ins="listed"`."""
        self.put("/_emulator/switches", switches)

    def permit(self, **lists: list[str] | None) -> None:
        """What the account may see: `organisations` by name, `applications` by slug; what is not given is everything."""
        self.put("/_emulator/permissions", lists)

    def site(self, slug: str, environment: str, **settings: object) -> None:
        """What a site does: status, deployment="fail", log, times, deploy_seconds; None takes back."""
        self.put(f"/_emulator/sites/{slug}/{environment}", settings)

    def rotate(self, slug: str, environment: str) -> None:
        """A new password in that environment's built-in `DATABASE_URL`, carried by its next deployment."""
        self.post(f"/_emulator/sites/{slug}/{environment}/rotate")

    def push(self, slug: str, branch: str = "main") -> None:
        """A new commit: the next AUTO deployment of that branch builds a new image."""
        self.post(f"/_emulator/applications/{slug}/push", {"branch": branch})

    def make_mirror(self, original: str, slug: str, name: str | None = None, plan_group: str | None = None) -> Any:
        """A mirror made by a person in the Control Panel."""
        body = {"original": original, "slug": slug, "name": name or slug, "plan_group": plan_group}
        return self.post("/_emulator/mirrors", body)

    def change(self, table: str, key: str, **columns: object) -> None:
        """Changes columns of one row of the world, found by its id, its slug or its name, as only somebody at Divio can."""
        self.patch(f"/_emulator/world/{table}/{key}", columns)

    def rename_organisation(self, name: str, new_name: str) -> None:
        self.change("organisations", name, name=new_name)

    def rename_region(self, name: str, new_name: str) -> None:
        self.change("regions", name, name=new_name)

    def hide_relation(self, mirror: str, *, hidden: bool = True) -> None:
        """From now on Divio does not show of this mirror which application it mirrors."""
        self.change("applications", mirror, is_relation_hidden=hidden)

    def make_plain(self, mirror: str) -> None:
        """The mirror becomes a plain application, with the id, the slug and all that it has."""
        self.change("applications", mirror, mirror_of=None)

    # -- what tests keep asking ----------------------------------------------------------------------------------------

    def application(self, slug: str) -> Any:
        """The application as Divio shows it, or None."""
        results = self.get(f"/apps/v3/applications/?slug={slug}")["results"]
        return results[0] if results else None

    def environment(self, slug: str, environment: str) -> Any:
        """The environment as Divio shows it."""
        uuid = self.application(slug)["uuid"]
        return self.get(f"/apps/v3/environments/?application={uuid}&slug={environment}")["results"][0]

    def variables(self, slug: str, environment: str) -> dict[str, str | None]:
        """The custom variables that are set; None for those that Divio withholds."""
        uuid = self.environment(slug, environment)["uuid"]
        rows = self.all(f"/apps/v3/environment-variables/?environment={uuid}")
        return {row["name"]: row.get("value") for row in rows}

    def set_variable(self, slug: str, environment: str, name: str, value: str, *, sensitive: bool = False) -> Any:
        """Sets a variable as somebody else would: adds it, or changes the one that is there."""
        uuid = self.environment(slug, environment)["uuid"]
        there = self.get(f"/apps/v3/environment-variables/?environment={uuid}&name={name}")["results"]
        if there:
            body = {"value": value, "is_sensitive": sensitive}
            return self.patch(f"/apps/v3/environment-variables/{there[0]['uuid']}/", body)
        body = {"environment": uuid, "name": name, "value": value, "is_sensitive": sensitive}
        return self.post("/apps/v3/environment-variables/", body)

    def delete_variable(self, slug: str, environment: str, name: str) -> None:
        """Deletes a variable as somebody else would, if it is there."""
        uuid = self.environment(slug, environment)["uuid"]
        for row in self.get(f"/apps/v3/environment-variables/?environment={uuid}&name={name}")["results"]:
            self.delete(f"/apps/v3/environment-variables/{row['uuid']}/")

    def deployments(self, slug: str, environment: str) -> list[Any]:
        """All deployments of an environment, newest first."""
        return self.all(f"/apps/v3/deployments/?environment={self.environment(slug, environment)['uuid']}")

    def deployed(self, slug: str, environment: str) -> dict[str, str]:
        """The variables that the environment's last successful deployment carried."""
        for deployment in self.deployments(slug, environment):
            if deployment["success"]:
                shown = self.get(f"/apps/v3/deployments/{deployment['uuid']}/environment-variables")
                values: dict[str, str] = shown["environment_variables"]
                return values
        return {}

    def start_deployment(self, slug: str, environment: str, build_mode: str = "AUTO") -> Any:
        body = {"environment": self.environment(slug, environment)["uuid"], "build_mode": build_mode}
        return self.post("/apps/v3/deployments/", body)

    def finished(self, deployment: str, *, within: float = 30) -> Any:
        """Waits for a deployment's end, good or bad."""
        deadline = time.monotonic() + within
        while True:
            shown = self.get(f"/apps/v3/deployments/{deployment}/")
            if shown["ended_at"] is not None:
                return shown
            assert time.monotonic() < deadline, shown
            time.sleep(0.02)

    def deploy(self, slug: str, environment: str, build_mode: str = "AUTO") -> Any:
        """Deploys and waits; the test goes on only when it succeeded."""
        shown = self.finished(self.start_deployment(slug, environment, build_mode)["uuid"])
        assert shown["success"], self.get(f"/apps/v3/deployments/{shown['uuid']}/logs")["logs"]
        return shown
