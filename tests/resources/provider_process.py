"""The process that runs our providers, driven as the Pulumi engine drives it, without the engine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2  # type: ignore[import-untyped] # it has no stubs here
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import provider_pb2_grpc

from divio_provider.resources.base.provider import DivioProvider
from divio_provider.resources.base.resource import blob

URN = "urn:pulumi:demo::estate::pulumi-python:dynamic/divio:Any::name"


def struct(data: Mapping[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(dict(data), struct_pb2.Struct())


def plain(message: struct_pb2.Struct) -> dict[str, Any]:
    data: dict[str, Any] = json_format.MessageToDict(message)
    return data


class Engine:
    """The address of an engine that does nothing but be there."""

    def __enter__(self) -> Self:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        self._socket.close()


class Host:
    """One such process; its verbs take and give plain dictionaries."""

    def __init__(self, folder: Path, engine: str = "127.0.0.1:0", **environ: str) -> None:
        """It runs in `folder`, as it does in the project's."""
        self._errors = folder / "host-errors.txt"
        with self._errors.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-u", "-m", "pulumi.dynamic", engine],
                cwd=folder,
                env={"PATH": os.environ["PATH"], "HOME": str(folder), **environ},
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self.process.stdout is not None
        port = int(self.process.stdout.readline())
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._channel.close()
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    @property
    def errors(self) -> str:
        """What the process wrote to stderr."""
        return self._errors.read_text()

    def configure(self, config: Mapping[str, str]) -> None:
        self._stub.Configure(pb.ConfigureRequest(args=struct(config)))

    def check(
        self, provider: type[DivioProvider], news: Mapping[str, Any], olds: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], list[str]]:
        """The checked inputs and what was refused."""
        mine = {"__provider": blob(provider)}
        before = {**olds, **mine} if olds else {}
        answer = self._stub.Check(pb.CheckRequest(urn=URN, olds=struct(before), news=struct({**news, **mine})))
        return plain(answer.inputs), [failure.reason for failure in answer.failures]

    def diff(self, id_: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
        """What would make the engine replace it."""
        return list(self._stub.Diff(pb.DiffRequest(id=id_, urn=URN, olds=struct(olds), news=struct(news))).replaces)

    def create(self, inputs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        answer = self._stub.Create(pb.CreateRequest(urn=URN, properties=struct(inputs)))
        return answer.id, plain(answer.properties)

    def read(self, id_: str, outputs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """The id, empty when it is gone, and the inputs as Divio shows them."""
        answer = self._stub.Read(pb.ReadRequest(id=id_, urn=URN, properties=struct(outputs)))
        return answer.id, plain(answer.inputs)

    def delete(self, id_: str, outputs: Mapping[str, Any]) -> None:
        answer = self._stub.Delete(pb.DeleteRequest(id=id_, urn=URN, properties=struct(outputs)))
        assert answer == empty_pb2.Empty()
