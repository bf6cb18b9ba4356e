"""The log files of the stack's processes, one each, bounded in size."""

from __future__ import annotations

from pathlib import Path
from typing import IO

LARGEST = 20_000_000
"""Bytes. A longer log is set aside at the next start, and the one set aside before is given up."""
TAIL_LINES = 5


def open_log(folder: Path, name: str) -> IO[bytes]:
    """The log to append to."""
    path = folder / f"{name}.log"
    if path.exists() and path.stat().st_size > LARGEST:
        path.replace(folder / f"{name}.log.1")
    return path.open("ab")


def tail_of(folder: Path, name: str) -> str:
    """The last lines of a log, and where to read more."""
    path = folder / f"{name}.log"
    lines = path.read_text(errors="replace").splitlines()[-TAIL_LINES:] if path.exists() else []
    return "\n".join([*(f"  {line}" for line in lines), f"  (more in {path})"])
