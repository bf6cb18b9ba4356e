"""Processes die in the middle of a drill. It finishes; the bulletin shows each release once; the ledger verifies."""

import asyncio
import json
import re
import subprocess
from collections.abc import Callable
from typing import Any

import asyncpg
import httpx2
import pytest

from tests.whole.stack import Stack, wait_until

OFFICER = "office.duty"


def progress(stack: Stack, token: str) -> int:
    """Entries of the drill's ledger; 0 before it is submitted, -1 while nobody answers."""
    try:
        played = drills(stack, token)
    except (httpx2.HTTPError, FileNotFoundError):
        return -1
    return int(played[0]["seq"]) if played else 0


def drills(stack: Stack, token: str) -> list[dict[str, Any]]:
    return [incident for incident in stack.incidents(token) if incident["drill"]]


def play(stack: Stack) -> "subprocess.Popen[bytes]":
    return stack.run("drill", "canteen", "--speed", "fast")


def check(stack: Stack, drill: "subprocess.Popen[bytes]", token: str) -> None:
    """All that must hold once the drill has ended."""
    assert drill.wait(180) == 0
    assert [incident["phase"] for incident in drills(stack, token)] == ["closed"]
    shown = stack.bulletin()
    assert shown
    assert len(shown) == len(set(shown)), "a release stands on the bulletin twice"
    assert leaks(stack) == {}
    verified = stack.call("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def leaks(stack: Stack) -> dict[str, list[str]]:
    """Words of the drill, names of people and keys in Temporal's files or in any log, and where."""
    words = asyncio.run(kept_words(stack.addresses["database"])) + keys(stack)
    assert len(words) > 100
    kept = {path: path.read_bytes() for path in (*stack.data.glob("temporal/*"), *stack.data.glob("logs/*"))}
    assert sum(len(content) for content in kept.values()) > 100_000
    # JSON may carry the same words as escapes.
    spellings = {word: (word.encode(), json.dumps(word)[1:-1].encode()) for word in words}
    return {
        word: found
        for word, forms in spellings.items()
        if (found := [path.name for path, content in kept.items() if any(form in content for form in forms)])
    }


def keys(stack: Stack) -> list[str]:
    """Every secret of the folder, a ring without the ids of its keys."""
    held = [path.read_text().strip() for path in (stack.data / "secrets").iterdir()]
    assert len(held) >= 3
    return [secret.removeprefix("k1:") for secret in held]


async def kept_words(database: str) -> list[str]:
    """Every text of the database line by line, and every officer's name; lines too short to tell are left out."""
    connection = await asyncpg.connect(database)
    try:
        texts = [row["text"] for row in await connection.fetch("SELECT text FROM texts")]
        names = [row["name"] for row in await connection.fetch("SELECT name FROM officers")]
    finally:
        await connection.close()
    pieces = {piece for text in texts for piece in re.split(r'[\n"\\]', text)}
    return [*names, *(piece for piece in pieces if re.search(r"[\u4e00-\u9fff]{4}", piece))]


def rebuild(stack: Stack) -> None:
    """Lose Temporal's database, as a broken disk would, and start what the ledger says is open."""
    for file in (stack.data / "temporal").glob("temporal.db*"):
        file.unlink()
    stack.kill("temporal")
    wait_until(lambda: stack.call("repair", "--rebuild").returncode == 0, "repair finds a server again")


def restart_after(hurt: Callable[[Stack], None]) -> Callable[[Stack], None]:
    def hurt_and_start(stack: Stack) -> None:
        hurt(stack)
        stack.start()

    return hurt_and_start


def kill(name: str) -> Callable[[Stack], None]:
    return lambda stack: stack.kill(name)


PROCESSES = ("worker", "api", "temporal", "postgres")
SUPERVISOR, EVERYTHING = restart_after(Stack.kill_supervisor), restart_after(Stack.kill_all)

LONG: dict[str, list[Callable[[Stack], None]]] = {
    "each process": [kill(name) for name in PROCESSES],
    "the supervisor, all, Temporal's database": [SUPERVISOR, EVERYTHING, rebuild],
    **{f"{name} three times": [kill(name)] * 3 for name in PROCESSES},
    "the supervisor three times": [SUPERVISOR] * 3,
    "all three times": [EVERYTHING] * 3,
    "Temporal's database twice": [rebuild] * 2,
}


def survive(stack: Stack, injuries: list[Callable[[Stack], None]]) -> None:
    """Hurt the stack whenever the drill has come a little further."""
    token = stack.token(OFFICER)
    drill = play(stack)
    goal = 0
    for injure in injuries:
        goal = max(goal, progress(stack, token)) + 4
        wait_until(lambda goal=goal: progress(stack, token) >= goal, f"entry {goal}", 60)  # type: ignore[misc]
        assert drill.poll() is None, "the drill is still going on"
        injure(stack)
        wait_until(lambda: progress(stack, token) >= 0, "the API answers again")
    check(stack, drill, token)


@pytest.mark.long
@pytest.mark.parametrize("injuries", LONG.values(), ids=LONG.keys())
def test_a_drill_survives_more(stack: Stack, injuries: list[Callable[[Stack], None]]) -> None:
    survive(stack, injuries)
