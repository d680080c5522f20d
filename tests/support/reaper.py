"""Ends what a test run leaves behind when the run itself is killed.

The run starts this file as a process of its own and writes to its standard input which processes
and directories exist. The operating system closes that pipe when the run ends, however it ends;
then everything that is still registered is ended and removed. Works without Linux-only calls.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

GRACE_S = 5.0


class Reaper:
    """The run's side. Starts the process on first use; one is enough for a run."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def watch_process(self, pid: int, end_signal: signal.Signals = signal.SIGTERM) -> None:
        """End `pid` with `end_signal`, later with SIGKILL, when this run is gone."""
        self._tell(f"watch {pid} {int(end_signal)}")

    def forget_process(self, pid: int) -> None:
        """Call once `pid` has been waited for: its number may soon belong to another process."""
        self._tell(f"forget {pid}")

    def watch_directory(self, path: Path) -> None:
        """Remove `path` when this run is gone."""
        self._tell(f"remove {path}")

    def _tell(self, line: str) -> None:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, __file__],
                stdin=subprocess.PIPE,
                text=True,
                start_new_session=True,  # Ctrl-C is for the run, which then cleans up itself
            )
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()


REAPER = Reaper()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def main() -> None:
    processes: dict[int, int] = {}
    directories: list[str] = []
    for line in sys.stdin:
        verb, _, rest = line.rstrip("\n").partition(" ")
        match verb:
            case "watch":
                pid, number = rest.split()
                processes[int(pid)] = int(number)
            case "forget":
                processes.pop(int(rest), None)
            case "remove":
                directories.append(rest)
    for pid, number in processes.items():
        _send(pid, number)
    deadline = time.monotonic() + GRACE_S
    while any(map(_is_alive, processes)) and time.monotonic() < deadline:
        time.sleep(0.05)
    for pid in processes:
        _send(pid, signal.SIGKILL)
    for directory in directories:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
