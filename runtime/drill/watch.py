"""Keeps the board true: reads the incident's state, and tells what its ledger has that was not told yet."""

from __future__ import annotations

from domain import events as e
from domain.telling.tales import Teller
from domain.vocabulary import Channel
from runtime.drill.board import Board
from runtime.drill.client import Client, DrillError
from runtime.drill.views import Entry, Incident, Timeline
from runtime.drill.voice import Voice

_PAGE = 40


class Watch:
    """What one officer, who may read an incident, sees of it."""

    def __init__(self, client: Client, officer: str, board: Board, teller: Teller, voice: Voice) -> None:
        self._client = client
        self._officer = officer
        self._board = board
        self._teller = teller
        self._voice = voice
        self._incident = ""
        self._told = 0
        self._cursor: str | None = None

    def begin(self, incident: str) -> None:
        """From now on `look` reads this incident."""
        self._incident = incident

    @property
    def begun(self) -> bool:
        return bool(self._incident)

    @property
    def path(self) -> str:
        return f"/api/v1/incidents/{self._incident}"

    async def look(self) -> Incident:
        """The state as it is now. Raises DrillError."""
        incident = Incident.model_validate(await self._client.get(self.path, self._officer))
        self._board.incident = incident
        while self._told < incident.seq:
            await self._read_on()
        return incident

    async def _read_on(self) -> None:
        """The next page, or again the last one: it may have grown."""
        query: dict[str, str | int] = {"limit": _PAGE} | ({"cursor": self._cursor} if self._cursor else {})
        page = Timeline.model_validate(await self._client.get(f"{self.path}/timeline", self._officer, **query))
        if not page.items or (page.next is None and page.items[-1].seq <= self._told):
            raise DrillError("the timeline ends before the incident's state does")
        for entry in page.items:
            if entry.seq > self._told:
                self._tell(entry)
        self._cursor = page.next or self._cursor

    def _tell(self, entry: Entry) -> None:
        self._told = entry.seq
        fact = entry.fact
        match fact:
            case e.Reminded():
                self._board.reminded.add((fact.kind, fact.due_at))
            case e.Published() if fact.channel is Channel.BULLETIN:
                self._board.links[fact.release] = fact.url
            case _:
                pass
        tale = self._teller.tell(fact, entry.actor, entry.seat.unit if entry.seat else None)
        if tale is not None:
            self._voice.note(self._board.run.hours_at(entry.decided_at), tale)
