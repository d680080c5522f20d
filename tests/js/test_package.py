"""The package for programs outside the site (clients/javascript): what `npm pack` makes can be installed and used."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "clients/javascript"
TSC = PACKAGE / "node_modules/typescript/bin/tsc"

#: Uses the package as the README shows, and once wrongly: `tsc` must notice exactly that.
PROGRAM = """
import { Client, type ClientState } from "lian-client";
import { FileStore } from "lian-client/file_store.js";
import { RequestError } from "lian-client/requests.js";

const store = new FileStore("state");
const client = new Client({
  url: "ws://127.0.0.1:1/ws/",
  poll: { url: "http://127.0.0.1:1/api/v1/" },
  me: "robot",
  device: { id: "robot-1", platform: "bot" },
  ...store.known,
  storage: store.outbox,
});
store.follow(client);
client.on("state", (state: ClientState) => console.log(state));
client.store.on("message", (message, isNew) => console.log(message.seq + 1, isNew));
client.edit("1", 1, "better").catch((error: RequestError) => console.log(error.code));
// @ts-expect-error
client.store.on("message", (message) => message.nonsense);
store.save();
process.exit(0);
declare const process: { exit(code: number): never };
"""


def run(*command: str, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_package__installs_loads_and_is_typed(tmp_path: Path) -> None:
    if shutil.which("npm") is None or not TSC.exists():
        pytest.skip("npm or TypeScript is not installed (make types-js): the package was not made")
    run("npm", "pack", "--pack-destination", str(tmp_path), cwd=PACKAGE)
    [archive] = tmp_path.glob("*.tgz")
    (tmp_path / "package.json").write_text('{"private": true, "type": "module"}')
    run("npm", "install", "--offline", "--no-audit", "--no-fund", str(archive), cwd=tmp_path)
    (tmp_path / "program.ts").write_text(PROGRAM)
    strict = ("--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2023,dom")
    run("node", str(TSC), *strict, "program.ts", cwd=tmp_path)
    run("node", "program.js", cwd=tmp_path)
    assert (tmp_path / "state/known.json").exists()
