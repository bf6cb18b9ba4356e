"""What the supervisor runs, as data: services that go on, and chores that end."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from runtime.embedded.launch import Launch


@dataclass(frozen=True)
class Run:
    """One process of a service: its id and the instant it was started, aware UTC."""

    pid: int
    started_at: datetime


async def nothing_more() -> None:
    """What most services need once they answer."""


@dataclass(frozen=True)
class Service:
    """A process that is to run for as long as the stack does."""

    name: str
    """Also of its log file."""
    title: str
    launch: Callable[[], Launch]
    """What to run. Called before each start, in a thread; makes what must be there first."""
    is_ready: Callable[[Run], Awaitable[bool]]
    settle: Callable[[], Awaitable[None]] = nothing_more
    """What to do each time it answers, before others may rely on it. May raise `StackFailed`."""
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10.0
    """How long it may take to stop before it is killed."""


@dataclass(frozen=True)
class Chore:
    """A process that does one thing and ends with 0."""

    name: str
    title: str
    launch: Callable[[], Launch]


@dataclass(frozen=True)
class Plan:
    """What a stack consists of. Each part is started when the one before answers or has ended."""

    foundations: tuple[Service, ...]
    chores: tuple[Chore, ...]
    programs: tuple[Service, ...]
