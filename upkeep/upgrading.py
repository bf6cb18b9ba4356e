"""The database of a stack under a newer major version of PostgreSQL, which does not read what an older one wrote."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from runtime.embedded.binaries import postgres_of_major
from runtime.embedded.failure import StackFailed
from runtime.embedded.folder import DataFolder
from runtime.embedded.lock import FolderLock
from runtime.embedded.postgres import EmbeddedPostgres
from upkeep import verifying
from upkeep.backing_up import dump_database, fill_database


def upgrade_folder(data: Path, programs: Path | None, say: Callable[[str], None]) -> bool:
    """Write everything into a new cluster, verify it there, and put it in the place of the old one, which is kept.

    Whether every ledger is whole; if not, everything stays as it was. Ended in the middle, it may be repeated.
    Raises StackFailed, BackupFailed.
    """
    folder = DataFolder(data)
    with FolderLock(folder.lock):
        now = EmbeddedPostgres(folder.postgres, secret=folder.database_password)
        kept, ours = now.kept_major, now.major()
        if kept is None or kept == ours:
            say(f"nothing to upgrade: these programs are of PostgreSQL {ours}, and so is the data")
            return True
        if kept > ours:
            now.require_readable()
        before = EmbeddedPostgres(
            folder.postgres, secret=folder.database_password, programs=programs or _programs_of(kept, data)
        )
        after = EmbeddedPostgres(now.upgraded.parent, secret=folder.database_password)
        if after.root.exists():
            shutil.rmtree(after.root)
        if not _copy(before, after, say):
            return False
        aside = now.data.with_name(f"data.{kept}")
        now.data.rename(aside)
        after.data.rename(now.data)
        shutil.rmtree(after.root)
    say(f"the data is of PostgreSQL {ours} now; what it was before is kept in {aside}: remove it once all is well")
    return True


def _programs_of(major: int, data: Path) -> Path:
    found = postgres_of_major(major)
    if found is None:
        raise StackFailed(
            f"the data in {data} is of PostgreSQL {major}, whose programs are not here: install them with the system's "
            f"package manager, or name their folder with --programs; or make a backup with the version of Huiying that "
            f"wrote it, and restore it with this one into a new folder"
        )
    return found


def _copy(before: EmbeddedPostgres, after: EmbeddedPostgres, say: Callable[[str], None]) -> bool:
    """Everything from one cluster to another; whether every ledger is whole there."""
    with tempfile.TemporaryDirectory(prefix="huiying-upgrade-") as folder:
        dump = Path(folder) / "database.dump"
        before.start()
        try:
            dump_database(before.url, dump)
        finally:
            before.stop()
        after.start()
        try:
            fill_database(after.url, dump)
            return asyncio.run(verifying.verify(after.url, None, say))
        finally:
            after.stop()
