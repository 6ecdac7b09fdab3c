"""A Pulumi project in a folder of its own, driven by the real CLI as a person would, with its answers as data."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from divio_provider.program.outputs import rows
from tests.local_divio import ROOT, LocalDivio

NAME = "divio-estate"
PASSPHRASE = "passphrase-of-a-test"
CANARY = "canary-4711-smtp-password"
"""A secret of the stack's configuration. It must be on Divio, and nowhere else in plain text."""

SHARED = ("DATABASE_URL", "DEFAULT_STORAGE_DSN")

ESTATE: dict[str, Any] = {
    "organisation": "Acme",
    "region": "Frankfurt",
    "plan": {"original": "Standard", "mirror": "Small"},
    "original": {
        "slug": "acme-main",
        "name": "Acme",
        "services": {"DATABASE": "postgres", "STORAGE": "s3"},
        "variables": {"THEME": "acme"},
    },
    "mirrors": {
        "acme-blog": {"name": "Acme Blog", "domains": ["blog.acme.example"], "variables": {"THEME": "blog"}},
        "acme-shop": {"name": "Acme Shop", "variables": {"THEME": "shop", "SMTP_PASSWORD": {"secret": True}}},
        "acme-news": {"name": "Acme News"},
    },
    "variables": {"LANGUAGE_CODE": "en"},
    "live": {"variables": {"SENTRY_ENVIRONMENT": "live"}},
    "rollout": {"waves": [{"name": "canary", "sites": ["acme-blog"]}, {"name": "rest", "sites": "rest"}]},
}
"""An original and three mirrors, in two waves, with one secret."""

_ENCRYPTED: dict[str, Any] = {}
"""The salt and the secret of `ESTATE` in a stack's file, once one was written: encrypting takes most of a second."""


def estate() -> dict[str, Any]:
    """A copy of `ESTATE` to change."""
    return copy.deepcopy(ESTATE)


@dataclass(frozen=True)
class Step:
    """What the engine does, or plans to do, to one resource."""

    name: str
    op: str
    """`create`, `update`, `delete` …; never `same`."""
    type: str
    old: Mapping[str, Any]
    """Its old inputs."""
    new: Mapping[str, Any]
    """Its new inputs, as its check made them."""
    urn: str


@dataclass(frozen=True)
class Run:
    """One command that ended."""

    command: str
    code: int
    output: str
    """What a person saw: standard output and error."""
    events: list[dict[str, Any]] = field(default_factory=list)

    @cached_property
    def steps(self) -> dict[str, Step]:
        """Every resource that is not left as it is, by name; refreshing is no step."""
        found = {}
        for event in self.events:
            metadata = (event.get("resourcePreEvent") or {}).get("metadata")
            if metadata is None or metadata["op"] in ("same", "refresh", "read"):
                continue
            urn = metadata["urn"]
            if "dynamic/divio:" not in urn.split("::")[-2]:
                continue
            step = Step(
                name=urn.rsplit("::", 1)[-1],
                op=metadata["op"],
                type=urn.split("::")[-2].rsplit("$", 1)[-1].rsplit(":", 1)[-1],
                old=(metadata.get("old") or {}).get("inputs") or {},
                new=(metadata.get("new") or {}).get("inputs") or {},
                urn=urn,
            )
            found[step.name] = step
        return found

    @property
    def ops(self) -> dict[str, str]:
        """The steps as `{"acme-blog/test": "update"}`."""
        return {name: step.op for name, step in self.steps.items()}

    def of_type(self, type_: str) -> dict[str, str]:
        """The steps of one type of resource."""
        return {name: step.op for name, step in self.steps.items() if step.type == type_}


