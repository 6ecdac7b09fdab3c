"""What every provider and resource keeps to, whatever it is for; Pulumi's state depends on it for ever."""

from __future__ import annotations

import ast
import base64
import inspect
import pickle
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, NoReturn

import pulumi
import pytest
from pulumi.dynamic import ResourceProvider

from divio_provider import resources
from divio_provider.resources.base.provider import DivioProvider
from divio_provider.resources.base.resource import TYPE, DivioResource, blob

BLOBS = {
    "application": "gASVMwAAAAAAAACMGGRpdmlvX3Byb3ZpZGVyLnJlc291cmNlc4wTQXBwbGljYXRpb25Qcm92aWRlcpMpgS4=",
    "mirror": "gASVLgAAAAAAAACMGGRpdmlvX3Byb3ZpZGVyLnJlc291cmNlc4wOTWlycm9yUHJvdmlkZXKTKYEu",
    "service_instance": "gASVNwAAAAAAAACMGGRpdmlvX3Byb3ZpZGVyLnJlc291cmNlc4wXU2VydmljZUluc3RhbmNlUHJvdmlkZXKTKYEu",
    "site_ids": "gASVLwAAAAAAAACMGGRpdmlvX3Byb3ZpZGVyLnJlc291cmNlc4wPU2l0ZUlkc1Byb3ZpZGVykymBLg==",
    "environment_variables": "gASVPAAAAAAAAACMGGRpdmlvX3Byb3ZpZGVyLnJlc291cmNlc4wcRW52aXJvbm1lbnRWYXJpYWJsZXNQcm92aWRlcpMpgS4=",
    "domain": "gASVLgAAAAAAAACMGGRpdmlvX3Byb3ZpZGVyLnJlc291cmNlc4wORG9tYWluUHJvdmlkZXKTKYEu",
    "deployment": "gASVMgAAAAAAAACMGGRpdmlvX3Byb3ZpZGVyLnJlc291cmNlc4wSRGVwbG95bWVudFByb3ZpZGVykymBLg==",
}
"""What stands in the state of every estate there is. A change here makes each of their resources an update."""

VERBS = ("check", "diff", "create", "read", "update", "delete")

each_noun = pytest.mark.parametrize("noun", BLOBS)


def class_name(noun: str) -> str:
    return "".join(part.capitalize() for part in noun.split("_")) + "Provider"


def provider(noun: str) -> type[DivioProvider]:
    found: type[DivioProvider] = getattr(import_module(f"divio_provider.resources.{noun}"), class_name(noun))
    return found


def test_every_resource_is_here():
    modules = [import_module(f"divio_provider.resources.{noun.name}") for noun in iter_modules(resources.__path__)]
    providers = {name for module in modules for name in vars(module) if name.endswith("Provider")}
    assert providers - {"DivioProvider", "ResourceProvider"} == {class_name(noun) for noun in BLOBS}


@each_noun
def test_the_blob_is_constant_and_short(noun):
    assert blob(provider(noun)) == BLOBS[noun]
    assert len(BLOBS[noun]) <= 100


@each_noun
def test_the_blob_leads_to_the_class_wherever_its_module_stands(noun):
    assert type(pickle.loads(base64.b64decode(BLOBS[noun]))) is provider(noun)
    assert f".{noun}".encode() not in base64.b64decode(BLOBS[noun])


@each_noun
def test_a_provider_has_no_state_of_its_own(noun):
    assert vars(provider(noun)()) == {}
    assert "__init__" not in vars(provider(noun))
    assert provider(noun).serialize_as_secret_always is False


@each_noun
def test_the_verbs_stand_in_one_order(noun):
    tree = ast.parse(inspect.getsource(import_module(f"divio_provider.resources.{noun}")))
    found = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == class_name(noun))
    methods = [node.name for node in found.body if isinstance(node, ast.FunctionDef)]
    # What differs, and whether anything is deleted at all, is decided in one place.
    last = {"site_ids": [], "deployment": ["delete"]}.get(noun, ["remove"])
    own = ["check", "create", "read", "update", *last]
    assert [name for name in methods if name in (*VERBS, "remove")] == own
    assert methods[: len(own)] == own, "helpers come after the verbs"


