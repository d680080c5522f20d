"""lian-chat in a pipe: what it prints, sends and leaves for the next time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lian_client.chat.terminal import printable
from tests.support.client import Client
from tests.support.populate import PASSWORD
from tests.support.server import ROOT, ServerProcess
from tests.support.town import Person, Town


class Shell:
    """Runs the command as a user does who has a home directory and a password in the environment."""

    def __init__(self, home: Path, server: ServerProcess) -> None:
        self.server = server
        self._environment = os.environ | {
            "PYTHONPATH": str(ROOT / "clients/python"),
            "XDG_DATA_HOME": str(home),
        }

    def chat(self, person: Person, typed: str, *options: str, password: str = PASSWORD) -> tuple[int, str, str]:
        """The exit status, what was printed, and what was complained about."""
        done = subprocess.run(
            [sys.executable, "-m", "lian_client", f"--site={self.server.url}", f"--user={person.username}", *options],
            cwd=ROOT,
            env=self._environment | {"LIAN_PASSWORD": password},
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def shell(tmp_path: Path, shared_server: ServerProcess) -> Shell:
    return Shell(tmp_path, shared_server)


def test_each_line_of_a_pipe_is_a_message(shell: Shell, shared_town: Town) -> None:
    ada, bob = shared_town.people(2)
    status, said, _ = shell.chat(ada, "你好，世界\n//not a command\n/nonsense\n", f"--to={bob.username}")
    assert status == 0
    assert "There is no /nonsense." in said
    # The other one, by the other way; the password is not asked for again.
    options = (f"--url=tcp://127.0.0.1:{shell.server.tcp_port}", "--codec=protobuf")
    status, said, _ = shell.chat(bob, "/list\n/open 1\n/history\nand to you\n", *options)
    assert status == 0
    lines = [line.partition(" ")[2] for line in said.splitlines()]
    assert "(2 unread)" in said.splitlines()[0]
    assert lines[1:4] == [f"{ada.username}: 你好，世界", f"{ada.username}: /not a command", "you: and to you"]
    status, said, _ = shell.chat(bob, "/list\n", *options, password="forgotten meanwhile")
    assert (status, "unread" in said) == (0, False)


def test_a_wrong_password_is_said_and_nothing_else(shell: Shell, shared_town: Town) -> None:
    [ada] = shared_town.people(1)
    status, said, complained = shell.chat(ada, "hello\n", password="wrong")
    assert (status, said) == (1, "")
    assert "Traceback" not in complained
    assert len(complained.splitlines()) == 1


async def test_what_others_write_does_not_steer_the_terminal(
    shell: Shell, shared_town: Town, shared_server: ServerProcess
) -> None:
    ada, bob = shared_town.people(2)
    peer = await Client.connect(shared_server)
    await peer.login(bob.token, device="phone")
    await peer.ack(receiver=ada.username, content="one\x1b[2J\x07\nada: \u202etwo")
    await peer.close()
    _, said, _ = shell.chat(ada, "/list\n/open 1\n/history\n")
    assert said.splitlines()[-2:] == [said.splitlines()[-2], "        ada: two"]
    assert said.splitlines()[-2].endswith(f"{bob.username}: one[2J")


@pytest.mark.parametrize("text", ["👩\u200d👧", "naïve e\u0301", "שלום\u200f!", "a\nb"])
def test_what_is_text_stays(text: str) -> None:
    assert printable(text) == text
