"""Sets a drill up and plays it: the script, the people, the board and the voice come together here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx2
from pydantic import TypeAdapter
from rich.console import Console

from domain.refusals import Language
from domain.telling.tales import Teller
from runtime.drill import picture
from runtime.drill.board import Board
from runtime.drill.cast import Cast, Officer, Unit
from runtime.drill.client import PATIENCE_SECONDS, Client, Tokens
from runtime.drill.player import Player
from runtime.drill.run import Run
from runtime.drill.script import Script
from runtime.drill.summary import Where, read_on, summarise
from runtime.drill.views import Incident
from runtime.drill.voice import Voice
from runtime.drill.watch import Watch

_OFFICERS, _UNITS = TypeAdapter(tuple[Officer, ...]), TypeAdapter(tuple[Unit, ...])


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Surroundings:
    """Where a drill is played and how it is shown."""

    api: str
    tokens: Tokens
    console: Console
    now: Callable[[], datetime] = _now
    language: Language = Language.ZH
    addresses: Mapping[Where, str] = field(default_factory=dict)
    """Where to read on, by what is there; `{incident}` in one stands for the incident's id."""
    record: Path | None = None
    """Where to write the picture."""
    patience: float = PATIENCE_SECONDS
    transport: httpx2.AsyncBaseTransport | None = None


async def play(script: Script, begin: Callable[[], Run], around: Surroundings) -> Incident:
    """Play a run of `script` to its end, or on from where it stopped. Raises DrillError.

    The run begins only when everything is set up: its clocks wait for nobody.
    """
    voice = Voice(around.console, around.language)
    voice.open(script.title, script.opening)
    async with Client(
        around.api, around.tokens, around.language, voice.trouble, around.patience, around.transport
    ) as client:
        cast = await _read_cast(client, script.reporter)
        board = Board(begin(), cast, around.language, around.now)

        def watch_as(reporter: str) -> Watch:
            when = board.run.told(around.language)
            teller = Teller(cast, around.language, board.titles, when, drill=True)
            return Watch(client, reporter, board, teller, voice)

        watches = {name: watch_as(report.reporter) for name, report in script.reports.items()}
        player = Player(script, client, watches, board, voice, partial(_capture, around, script, voice, board))
        async with voice.showing(board):
            incident = await player.play()
    around.console.print(summarise(board, incident))
    addresses = {where: address.format(incident=incident.id) for where, address in around.addresses.items()}
    for line in read_on(board, incident, addresses):
        around.console.print(line, soft_wrap=True)
    return incident


async def _read_cast(client: Client, officer: str) -> Cast:
    officers = _OFFICERS.validate_python(await client.get("/api/v1/officers", officer))
    return Cast(officers, _UNITS.validate_python(await client.get("/api/v1/units", officer)))


def _capture(around: Surroundings, script: Script, voice: Voice, board: Board) -> None:
    if around.record is not None:
        title = script.title.zh if around.language is Language.ZH else script.title.en
        picture.draw(around.record, f"huiying drill {script.name} · {title}", [*voice.kept, board])
