"""Plays a drill: each scene in its time, by the officer whose step it is, through the public API only.

Every scene may be played again: requests carry the key of their scene, and steps are taken only while
the incident's state says that they are open. So a run that broke off goes on where it stopped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from domain.releases import Document
from domain.vocabulary import CommandName, IncidentId, ReleaseId, ReviewOutcome, StepKind, StepState
from runtime.drill import script as s
from runtime.drill.board import Board
from runtime.drill.client import PATIENCE_SECONDS, Answer, Client, DrillError
from runtime.drill.tales import Teller
from runtime.drill.views import Incident, Release, Step, Timeline
from runtime.drill.voice import Voice

_BETWEEN_DECISIONS = 0.15
"""Hours between two decisions of one scene, so that they can be read one by one."""
_GLANCE_SECONDS = 0.5
_PAGE = 200


class Player:
    """One run. `capture` is called at the moment that makes the picture."""

    def __init__(
        self, script: s.Script, client: Client, board: Board, teller: Teller, voice: Voice, capture: Callable[[], None]
    ) -> None:
        self._script = script
        self._client = client
        self._board = board
        self._run = board.run
        self._teller = teller
        self._voice = voice
        self._capture = capture
        self._path = ""
        self._releases: dict[str, str] = {}
        self._told = 0

    async def play(self) -> Incident:
        """The incident as it stands after the last scene. Raises DrillError."""
        began = self._board.hours
        for number, scene in enumerate(self._script.scenes, start=1):
            await self._reach(scene.at)
            # What lies behind when a run is resumed has been told before.
            if scene.at >= began - 1:
                self._voice.say(scene.say)
            if scene.picture:
                self._capture()
            await self._perform(number, scene)
            await self._look()
        return self._incident

    @property
    def _incident(self) -> Incident:
        if self._board.incident is None:
            raise DrillError("the incident is not reported yet")
        return self._board.incident

    async def _reach(self, at: float) -> None:
        """Let the drill's clock come to `at`, looking at the incident meanwhile."""
        while (left := (self._run.instant(at) - self._board.now()).total_seconds()) > 0:
            await asyncio.sleep(min(left, _GLANCE_SECONDS))
            if self._path:
                await self._look()

    async def _look(self) -> None:
        """Read the state, and tell what the ledger has that was not told."""
        self._board.incident = Incident.model_validate(await self._client.get(self._path, self._script.reporter))
        while self._told < self._incident.seq:
            query = {"after": self._told, "limit": _PAGE}
            page = Timeline.model_validate(
                await self._client.get(f"{self._path}/timeline", self._script.reporter, **query)
            )
            for entry in page.items:
                self._tell(entry)
        self._voice.look()

    async def _perform(self, number: int, scene: s.AnyScene) -> None:
        match scene:
            case s.Report():
                await self._report(number)
            case s.Act():
                await self._act(number, scene)
            case s.Write():
                await self._write(number, scene)
            case s.Decide():
                await self._decide(number, scene)
            case s.Lesson():
                await self._try_step(number, scene)
            case s.Refused():
                await self._try_command(number, scene)
            case s.Await():
                await self._await(scene)
