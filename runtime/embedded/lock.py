"""One stack per data folder: a lock the kernel lets go of by itself when its holder dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from runtime.embedded.failure import StackFailed


class FolderLocked(StackFailed):
    """Another process holds the folder; says which."""


class FolderLock:
    """Holds `path` while the `with` block runs. Processes we start do not inherit it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = -1

    def __enter__(self) -> Self:
        """Raises `FolderLocked` at once, not waiting for whoever holds it."""
        folder = self.path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as e:
            raise StackFailed(f"the data folder {folder} cannot be used: {e.strerror}") from e
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._descriptor, 32).decode() or "starting now"
            os.close(self._descriptor)
            raise FolderLocked(
                f"a stack already runs on {folder} (process {holder}): stop it first, or choose another folder "
                "with --data, and another --port"
            ) from None
        os.ftruncate(self._descriptor, 0)
        os.write(self._descriptor, str(os.getpid()).encode())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)
