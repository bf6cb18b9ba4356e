import json
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from runtime.anchor_key import read_key
from runtime.embedded.failure import StackFailed
from runtime.embedded.files import write_atomically
from runtime.embedded.folder import DataFolder
from runtime.embedded.lock import FolderLock, FolderLocked
from runtime.embedded.logs import LARGEST, open_log
from runtime.embedded.marks import ProcessMark
from runtime.embedded.ports import PortBlock, PortTaken
from runtime.keys import read_codec_ring, read_ring
from tests.runtime.places import free_block


def test_secrets_are_made_once_and_are_the_owners_alone(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "var")
    folder.prepare()
    kept = {name: path.read_text() for name, path in folder.keys().items()}
    folder.prepare()

    assert {name: path.read_text() for name, path in folder.keys().items()} == kept
    assert len(read_ring(kept["seal_keys"])["k1"]) == 64
    assert len(read_codec_ring(kept["codec_keys"])["k1"]) == 32
    read_key(kept["anchor_key"])
    assert {path.stat().st_mode & 0o777 for path in folder.keys().values()} == {0o600}
    assert folder.seal_keys.parent.stat().st_mode & 0o777 == 0o700


def test_histories_from_before_they_were_encrypted_are_left_behind(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    write_atomically(folder.temporal / "temporal.db", "in plain text")
    folder.prepare()
    assert not (folder.temporal / "temporal.db").exists()
    write_atomically(folder.temporal / "temporal.db", "encrypted")
    folder.prepare()
    assert (folder.temporal / "temporal.db").exists()


def test_the_one_key_of_an_older_folder_gets_a_name_and_stays(tmp_path: Path) -> None:
    old = tmp_path / "secrets" / "seal_key"
    write_atomically(old, "0" * 64)
    folder = DataFolder(tmp_path)
    folder.prepare()
    assert read_ring(folder.seal_keys.read_text()) == {"k1": "0" * 64}
    assert not old.exists()


def test_ready_json_is_the_owners_alone_and_can_be_withdrawn_twice(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.announce({"api": "http://127.0.0.1:1"})
    assert json.loads(folder.ready.read_text()) == {"api": "http://127.0.0.1:1"}
    assert folder.ready.stat().st_mode & 0o777 == 0o600
    folder.withdraw()
    folder.withdraw()
    assert [path.name for path in tmp_path.iterdir()] == []


def test_a_write_replaces_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "facts"
    write_atomically(path, "a long first content")
    write_atomically(path, "short")
    assert path.read_text() == "short"
    assert list(tmp_path.iterdir()) == [path]


def test_recorded_processes_come_back_last_started_first(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    for name, pid in (("postgres", 1), ("worker", 2), ("postgres", 3)):
        folder.record_process(name, ProcessMark(pid, "then", ("-m", name)), signal.SIGTERM, 5.0)

    assert [(orphan.name, orphan.mark.pid) for orphan in folder.orphans()] == [("postgres", 3), ("worker", 2)]
    folder.forget_process("postgres")
    assert [orphan.mark for orphan in folder.orphans()] == [ProcessMark(2, "then", ("-m", "worker"))]


def test_a_damaged_record_is_named_rather_than_ignored(tmp_path: Path) -> None:
    (tmp_path / "pids.json").write_text("{")
    with pytest.raises(StackFailed, match=r"pids\.json is damaged"):
        DataFolder(tmp_path).orphans()


def test_the_lock_says_who_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "var" / "lock"
    with FolderLock(path), pytest.raises(FolderLocked, match=f"process {os.getpid()}"), FolderLock(path):
        pass
    with FolderLock(path):
        pass


def test_the_lock_does_not_outlive_its_holder_nor_pass_to_children(tmp_path: Path) -> None:
    program = """
import os, subprocess, sys
from pathlib import Path
from runtime.embedded.lock import FolderLock
FolderLock(Path(sys.argv[1])).__enter__()
quiet = subprocess.DEVNULL
print(subprocess.Popen(["sleep", "60"], stdout=quiet, stderr=quiet).pid, flush=True)
os.kill(os.getpid(), 9)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "lock")], capture_output=True, text=True, check=False
    )
    try:
        with FolderLock(tmp_path / "lock"):
            pass
    finally:
        os.kill(int(done.stdout), signal.SIGKILL)


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StackFailed, match="cannot be used"), FolderLock(tmp_path / "file" / "lock"):
        pass


def test_a_taken_port_is_named_with_its_use_and_its_option() -> None:
    block = free_block()
    with socket.socket() as other:
        other.bind(("127.0.0.1", block.postgres))
        other.listen()
        with pytest.raises(PortTaken, match=rf"port {block.postgres}, needed for PostgreSQL, .* --port"):
            block.require_free()
    block.require_free()


def test_a_port_that_is_just_being_closed_is_waited_for() -> None:
    block = free_block()
    with socket.socket() as other, ThreadPoolExecutor(1) as thread:
        other.bind(("127.0.0.1", block.temporal))
        other.listen()
        waiting = thread.submit(block.require_free, patience=10.0)
        with pytest.raises(TimeoutError):
            waiting.result(0.1)
        other.close()
        waiting.result(5)


def test_blocks_do_not_overlap_when_six_apart() -> None:
    def ports_of(block: PortBlock) -> set[int]:
        return {
            block.api,
            block.temporal,
            block.temporal_ui,
            block.postgres,
            block.temporal_http,
            block.temporal_metrics,
        }

    assert len(ports_of(PortBlock(8080)) | ports_of(PortBlock(8086))) == 12


def test_a_long_log_is_set_aside_when_a_process_starts(tmp_path: Path) -> None:
    with (tmp_path / "api.log").open("wb") as log:
        log.truncate(LARGEST + 1)

    with open_log(tmp_path, "api") as log:
        log.write(b"new\n")

    assert (tmp_path / "api.log").read_text() == "new\n"
    assert (tmp_path / "api.log.1").stat().st_size == LARGEST + 1
