"""How to run PostgreSQL when we are root, which it refuses.

As an ordinary user nothing is needed. As root the child runs as another user if that user
can reach the programs and the data, else in a user namespace that shows root as `nobody`.
No user is added and no permission outside the data folder is changed.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from runtime.embedded.failure import StackFailed

CANDIDATES = ("postgres", "nobody")
NAMESPACE = ("unshare", "--user", "--map-user=65534", "--map-group=65534", "--")


class CannotDropRoot(StackFailed):
    """We are root and found no way to run PostgreSQL as anyone else."""


class Credentials(TypedDict, total=False):
    """Keyword arguments of `subprocess` that change the user of the child."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Disguise:
    """What to put before a command and which user to run it as."""

    prefix: tuple[str, ...] = ()
    user: int | None = None
    group: int | None = None

    @property
    def credentials(self) -> Credentials:
        """Arguments for `subprocess`; empty when the user stays the same."""
        if self.user is None or self.group is None:
            return {}
        return {"user": self.user, "group": self.group, "extra_groups": []}

    def own(self, folder: Path) -> None:
        """Give a folder of ours to the user PostgreSQL runs as."""
        if self.user is not None and self.group is not None:
            os.chown(folder, self.user, self.group)


def choose_disguise(binary: Path, root: Path, data: Path) -> Disguise:
    """The way to run `binary` on `data` inside `root`, the same again for existing data.

    Raises `CannotDropRoot` when there is none.
    """
    if os.geteuid() != 0:
        return Disguise()
    owner = data.stat().st_uid if data.exists() else None
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        disguise = Disguise(user=entry.pw_uid, group=entry.pw_gid)
        if owner in (None, entry.pw_uid) and _reaches(disguise, binary, root):
            return disguise
    if owner in (None, 0) and _namespaces_work():
        return Disguise(prefix=NAMESPACE)
    raise CannotDropRoot(
        "running as root, and PostgreSQL cannot be run as another user here: start as an ordinary "
        f"user, or keep the program and {root} where other users can reach them"
    )


def _reaches(disguise: Disguise, binary: Path, root: Path) -> bool:
    commands = ([str(binary), "--version"], ["test", "-x", str(root)])
    try:
        for command in commands:
            subprocess.run(command, check=True, capture_output=True, cwd="/", **disguise.credentials)
    except (OSError, subprocess.SubprocessError):
        # The user may not run the binary at all, or we may not change users in this container.
        return False
    return True


def _namespaces_work() -> bool:
    try:
        subprocess.run([*NAMESPACE, "true"], check=True, capture_output=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        return False
    return True
