"""The data folder of a stack: where everything of it is, and the small facts kept there."""

from __future__ import annotations

import json
import secrets
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime.anchor_key import new_key
from runtime.embedded.failure import StackFailed
from runtime.embedded.files import write_atomically
from runtime.embedded.marks import ProcessMark, end_process
from runtime.embedded.ports import PortBlock
from runtime.keys import new_codec_ring


@dataclass(frozen=True)
class Orphan:
    """A process that a run which was killed left behind, and how it wants to be stopped."""

    name: str
    mark: ProcessMark
    stop_signal: int
    patience: float

    def end(self) -> None:
        end_process(self.mark, self.stop_signal, self.patience)


class DataFolder:
    """`DIR`. Everything the stack writes is below it."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.lock = self.path / "lock"
        self.postgres = self.path / "postgres"
        self.temporal = self.path / "temporal"
        self.attachments = self.path / "attachments"
        self.logs = self.path / "logs"
        self.database_password = self.path / "secrets" / "database_password"
        self.seal_keys = self.path / "secrets" / "seal_keys"
        self.codec_keys = self.path / "secrets" / "codec_keys"
        self.sample_password = self.path / "secrets" / "sample_password"
        self.anchor_key = self.path / "secrets" / "anchor_key"
        self.ready = self.path / "ready.json"
        self._stack = self.path / "stack.json"
        self._processes = self.path / "pids.json"

    def prepare(self) -> None:
        """Make the folders and the keys if they are missing. Repeating it changes nothing."""
        self.logs.mkdir(parents=True, exist_ok=True)
        self.seal_keys.parent.mkdir(exist_ok=True)
        self.seal_keys.parent.chmod(0o700)
        if not self.seal_keys.exists():
            # Folders of version 0.1.0 have one key without a name.
            nameless = self.seal_keys.with_name("seal_key")
            key = nameless.read_text().strip() if nameless.exists() else secrets.token_hex(32)
            write_atomically(self.seal_keys, f"k1:{key}\n")
            nameless.unlink(missing_ok=True)
        if not self.codec_keys.exists():
            # Histories from before they were encrypted are not read any more: the ledger is the state.
            for file in self.temporal.glob("temporal.db*"):
                file.unlink()
            write_atomically(self.codec_keys, f"{new_codec_ring('k1')}\n")
        if not self.anchor_key.exists():
            write_atomically(self.anchor_key, new_key())

    def keys(self) -> dict[str, Path]:
        """The files of the keys of a stack, by the names of their settings."""
        return {path.name: path for path in (self.seal_keys, self.codec_keys, self.anchor_key)}

    def keep_ports(self, ports: PortBlock) -> None:
        """Write down where this stack listens, for commands that are given only the folder."""
        write_atomically(self._stack, json.dumps({"port": ports.api}))

    def kept_ports(self) -> PortBlock | None:
        """Where the stack listens, or last listened; None if none was ever started here."""
        known = self._read(self._stack)
        return PortBlock(known["port"]) if known else None

    def kept_sample_password(self) -> str | None:
        """The one password of the sample county's officers; None where they have none."""
        return self.sample_password.read_text() if self.sample_password.exists() else None

    def announce(self, addresses: dict[str, str]) -> None:
        """Say that everything answers. The file holds the database's password."""
        write_atomically(self.ready, json.dumps(addresses, indent=2) + "\n")

    def withdraw(self) -> None:
        """Take back what `announce` said."""
        self.ready.unlink(missing_ok=True)

    def record_process(self, name: str, mark: ProcessMark, stop_signal: int, patience: float) -> None:
        """Write down a process we started, so that a later run can stop it should we be killed."""
        entry = {
            "pid": mark.pid,
            "started": mark.started,
            "arguments": mark.arguments,
            "signal": int(stop_signal),
            "patience": patience,
        }
        # Last, even if an earlier run of the service stood first: processes are stopped in reverse order.
        others = {other: known for other, known in self._read(self._processes).items() if other != name}
        write_atomically(self._processes, json.dumps(others | {name: entry}, indent=2))

    def forget_process(self, name: str) -> None:
        """The process has ended and been waited for."""
        others = {other: known for other, known in self._read(self._processes).items() if other != name}
        write_atomically(self._processes, json.dumps(others, indent=2))

    def orphans(self) -> list[Orphan]:
        """What is recorded as running, last started first."""
        return [
            Orphan(
                name,
                ProcessMark(known["pid"], known["started"], tuple(known["arguments"])),
                signal.Signals(known["signal"]),
                known["patience"],
            )
            for name, known in reversed(self._read(self._processes).items())
        ]

    def _read(self, path: Path) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads(path.read_text())
        except FileNotFoundError:
            return {}
        except ValueError as e:
            raise StackFailed(f"{path} is damaged: remove it, after making sure that nothing of it runs") from e
        return found
