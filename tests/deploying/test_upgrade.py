"""Incidents that an earlier state of this repository left open are finished by this one, on the same data folder.

Until there is a tag, two states stand for earlier versions: one from before histories were encrypted, one from before
workers had versions. A tag, where there is one, is tried as well.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import asyncpg
import httpx2
import pytest

from runtime.embedded.addresses import program
from runtime.embedded.folder import DataFolder
from runtime.embedded.ports import PortBlock
from tests.runtime.places import free_block
from tests.whole.stack import Stack, wait_until
from tests.whole.test_backup import Caller, clear, draft_and_decide, submission

ROOT = Path(__file__).parents[2]
Checkout = Callable[[str], Path]
BEFORE_ENCRYPTION = "f1e54c21af5ffe7f4380523cdba98e5dc3a743f6"
BEFORE_VERSIONS = "14782c66831f3735980726dc4e133c43d434f400"


def git(*arguments: str) -> str:
    return subprocess.run(("git", "-C", str(ROOT), *arguments), capture_output=True, text=True, check=True).stdout  # noqa: S607  # Whichever git there is.


def states() -> list[str]:
    """What is there of the earlier states, and the latest tag."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        return []
    tags = git("tag", "--merged", "HEAD", "--sort=-creatordate").split()[:1]
    known = [one for one in (BEFORE_ENCRYPTION, BEFORE_VERSIONS) if is_there(one)]
    return [*known, *tags]


def is_there(commit: str) -> bool:
    asked = ("git", "-C", str(ROOT), "cat-file", "-e", f"{commit}^{{commit}}")
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


@pytest.fixture
def checkout(folder: Path) -> Iterator[Checkout]:
    """Makes a work tree of a commit."""
    made: list[Path] = []

    def make(commit: str) -> Path:
        made.append(folder / f"tree-{len(made)}")
        git("worktree", "add", "--detach", str(made[-1]), commit)
        return made[-1]

    yield make
    for tree in made:
        git("worktree", "remove", "--force", str(tree))


def finish(caller: Caller, incident: str) -> None:
    """All that is left of a general incident, up to its end."""
    say = f"/incidents/{incident}/commands"
    caller.ask("office.duty", "POST", f"{say}/assess", respond=True)
    caller.ask("qixia.editor", "POST", f"{say}/confirm_facts", summary="已核实")
    response = {"kind": "response", "title": "关于路面塌陷的回应", "body": "路面已修复。", "channels": ["bulletin"]}
    release = caller.ask("qixia.editor", "POST", f"/incidents/{incident}/releases", **response)
    about = {"release": release["release"], "digest": release["digest"]}
    caller.ask("qixia.head", "POST", f"{say}/approve", step="unit_approval", **about)
    clear(caller, incident, about)
    wait_until(lambda: release["digest"] in caller.stack.bulletin(), "the response is public")
    assert caller.ask("office.duty", "POST", f"{say}/close", summary="办结")["phase"] == "closed"


def entries(stack: Stack, incident: str, type_: str) -> int:
    """How many of a kind are in the ledger."""

    async def count() -> int:
        connection = await asyncpg.connect(stack.addresses["database"])
        try:
            query = "SELECT count(*) FROM ledger WHERE incident = $1 AND type = $2"
            return int(await connection.fetchval(query, incident, type_))
        finally:
            await connection.close()

    return asyncio.run(count())


def check(stack: Stack, incidents: list[str], published: int) -> None:
    shown = stack.bulletin()
    assert len(shown) == len(set(shown)) == published
    for incident in incidents:
        assert entries(stack, incident, "published") == 2
    for command in ("verify", "repair", "replay"):
        done = stack.call(command)
        assert done.returncode == 0, (command, done.stdout, done.stderr)


@contextmanager
def up(stack: Stack) -> Iterator[Stack]:
    """The stack while it runs; stopped at the end whatever went wrong."""
    stack.start()
    try:
        yield stack
    finally:
        assert stack.stop() == 0


