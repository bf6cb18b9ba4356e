"""Backups: the database and the files beside it in one archive, and an installation made from one.

Temporal needs none: its processes are started from the ledger.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlalchemy import make_url, text

from db import once
from domain.vocabulary import Digest, IncidentId
from runtime.attachments.store import AttachmentStore
from runtime.embedded.binaries import postgres_bin_dir
from runtime.embedded.files import write_atomically
from runtime.embedded.launch import plain_environment
from runtime.settings import Settings

FORMAT = 1
_ABOUT, _DATABASE, _KEYS, _FILES = "backup.json", "database.dump", "keys", "attachments"
_FILE = re.compile(rf"{_FILES}/([0-9a-z-]{{1,64}})/([0-9a-f]{{64}})")
_KEY = re.compile(rf"{_KEYS}/([a-z_]{{1,40}})")


class BackupFailed(Exception):
    """Nothing was made, or not all of it; says why."""


def back_up(settings: Settings, archive: Path, keys: Mapping[str, Path], made_at: datetime) -> int:
    """Write the archive, for the owner's eyes only, whole or not at all; how many files are in it.

    Raises BackupFailed, StoreAway.

    The database as of one instant, then the files: one that was deleted in between is missed by nobody.
    """
    store = AttachmentStore(settings.attachments_url)
    unfinished = archive.with_name(f".{archive.name}.{os.getpid()}")
    files = 0
    with tempfile.TemporaryDirectory(prefix="huiying-backup-") as folder:
        dump = Path(folder) / _DATABASE
        dump_database(settings.database_url, dump)
        try:
            descriptor = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "wb") as out, tarfile.open(fileobj=out, mode="w:gz") as tar:
                about = {"format": FORMAT, "made_at": made_at.isoformat(), "keys": sorted(keys)}
                _add(tar, _ABOUT, io.BytesIO(json.dumps(about).encode()))
                for name, path in keys.items():
                    _add(tar, f"{_KEYS}/{name}", io.BytesIO(path.read_bytes()))
                tar.add(dump, _DATABASE)
                for place, content in store.everything():
                    _add(tar, f"{_FILES}/{place}", content)
                    files += 1
            unfinished.replace(archive)
        except OSError as error:
            raise BackupFailed(f"{archive}: {error.strerror}") from error
        finally:
            unfinished.unlink(missing_ok=True)
    return files


def dump_database(database_url: str, dump: Path) -> None:
    """Raises BackupFailed."""
    _run("pg_dump", database_url, "--format=custom", "--compress=none", *_PLAIN, f"--file={dump}")


def fill_database(database_url: str, dump: Path) -> None:
    """All of it or nothing. Raises BackupFailed."""
    _run("pg_restore", database_url, "--single-transaction", "--exit-on-error", *_PLAIN, str(dump))


async def restore(settings: Settings, archive: Path, keep_key: Callable[[str, str], None]) -> int:
    """Fill an empty database and the attachment store from an archive; how many files. Raises BackupFailed, StoreAway.

    Ended in the middle, it may be repeated: the database is filled in one transaction, and a file that is there is
    the same. `keep_key` is given each key file by its name.
    """
    files = 0
    try:
        with tarfile.open(archive, "r:gz") as tar, tempfile.TemporaryDirectory(prefix="huiying-restore-") as folder:
            about = json.loads(_content(tar, _ABOUT).read())
            if about["format"] != FORMAT:
                raise BackupFailed(f"{archive} is of format {about['format']}; this version reads {FORMAT}")
            await _require_empty(settings.database_url)
            dump = Path(folder) / _DATABASE
            with dump.open("wb") as out:
                out.write(_content(tar, _DATABASE).read())
            for member in tar.getmembers():
                if key := _KEY.fullmatch(member.name):
                    keep_key(key[1], _content(tar, member.name).read().decode())
                if found := _FILE.fullmatch(member.name):
                    await _keep_file(AttachmentStore(settings.attachments_url), found, _content(tar, member.name))
                    files += 1
            fill_database(settings.database_url, dump)
    except (tarfile.TarError, EOFError, KeyError, ValueError) as error:
        raise BackupFailed(f"{archive} is not a whole backup ({type(error).__name__})") from None
    except OSError as error:
        raise BackupFailed(f"{archive}: {error.strerror}") from error
    return files


def keep_in(folder: Path) -> Callable[[str, str], None]:
    """Keeps keys as files of a folder; one that has another content already is not overwritten."""

    def keep(name: str, content: str) -> None:
        path = folder / name
        if path.exists() and path.read_text() != content:
            raise BackupFailed(f"{path} is there and is another key: move it away first")
        write_atomically(path, content)

    return keep


_PLAIN = ("--no-owner", "--no-privileges")


async def _require_empty(database_url: str) -> None:
    async with once.opened(database_url) as sessions, sessions() as session:
        tables = await session.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
    if tables:
        raise BackupFailed("the database is not empty: restore into a new one")


async def _keep_file(store: AttachmentStore, place: re.Match[str], content: IO[bytes]) -> None:
    held = content.read()
    if hashlib.sha256(held).hexdigest() != place[2]:
        raise BackupFailed(f"{place[0]} is not the file it is called: the archive is damaged")
    await store.put(IncidentId(place[1]), Digest(place[2]), io.BytesIO(held))


def _content(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    found = tar.extractfile(name)
    if found is None:
        raise KeyError(name)
    return found


def _add(tar: tarfile.TarFile, name: str, content: IO[bytes]) -> None:
    held = content.read()
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(held), 0o600
    tar.addfile(entry, io.BytesIO(held))


def _run(program: str, database_url: str, *arguments: str) -> None:
    """A program of PostgreSQL on a database. The password goes by the environment, where no list of processes is."""
    url = make_url(database_url)
    where = {"PGHOST": url.host, "PGPORT": str(url.port or ""), "PGUSER": url.username, "PGPASSWORD": url.password}
    tls = {name: value for name, value in os.environ.items() if name.startswith("PGSSL")}
    environment = plain_environment() | tls | {name: value for name, value in where.items() if value}
    command = [str(postgres_bin_dir() / program), f"--dbname={url.database}", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        # Its later lines may quote rows.
        raise BackupFailed(f"{program}: {done.stderr.strip().splitlines()[0] if done.stderr.strip() else 'failed'}")
