import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from runtime.embedded.failure import StackFailed
from runtime.embedded.postgres import EmbeddedPostgres, PostgresFailed
from tests.runtime.places import eventually


@pytest.fixture(scope="module")
def reachable() -> Iterator[Path]:
    """A folder whose parents every user may enter, unlike those of pytest."""
    folder = Path(tempfile.mkdtemp(prefix="huiying-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def cluster(reachable: Path) -> Iterator[EmbeddedPostgres]:
    """One cluster for the tests of this file, which leave it running and with the row they found. It is durable: what
    was committed has to outlive the kill right after it.
    """
    server = EmbeddedPostgres(reachable / "shared").start()
    yield server
    server.stop()


async def ask(dsn: str, statement: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
async def row(cluster: EmbeddedPostgres) -> str:
    await ask(cluster.dsn, "create table kept as select '回应'::text as word")
    return "select word from kept"


async def test_it_speaks_utf8_and_utc(cluster: EmbeddedPostgres) -> None:
    assert await ask(cluster.dsn, "select upper('é') || length('回应')") == "É2"
    assert await ask(cluster.dsn, "show timezone") == "UTC"
    assert await ask(cluster.dsn, "show data_checksums") == "on"


async def test_a_wrong_password_is_refused(cluster: EmbeddedPostgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await ask(cluster.dsn.replace(cluster.password, "wrong"), "select 1")


async def test_databases_are_made_copied_and_dropped(cluster: EmbeddedPostgres) -> None:
    first = cluster.create_database("first")
    assert first.startswith("postgresql+asyncpg://")
    await ask(first.replace("+asyncpg", ""), "create table t as select 7 as n")
    copy = cluster.create_database("copy", template="first")
    assert await ask(copy.replace("+asyncpg", ""), "select n from t") == 7
    cluster.drop_database("first")
    with pytest.raises(PostgresFailed, match="already exists"):
        cluster.create_database("copy")


async def test_the_log_quotes_no_row_and_no_statement(cluster: EmbeddedPostgres) -> None:
    await ask(cluster.dsn, "create table unique_words (word text primary key)")
    await ask(cluster.dsn, "insert into unique_words values ('机密文本')")
    with pytest.raises(asyncpg.UniqueViolationError):
        await ask(cluster.dsn, "insert into unique_words values ('机密文本')")
    with pytest.raises(asyncpg.DataError):
        await ask(cluster.dsn, "select '机密文本'::integer")
    assert "机密" not in cluster.log.read_text()
    assert "ready to accept connections" in cluster.log.read_text()


async def test_everything_is_kept_over_a_restart(cluster: EmbeddedPostgres, row: str) -> None:
    cluster.stop()
    cluster.start()
    assert await ask(cluster.dsn, row) == "回应"


async def test_a_killed_server_comes_back(cluster: EmbeddedPostgres, row: str) -> None:
    assert cluster._process is not None
    cluster._process.kill()
    cluster._process.wait()
    cluster.start()
    assert await ask(cluster.dsn, row) == "回应"


async def test_a_second_start_stops_what_an_earlier_one_left(cluster: EmbeddedPostgres, row: str) -> None:
    left = cluster._process
    assert left is not None
    cluster.start()
    assert left.wait(0) == 0
    assert await ask(cluster.dsn, row) == "回应"


async def test_a_pid_file_that_names_a_stranger_does_not_keep_it_from_starting(
    cluster: EmbeddedPostgres, row: str
) -> None:
    cluster.stop()
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n")
    cluster.start()
    assert await ask(cluster.dsn, row) == "回应"


def die_unburied(cluster: EmbeddedPostgres) -> "subprocess.Popen[bytes]":
    """A process of the server's user that has ended while its parent has not looked yet."""
    dead = subprocess.Popen([cluster.bin / "postgres", "--version"], cwd="/", **cluster.disguise.credentials)
    eventually(lambda: psutil.Process(dead.pid).status() == psutil.STATUS_ZOMBIE, "the process is dead")
    return dead


async def test_a_pid_file_that_names_a_dead_process_nobody_buried_does_not_keep_it_from_starting(
    cluster: EmbeddedPostgres, row: str
) -> None:
    cluster.stop()
    dead = die_unburied(cluster)
    (cluster.data / "postmaster.pid").write_text(f"{dead.pid}\n{cluster.data}\n")
    cluster.start()
    assert await ask(cluster.dsn, row) == "回应"
    dead.wait()


async def test_a_lost_password_is_replaced(cluster: EmbeddedPostgres, row: str) -> None:
    lost = cluster.password
    cluster.stop()
    cluster.secret.unlink()
    cluster.start()
    assert cluster.password != lost
    assert await ask(cluster.dsn, row) == "回应"


async def test_setting_up_goes_on_where_it_was_killed(reachable: Path) -> None:
    server = EmbeddedPostgres(reachable / "interrupted", durable=False)
    unfinished = server.root / "data.unfinished"
    (unfinished / "base").mkdir(parents=True)
    server.secret.write_text("written-before-the-kill")
    server.start()
    try:
        assert await ask(server.dsn, "select 1") == 1
        assert server.password == "written-before-the-kill"
        assert not unfinished.exists()
    finally:
        server.stop()


def test_a_folder_that_is_no_cluster_is_left_alone(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path)
    server.data.mkdir()
    (server.data / "thesis.txt").write_text("important")
    with pytest.raises(PostgresFailed, match="not a PostgreSQL cluster"):
        server.start()
    assert (server.data / "thesis.txt").read_text() == "important"


def test_a_start_in_vain_says_where_to_read_why(cluster: EmbeddedPostgres, tmp_path: Path) -> None:
    with pytest.raises(StackFailed, match=r"did not start within 1 s: see .*postgres\.log"):
        EmbeddedPostgres(tmp_path, port=cluster.port, durable=False).start(timeout=1.0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
async def test_root_needs_no_folder_that_others_can_reach(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "closed", durable=False).start()
    try:
        assert server.disguise.prefix[0] == "unshare"
        assert await ask(server.dsn, "select 1") == 1
    finally:
        server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_drops_to_another_user_where_that_one_can_reach_the_data(cluster: EmbeddedPostgres) -> None:
    assert cluster.disguise.user not in (None, 0)
    assert cluster.data.stat().st_uid == cluster.disguise.user
