"""Who is signed in on this machine: the token, the device, and the file in which the client keeps its things."""

from __future__ import annotations

import os
import re
import uuid
from pathlib import Path

import msgspec

from lian_client.frames import Device


def data_directory() -> Path:
    """Where programs keep what they need again: XDG_DATA_HOME, else ~/.local/share."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "lian-chat"


class Account(msgspec.Struct):
    """One user of one site."""

    username: str
    device: Device
    token: str | None = None

    def __repr__(self) -> str:
        return f"Account({self.username!r})"


class AccountFile:
    """The directory of an account. Only its owner may read it: a token is as good as a password."""

    def __init__(self, site: str, username: str) -> None:
        self._username = username
        self._directory = data_directory() / re.sub(r"[^\w.-]+", "_", f"{username}@{site}")

    @property
    def storage(self) -> Path:
        """The file of the client's storage."""
        return self._directory / "client.sqlite3"

    def load(self) -> Account:
        """The account, signed in or not."""
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=Account)
        except (OSError, msgspec.DecodeError):
            device = Device(id=f"lian-chat-{uuid.uuid4()}", platform="desktop", name="lian-chat")
            return Account(self._username, device)

    def save(self, account: Account) -> None:
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(msgspec.json.encode(account))

    @property
    def _file(self) -> Path:
        return self._directory / "account.json"
