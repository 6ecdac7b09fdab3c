"""Who changed what on Divio: one line of JSON for each call that changes something.

Names and outcomes, never values: the lines may be kept for years by people who may not read a secret. A line is
written by one append, so that several processes may share a file.
"""

from __future__ import annotations

import fcntl
import getpass
import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from divio_provider.api.errors import Misconfigured

_ACTORS = (
    "GITHUB_ACTOR",
    "GITLAB_USER_LOGIN",
    "BITBUCKET_STEP_TRIGGERER_UUID",
    "BUILDKITE_BUILD_CREATOR",
    "CIRCLE_USERNAME",
)
_COMMITS = ("GITHUB_SHA", "CI_COMMIT_SHA", "BITBUCKET_COMMIT", "BUILDKITE_COMMIT", "CIRCLE_SHA1", "GIT_COMMIT")
_RUNS = ("CI_JOB_URL", "BUILDKITE_BUILD_URL", "CIRCLE_BUILD_URL", "BUILD_URL")
_NAMING = ("name", "slug", "domain", "prefix")
"""Fields of a body that name what it is about. No call of ours puts a secret into one."""
_PARENTS = ("environment", "application")
"""Fields of an object that hold the id of what it belongs to."""


def context(environ: Mapping[str, str]) -> dict[str, str]:
    """What an environment tells of the run: actor, commit, address; empty where it tells nothing.

    Args:
        environ: the process's. The names are those that GitHub, GitLab, Bitbucket, Buildkite, CircleCI and Jenkins document.

    >>> told = context({"GITHUB_ACTOR": "ada", "GITHUB_SHA": "c0ffee", "GITHUB_RUN_ID": "7",
    ...                 "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "acme/estate"})
    >>> told["actor"], told["commit"], told["run"]
    ('ada', 'c0ffee', 'https://github.com/acme/estate/actions/runs/7')
    """
    run = _first(environ, _RUNS)
    if not run and environ.get("GITHUB_RUN_ID"):
        server, repository = environ.get("GITHUB_SERVER_URL", ""), environ.get("GITHUB_REPOSITORY", "")
        run = f"{server}/{repository}/actions/runs/{environ['GITHUB_RUN_ID']}"
    return {
        "actor": _first(environ, _ACTORS) or _user(environ),
        "commit": _first(environ, _COMMITS),
        "run": run,
    }


class Audit:
    """Appends to one file.

    Args:
        file: created with mode 0600 where it is missing; its folder must exist.
        environ: where the run's context stands.
        stack: what the program calls what it works on; empty: nothing.

    Attributes:
        subjects: what the ids of a call's path and body stand for.

    Raises:
        Misconfigured: the file cannot be written; found out before anything is changed.
    """

    def __init__(self, file: str, environ: Mapping[str, str] = os.environ, stack: str = "") -> None:
        self._file = Path(file)
        self._context = {"stack": stack, **context(environ)}
        self.subjects = Subjects()
        self._append(b"")

    def record(
        self, at: datetime, method: str, path: str, body: Mapping[str, object] | None, about: str, outcome: str
    ) -> None:
        """Write a line about a call: of its body only the names of the fields, and what it is about, are kept."""
        sent = body or {}
        named = about or next((str(sent[field]) for field in _NAMING if sent.get(field)), "")
        line = {
            "at": at.isoformat(),
            **self._context,
            "method": method,
            "path": path,
            "site": self.subjects.site_of(path, sent),
            "about": named,
            "fields": sorted(sent),
            "outcome": outcome,
        }
        self._append(json.dumps(line, ensure_ascii=False).encode() + b"\n")

    def _append(self, line: bytes) -> None:
        try:
            handle = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as error:
            message = f"the audit's file {self._file} cannot be written: {error.strerror}"
            raise Misconfigured(message, setting="audit") from None
        try:
            # Appending is atomic only up to a size that systems do not agree on.
            fcntl.flock(handle, fcntl.LOCK_EX)
            os.write(handle, line)
        finally:
            os.close(handle)


class Subjects:
    """What the ids that were seen stand for: an id says nothing to who reads an audit a year later.

    Learnt from Divio's own answers, which name an object beside its id: so it costs no call. May be used by any number of
    threads.

    >>> subjects = Subjects()
    >>> subjects.learn({"results": [{"uuid": "a1", "slug": "acme-shop"}]})
    >>> subjects.learn({"uuid": "e1", "slug": "live", "application": "a1"})
    >>> subjects.learn({"uuid": "v1", "name": "THEME", "environment": "e1"})
    >>> subjects.site_of("/apps/v3/deployments/", {"environment": "e1"})
    'acme-shop/live'
    >>> subjects.site_of("/apps/v3/environment-variables/v1/", {})
    'acme-shop/live'
    >>> subjects.site_of("/apps/v3/applications/", {"slug": "acme-blog"})
    'acme-blog'
    """

    def __init__(self) -> None:
        self._slugs: dict[str, str] = {}
        self._parents: dict[str, str] = {}

    def learn(self, data: object) -> None:
        """Remember the objects of an answer: of an object, a list, or a page of one."""
        if isinstance(data, Mapping) and isinstance(data.get("results"), list):
            data = data["results"]
        for one in data if isinstance(data, list) else [data]:
            if not isinstance(one, Mapping) or not isinstance(one.get("uuid"), str):
                continue
            uuid = one["uuid"]
            parent = next((one[field] for field in _PARENTS if isinstance(one.get(field), str)), None)
            if parent is not None:
                self._parents[uuid] = parent
            if isinstance(one.get("slug"), str):
                self._slugs[uuid] = one["slug"]

    def site_of(self, path: str, body: Mapping[str, object]) -> str:
        """The site that a call is about, with its environment where it concerns only that; empty where nothing tells."""
        named = [self._place(str(body[field])) for field in _PARENTS if body.get(field)]
        # Before the path: an action on the original may make a mirror of that slug.
        named.append(str(body.get("slug") or ""))
        named += [self._place(part) for part in reversed(path.split("/"))]
        return next((place for place in named if place), "")

    def _place(self, uuid: str) -> str:
        """`acme-shop/live`; an object without a slug is where its parent is."""
        slugs: list[str] = []
        at: str | None = uuid
        # An application belongs to an environment, to an application and no further.
        for _ in range(len(_PARENTS) + 1):
            if at is None:
                break
            slugs += [self._slugs[at]] if at in self._slugs else []
            at = self._parents.get(at)
        return "/".join(reversed(slugs))


def _first(environ: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((environ[name] for name in names if environ.get(name)), "")


def _user(environ: Mapping[str, str]) -> str:
    try:
        return environ.get("USER") or getpass.getuser()
    except (KeyError, OSError):
        return ""