@pytest.mark.long
@pytest.mark.parametrize("state", states())
def test_what_an_earlier_state_left_open_is_finished_by_this_one(state: str, folder: Path, checkout: Checkout) -> None:
    port = free_block().api
    with up(Stack(folder / "data", port, checkout(state))) as old:
        caller = Caller(old)
        incidents = [caller.ask("qixia.editor", "POST", "/incidents", **submission())["id"] for _ in range(2)]
        public = draft_and_decide(caller, incidents[0], to_the_end=True)
        wait_until(lambda: old.bulletin() == [public["digest"]], "the first release is public")
        waiting = draft_and_decide(caller, incidents[1], to_the_end=False)

    with up(Stack(folder / "data", port)) as new:
        caller.stack = new
        clear(caller, incidents[1], waiting)
        wait_until(lambda: len(new.bulletin()) == 2, "the other one is public")
        for incident in incidents:
            finish(caller, incident)
        check(new, incidents, published=4)


class People:
    """Somebody who writes notes to an incident without a pause, until the block ends."""

    def __init__(self, caller: Caller, incident: str) -> None:
        self._caller = caller
        self._path = f"/incidents/{incident}/commands/note"
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self.notes = 0
        self.troubles: list[str] = []

    def _work(self) -> None:
        while not self._done.is_set():
            try:
                self._caller.ask("qixia.editor", "POST", self._path, text="工作照常")
                self.notes += 1
            except httpx2.HTTPError as error:
                self.troubles.append(repr(error))

    def go_on(self) -> None:
        """Return once they have written five more."""
        before = self.notes
        wait_until(lambda: self.notes >= before + 5, "people go on")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._done.set()
        self._thread.join(30)


@contextmanager
def worker_beside(stack: Stack, log: Path) -> Iterator[None]:
    """A worker of this version on the tables and the Temporal of a stack, from when it is in charge."""
    data, ports = DataFolder(stack.data), PortBlock(stack.port)
    migrate, launch = program(data, ports, "cli", "migrate"), program(data, ports, "worker")
    subprocess.run(migrate.command, env=dict(migrate.environment), cwd=migrate.folder, check=True)
    with log.open("wb") as out:
        worker = subprocess.Popen(
            launch.command, env=dict(launch.environment), cwd=launch.folder, stdout=out, stderr=out
        )
    try:
        wait_until(lambda: b"version_in_charge" in log.read_bytes(), "the new worker has taken over")
        yield
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(60)


@pytest.mark.long
@pytest.mark.parametrize("state", [one for one in states() if one != BEFORE_ENCRYPTION])
def test_an_earlier_state_is_replaced_while_people_work(state: str, folder: Path, checkout: Checkout) -> None:
    """The old API goes on answering: beside it the tables are brought up to date, and a new worker takes over."""
    port = free_block().api
    old, new = Stack(folder / "data", port, checkout(state)), Stack(folder / "data", port)
    with up(old):
        caller = Caller(old)
        incident = caller.ask("qixia.editor", "POST", "/incidents", **submission())["id"]
        public = draft_and_decide(caller, incident, to_the_end=True)
        wait_until(lambda: old.bulletin() == [public["digest"]], "the first release is public")
        gate = new.call("replay")
        assert gate.returncode == 0, gate.stdout + gate.stderr

        with People(caller, incident) as people:
            people.go_on()
            with worker_beside(old, folder / "new-worker.log"):
                people.go_on()
                former = old._pid("worker")
                assert former is not None
                os.kill(former, signal.SIGTERM)
                people.stop()
        assert people.troubles == []

    with up(new):
        caller.stack = new
        assert entries(new, incident, "noted") == people.notes
        finish(caller, incident)
        check(new, [incident], published=2)


def test_there_are_earlier_states_to_upgrade_from() -> None:
    """Where the history is at hand; a copy without it upgrades from nothing."""
    assert len(states()) >= 2 or not is_there("HEAD")
