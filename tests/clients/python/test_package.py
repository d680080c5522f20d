"""The package by itself: what it needs, what it must not know, and that its generated part is current."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

import lian_client
from chat.codecs import im_pb2 as server_pb2
from chat.errors import CloseCode as ServerCloseCode
from chat.errors import ErrorCode
from lian_client.codecs import im_pb2
from lian_client.codes import TEMPORARY_ERRORS, CloseCode, may_reconnect

ROOT = Path(__file__).resolve().parents[3]
CLIENT = ROOT / "clients/python"
#: Distribution to import name.
DEPENDENCIES = {"websockets": "websockets", "msgspec": "msgspec", "protobuf": "google"}


def test_it_imports_its_own_dependencies_and_nothing_else() -> None:
    declared = tomllib.loads((CLIENT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert sorted(DEPENDENCIES) == sorted(line.partition(">")[0] for line in declared)
    known = {*sys.stdlib_module_names, *DEPENDENCIES.values(), "lian_client"}
    for path in (CLIENT / "lian_client").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert {name.partition(".")[0] for name in names} <= known, path


def test_it_runs_without_the_server() -> None:
    """In a process of its own, where no test has imported anything yet."""
    code = (
        "import sys, lian_client, lian_client.chat.main\n"
        "print(*sorted({'django', 'chat', 'accounts', 'imsite'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=CLIENT, capture_output=True, text=True, check=True, env={"PATH": ""}
    )
    assert run.stdout.split() == []


def test_what_it_offers_is_there() -> None:
    assert [name for name in lian_client.__all__ if not hasattr(lian_client, name)] == []
    assert lian_client.__all__ == sorted(lian_client.__all__)


@pytest.mark.skipif(find_spec("grpc_tools") is None, reason="grpcio-tools, the compiler, is not installed")
def test_the_generated_module_is_current(tmp_path: Path) -> None:
    source = (ROOT / "chat/codecs/im.proto").read_text()
    package = tmp_path / "lian_client/codecs"
    package.mkdir(parents=True)
    (package / "im.proto").write_text(source.replace("package im.v1;", "package lian_client.im.v1;"))
    outputs = [f"--{kind}_out={tmp_path}" for kind in ("python", "pyi")]
    subprocess.run(
        [
            sys.executable,
            "-m",
            "grpc_tools.protoc",
            f"--proto_path={tmp_path}",
            *outputs,
            "lian_client/codecs/im.proto",
        ],
        check=True,
    )
    for name in ("im_pb2.py", "im_pb2.pyi"):
        assert (CLIENT / "lian_client/codecs" / name).read_text() == (package / name).read_text(), "run `make proto`"


def test_the_generated_modules_of_both_sides_live_in_one_process() -> None:
    assert im_pb2.Frame.DESCRIPTOR.full_name != server_pb2.Frame.DESCRIPTOR.full_name
    ours = {field.name: field.number for field in im_pb2.Frame.DESCRIPTOR.fields}
    assert ours == {field.name: field.number for field in server_pb2.Frame.DESCRIPTOR.fields}


def test_the_codes_are_those_of_the_server() -> None:
    assert {code.value for code in ErrorCode if code.info.temporary} == TEMPORARY_ERRORS
    assert {code.name: int(code) for code in CloseCode} == {code.name: int(code) for code in ServerCloseCode}
    for code in ServerCloseCode:
        assert may_reconnect(code) == code.may_reconnect
    assert may_reconnect(None) and may_reconnect(4499) and not may_reconnect(4999) and may_reconnect(5000)
