"""What the command `huiying drill` asks for: which run, begun, resumed or remembered, and how it is shown."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from domain.refusals import Language
from runtime.drill.first import begin_first, read_first
from runtime.drill.run import Run, read_speed
from runtime.drill.script import load
from runtime.drill.stage import Surroundings, play

PLAIN_WIDTH = 110
"""Columns where nobody says how wide the page is."""


@dataclass(frozen=True)
class Order:
    """`first` is the data folder that remembers the run; `key` names a run to go on with."""

    name: str
    speed: str
    first: Path | None = None
    key: str | None = None


def make_console() -> Console:
    """As wide as the terminal; a fixed width where there is none."""
    console = Console(highlight=False)
    if console.is_terminal or "COLUMNS" in os.environ:
        return console
    return Console(highlight=False, width=PLAIN_WIDTH)


def carry_out(order: Order, around: Surroundings) -> None:
    """Play what was ordered to its end. Raises DrillFailed; a first drill that has finished is not played again."""
    first = read_first(order.first) if order.first else None
    if first is not None and first.finished:
        return
    known = first.run if first else Run.of_key(order.key) if order.key else None
    script, hour_seconds = load(known.name if known else order.name), read_speed(order.speed)

    def begin() -> Run:
        nonlocal first
        run = known or Run.begin(script.name, hour_seconds, around.now())
        if order.first is None:
            again = "中断后续演" if around.language is Language.ZH else "to go on after a break"
            around.console.print(f"{again}: huiying drill --key {run.key}", style="dim", soft_wrap=True)
        elif first is None:
            first = begin_first(order.first, run)
        return run

    # Being told to stop ends the live display properly, as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    asyncio.run(play(script, begin, around))
    if first is not None:
        first.finish()