class Project:
    """A project folder with a backend and a passphrase of its own, on one local Divio."""

    def __init__(self, folder: Path, divio: LocalDivio, home: Path) -> None:
        """`home` is Pulumi's own folder, which projects may share."""
        self.folder = folder
        self.divio = divio
        self.runs: list[Run] = []
        self.environ = {
            "PATH": os.pathsep.join([str(Path(sys.prefix) / "bin"), os.environ["PATH"]]),
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "PULUMI_HOME": str(home),
            # Without metadata: beside its state the CLI writes a file of attributes, and a kill in between leaves an empty one.
            "PULUMI_BACKEND_URL": f"file://{folder / 'state'}?metadata=skip",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # Has a pip that answers faster.
            "PYTHONPATH": str(Path(__file__).parent / "no_plugins"),
            # Uncovers --event-log; Pulumi's Automation API sets it for the same reason.
            "PULUMI_DEBUG_COMMANDS": "true",
            "DIVIO_TOKEN": divio.token,
        }

    @classmethod
    def begin(cls, folder: Path, divio: LocalDivio, home: Path, **divio_config: object) -> Project:
        """A new one without any stack."""
        project = cls(folder, divio, home)
        (folder / "stacks").mkdir(parents=True)
        (folder / "state").mkdir()
        shutil.copy(ROOT / "__main__.py", folder)
        description = {
            "name": NAME,
            "runtime": {"name": "python", "options": {"toolchain": "pip", "virtualenv": sys.prefix}},
            "stackConfigDir": "stacks",
        }
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(description))
        project.settings = {"divio:apiUrl": divio.url, "divio:requestsPerSecond": "1000"} | {
            f"divio:{key}": str(value) for key, value in divio_config.items()
        }
        return project

    settings: dict[str, Any]

    def copied_to(self, folder: Path) -> Project:
        """The same project and state in another folder: a snapshot is made or taken."""
        shutil.copytree(self.folder, folder)
        twin = Project(folder, self.divio, Path(self.environ["PULUMI_HOME"]))
        twin.settings = dict(self.settings)
        return twin

    # -- what a person edits -------------------------------------------------------------------------------------------

    @property
    def estate_file(self) -> Path:
        return self.folder / "stacks" / "estate.yaml"

    def declare(self, spec: Mapping[str, Any] | str) -> None:
        """Writes the estate's file: from data, or any text."""
        text = spec if isinstance(spec, str) else yaml.safe_dump(dict(spec), sort_keys=False)
        self.estate_file.write_text(text)

    def declared(self) -> dict[str, Any]:
        """What the estate's file holds."""
        data: dict[str, Any] = yaml.safe_load(self.estate_file.read_text())
        return data

    def retire(self, slug: str, **more: object) -> None:
        """Moves a mirror to `retired:`."""
        spec = self.declared()
        del spec["mirrors"][slug]
        spec["retired"] = {**spec.get("retired", {}), slug: more}
        self.declare(spec)

    def add_stack(self, stack: str, *, secrets: bool = True, **more: object) -> None:
        """A new stack; `more` is of the project's own namespace, `secrets` are those that `ESTATE` needs."""
        path = self.folder / "stacks" / f"Pulumi.{stack}.yaml"
        config = self.settings | {f"{NAME}:{key}": value for key, value in more.items()}
        # Whatever has the same passphrase and salt can read what was encrypted once.
        known = _ENCRYPTED if secrets else {}
        path.write_text(yaml.safe_dump(_joined({"config": config}, known)))
        self.pulumi("stack", "init", stack)
        if secrets and not known:
            self.set_secret("secrets.acme-shop.SMTP_PASSWORD", CANARY, stack=stack)
            written = yaml.safe_load(path.read_text())
            key = f"{NAME}:secrets"
            _ENCRYPTED.update({"encryptionsalt": written["encryptionsalt"], "config": {key: written["config"][key]}})

    def set_secret(self, key: str, value: str, *, stack: str = "demo") -> None:
        self.pulumi("config", "set", "--stack", stack, "--secret", "--path", f"{NAME}:{key}", value)

    # -- commands ------------------------------------------------------------------------------------------------------

    def pulumi(
        self, *arguments: str, check: bool = True, events: bool = False, environ: Mapping[str, str | None] | None = None
    ) -> Run:
        """Runs the CLI to its end. With `check` the test goes on only after exit code 0."""
        command, log = self._command(arguments, events=events)
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self._environ(environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        run = Run(" ".join(arguments), done.returncode, done.stdout, _events(log))
        self.runs.append(run)
        if check:
            assert run.code == 0, f"pulumi {run.command}\n{run.output}"
        return run

    def _command(self, arguments: tuple[str, ...], *, events: bool) -> tuple[list[str], Path]:
        log = self.folder / f"events-{len(self.runs)}.json"
        more = ["--event-log", str(log)] if events else []
        return ["pulumi", *arguments, *more, "--non-interactive", "--color", "never"], log

    def _environ(self, changes: Mapping[str, str | None] | None) -> dict[str, str]:
        merged = {**self.environ, **(changes or {})}
        return {name: value for name, value in merged.items() if value is not None}

    def preview(self, *flags: str, stack: str = "demo", **options: Any) -> Run:
        return self.pulumi("preview", "--stack", stack, "--diff", *flags, events=True, **options)

    def up(self, *flags: str, stack: str = "demo", **options: Any) -> Run:
        return self.pulumi("up", "--stack", stack, "--yes", "--skip-preview", *flags, events=True, **options)

    def refresh(self, *flags: str, stack: str = "demo", **options: Any) -> Run:
        return self.pulumi("refresh", "--stack", stack, "--yes", "--skip-preview", *flags, events=True, **options)

    def destroy(self, *flags: str, stack: str = "demo", **options: Any) -> Run:
        """`pulumi destroy`, which deletes nothing of ours unless the environment says so."""
        return self.pulumi("destroy", "--stack", stack, "--yes", "--skip-preview", *flags, events=True, **options)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Starts the CLI in a session of its own and comes back at once; `said` has what it says."""
        command, _ = self._command(arguments, events=False)
        with self._started.open("w") as output:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env=self._environ(None),
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        """What the command that was started last has said so far."""
        return self._started.read_text()

    @property
    def _started(self) -> Path:
        return self.folder / "started.txt"

    def providers(self, *, idle: bool = False) -> list[int]:
        """The processes of our providers that work for this project; Linux alone shows them.

        Or the `idle` ones: for a refresh Pulumi starts one more, asks it nothing, and forgets it when the CLI is killed.
        Nothing of ours was ever loaded there.
        """
        folder = self.folder.resolve()
        hosts = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit() and _hosts(entry, folder)]
        return [int(host.name) for host in hosts if _is_idle(host) == idle]

    # -- what came of it -----------------------------------------------------------------------------------------------

    def outputs(self, stack: str = "demo") -> dict[str, Any]:
        """The stack's outputs."""
        shown = self.pulumi("stack", "output", "--stack", stack, "--json").output
        outputs: dict[str, Any] = json.loads(shown)
        return outputs

    def sites(self, stack: str = "demo") -> dict[str, dict[str, str]]:
        """The stack's table of sites by slug: `site_id`, `application`, `test`, `live`, all of them text."""
        return rows(self.outputs(stack)["sites"])

    def resources(self, stack: str = "demo") -> dict[str, dict[str, Any]]:
        """The state's resources of Divio by name; secrets stay encrypted."""
        text = (self.folder / "state" / ".pulumi" / "stacks" / NAME / f"{stack}.json").read_text()
        listed = json.loads(text)["checkpoint"]["latest"].get("resources") or []
        return {item["urn"].rsplit("::", 1)[-1]: item for item in listed if "dynamic/divio:" in item["type"]}

    def ledger(self) -> list[str]:
        """Every deployment that Divio ever started, oldest first, as `acme-blog/test`."""
        return [row["key"] for row in self.deployments()]

    def deployments(self) -> list[dict[str, Any]]:
        """The same with all that the local Divio knows of each: `started_at`, `ended_at`, `success`, `image` …"""
        world = self.divio.world()
        slugs = {item["uuid"]: item["slug"] for item in (*world["applications"], *world["environments"])}
        return [
            {**row, "key": f"{slugs[row['application']]}/{slugs[row['environment']]}"} for row in world["deployments"]
        ]

    def writes(self) -> list[str]:
        """The calls that changed something on Divio since they were last cleared, as `POST /apps/v3/…`."""
        return [f"{call['method']} {call['path']}" for call in self.divio.calls() if call["method"] != "GET"]

    def files(self) -> Iterator[tuple[Path, str]]:
        """Every file that Pulumi keeps: states, history, backups, configuration, events; its own folder with its logs."""
        for root in (self.folder, Path(self.environ["PULUMI_HOME"])):
            for path in root.rglob("*"):
                if path.is_file():
                    yield path, path.read_text(errors="replace")


def _joined(settings: dict[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    return {**more, **settings, "config": {**settings["config"], **more.get("config", {})}}


def _hosts(process: Path, folder: Path) -> bool:
    try:
        return b"pulumi.dynamic" in (process / "cmdline").read_bytes() and (process / "cwd").resolve() == folder
    except OSError:
        return False  # it ended while we looked


def _is_idle(host: Path) -> bool:
    try:
        return "pydantic_core" not in (host / "maps").read_text()  # which our package loads, and Pulumi does not
    except OSError:
        return True


def _events(log: Path) -> list[dict[str, Any]]:
    if not log.exists():
        return []
    return [json.loads(line) for line in log.read_text().splitlines() if line.strip()]


def until(condition: Callable[[], Any], *, within: float, what: str) -> Any:
    """Waits for a condition and gives what it found; the test fails when it does not come."""
    deadline = time.monotonic() + within
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what}: not within {within} s"
        time.sleep(0.02)
