"""The generated module is that of the schema."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

CODECS = Path(__file__).resolve().parents[2] / "chat/codecs"


@pytest.mark.skipif(find_spec("grpc_tools") is None, reason="grpcio-tools, the compiler, is not installed")
@pytest.mark.parametrize("name", ["im_pb2.py", "im_pb2.pyi"])
def test_it_is_current(name: str, tmp_path: Path) -> None:
    outputs = [f"--{kind}_out={tmp_path}" for kind in ("python", "pyi")]
    subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", f"--proto_path={CODECS}", *outputs, "im.proto"], check=True
    )
    assert (CODECS / name).read_text() == (tmp_path / name).read_text(), "run `make proto`"
