"""Ports and processes for the tests of the stack."""

import asyncio
import random
import time
from collections.abc import Callable

from runtime.embedded.ports import PortBlock, is_free


def free_block() -> PortBlock:
    """Eight neighbouring ports nobody listens on, below those the kernel hands out by itself."""
    while True:
        first = random.randrange(15_000, 32_000)  # noqa: S311 - nobody has to guess it
        if all(is_free(first + offset) for offset in range(8)):
            return PortBlock(first)


def eventually(condition: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    """Return as soon as the condition holds; fail saying what did not come about."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.05)


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """The same, while others go on."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in other processes
            await asyncio.sleep(0.02)