@each_noun
def test_a_resource_is_called_by_its_noun_in_the_state(noun):
    name = "".join(part.capitalize() for part in noun.split("_"))
    resource = getattr(import_module(f"divio_provider.resources.{noun}"), name)
    assert issubclass(resource, DivioResource)
    assert TYPE.format(resource.__name__) == f"pulumi-python:dynamic/divio:{name}"


def other_pythons() -> list[str]:
    """Other Pythons on this machine, newer than the oldest that we support."""
    found = [shutil.which(f"python3.{minor}") for minor in range(11, 20)]
    found += sorted(map(str, Path.home().glob(".pyenv/versions/3.1[1-9]*/bin/python3")))
    mine = Path(sys.executable).resolve()
    others = [path for path in found if path and Path(path).resolve() != mine]
    # A version manager's stand-in is there for versions that it does not run.
    return [path for path in others if subprocess.run([path, "-V"], capture_output=True, check=False).returncode == 0]


SAME_CLASS = """
import base64, pickle, pickletools, sys, types
# A class goes into the blob by module and name alone, so that is all it takes here; its packages may be missing.
sys.modules["divio_provider"] = types.ModuleType("divio_provider")
resources = sys.modules["divio_provider.resources"] = types.ModuleType("divio_provider.resources")
for name in sys.argv[1:]:
    setattr(resources, name, type(name, (), {"__module__": "divio_provider.resources"}))
    pickled = pickle.dumps(getattr(resources, name)(), protocol=4)
    print(base64.b64encode(pickletools.optimize(pickled)).decode())
"""


@pytest.mark.parametrize("python", other_pythons() or [pytest.param("", marks=pytest.mark.skip("no other Python"))])
def test_the_blob_is_the_same_on_every_python(python):
    names = [class_name(noun) for noun in BLOBS]
    done = subprocess.run([python, "-I", "-c", SAME_CLASS, *names], capture_output=True, text=True, check=True)
    assert done.stdout.split() == list(BLOBS.values())


class Recorder(pulumi.runtime.Mocks):
    """An engine that accepts everything and remembers what it was told."""

    def __init__(self) -> None:
        self.registered: list[pulumi.runtime.MockResourceArgs] = []

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, object]]:
        self.registered.append(args)
        return args.name, dict(args.inputs)

    def call(self, args: pulumi.runtime.MockCallArgs) -> NoReturn:
        raise AssertionError(f"no function is called, but {args.token} was")


@pytest.fixture
def recorder() -> Recorder:
    recorder = Recorder()
    pulumi.runtime.set_mocks(recorder, project="estate", stack="demo", preview=False)
    return recorder


def test_the_blob_does_not_follow_pulumis_own_pickling(recorder: Recorder, monkeypatch: pytest.MonkeyPatch):
    # Python 3.14 raised the default protocol to 5.
    def newer(_provider: ResourceProvider) -> str:
        return "another blob"

    monkeypatch.setattr("pulumi.dynamic.dynamic.serialize_provider", newer)
    ids = import_module("divio_provider.resources.site_ids")

    @pulumi.runtime.test
    def program() -> Any:
        return ids.SiteIds("site-ids", original="acme-main", mirrors=["acme-blog"]).urn

    program()
    assert [args.inputs["__provider"] for args in recorder.registered if "SiteIds" in args.typ] == [BLOBS["site_ids"]]


@pytest.mark.slow
def test_2000_resources_can_be_constructed(recorder: Recorder):
    mirrors = import_module("divio_provider.resources.mirror")
    same = {"name": "Site", "original": "acme-main", "original_uuid": "uuid", "organisation": "Acme"}
    same |= {"region": "Frankfurt", "plan": "Small"}

    @pulumi.runtime.test
    def program() -> Any:
        made = [mirrors.Mirror(f"site-{number}", slug=f"site-{number}", **same) for number in range(2000)]
        return pulumi.Output.all(*(mirror.urn for mirror in made))

    program()
    assert len([args for args in recorder.registered if args.typ.endswith(":Mirror")]) == 2000
