"""An installation made from a backup: filled, brought to this version, verified, its processes started."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from pathlib import Path

from temporalio.service import RPCError

from db.migrate import upgrade
from runtime.embedded.folder import DataFolder
from runtime.embedded.lock import FolderLock
from runtime.embedded.postgres import EmbeddedPostgres
from runtime.settings import Settings, load_settings
from runtime.temporal import TemporalUnavailable
from upkeep import verifying
from upkeep.backing_up import keep_in, restore
from upkeep.repairing import revive_all

Say = Callable[[str], None]


def restore_folder(data: Path, archive: Path, say: Say) -> bool:
    """Fill the folder of a stack that does not run; `huiying up` then goes on. Whether every ledger is whole.

    Raises BackupFailed, StoreAway, StackFailed.
    """
    folder = DataFolder(data)
    with FolderLock(folder.lock):
        server = EmbeddedPostgres(folder.postgres, secret=folder.database_password).start()
        try:
            # Nothing is sealed here, so any key will do: those of the backup come before any are made.
            places = {"database_url": server.url, "attachments_url": folder.attachments.as_uri()}
            settings = load_settings(**places, embedded=True, seal_key=secrets.token_hex(32))
            whole = _fill(settings, archive, keep_in(folder.seal_keys.parent), say)
        finally:
            server.stop()
    folder.prepare()
    say(f"huiying up --data {data} goes on from here")
    return whole


def restore_installation(settings: Settings, archive: Path, say: Say) -> bool:
    """Fill the empty database and the store of `settings`, then start the processes of open incidents."""

    def keep_apart(name: str, _content: str) -> None:
        say(f"the backup holds {name}: its settings decide which keys this installation has")

    whole = _fill(settings, archive, keep_apart, say)
    try:
        say(f"{asyncio.run(revive_all(settings))} processes started")
    except (TemporalUnavailable, RPCError):
        say("Temporal does not answer: run huiying revive once it does")
    return whole


def _fill(settings: Settings, archive: Path, keep_key: Callable[[str, str], None], say: Say) -> bool:
    files = asyncio.run(restore(settings, archive, keep_key))
    upgrade(settings.database_url)
    say(f"restored, {files} attachments")
    return asyncio.run(verifying.verify(settings.database_url, None, say))
