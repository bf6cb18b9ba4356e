"""The narrator's voice: a line for each thing that happens, above a live board where there is a terminal."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console, RenderableType
from rich.live import Live
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from domain.refusals import Language
from domain.telling.tales import Tale
from runtime.drill.board import Board
from runtime.drill.scenes import Saying

_TICK_SECONDS = 0.2
_KEPT_LINES = 18
_TIME_WIDTH, _WORD_WIDTH = 7, 8


class Voice:
    """Prints through `console`. Without a terminal it says in lines what the board would show."""

    def __init__(self, console: Console, language: Language) -> None:
        self.console = console
        self.language = language
        self.kept: deque[RenderableType] = deque(maxlen=_KEPT_LINES)
        """The latest lines, for a picture."""
        self._board: Board | None = None
        self._waits: dict[str, list[tuple[str, str]]] = {}
        self._noted: list[tuple[float, Tale]] = []

    @asynccontextmanager
    async def showing(self, board: Board) -> AsyncIterator[None]:
        """Keep the board below all lines, its clocks moving, until the end of the block."""
        self._board = board
        if not self.console.is_terminal:
            yield
            return
        # Refreshed from here and not from a thread of its own: a line printed meanwhile would break the board.
        with Live(board, console=self.console, auto_refresh=False) as live:
            ticking = asyncio.create_task(_tick(live))
            try:
                yield
            finally:
                ticking.cancel()
                await asyncio.wait({ticking})
            if not ticking.cancelled():
                ticking.result()

    def open(self, title: Saying, opening: Saying) -> None:
        """The title and what it is about."""
        self.console.print(Rule(self._choose(title), style="cyan"))
        self.say(opening, "default")

    def say(self, saying: Saying, style: str = "") -> None:
        """A sentence of the narrator, after an empty line."""
        self._put(Text())
        self._put(Text(self._choose(saying), style=style or "bold cyan"))

    def note(self, hours: float, tale: Tale) -> None:
        """Something that is in a ledger, to be told at the next look in its place among what others have."""
        self._noted.append((hours, tale))

    def tell(self, hours: float, tale: Tale) -> None:
        """Something that is in the ledger, at its hour of the drill's clock."""
        line = Table.grid(padding=(0, 1))
        line.add_column(width=_TIME_WIDTH, justify="right", style="dim")
        line.add_column(width=_WORD_WIDTH)
        line.add_column(overflow="fold")
        text = Text(tale.text, style=tale.style)
        if tale.link:
            text.stylize(f"link {tale.link}")
        line.add_row(f"{hours:.1f} h", Text(tale.word, style=tale.style or "bold"), text)
        self._put(line)
        if tale.link:
            # An address that is broken over two lines cannot be followed.
            indent = " " * (_TIME_WIDTH + _WORD_WIDTH + 2)
            self.console.print(Text(indent + tale.link, style="dim"), soft_wrap=True)

    def refuse(self, hours: float, who: str, detail: str) -> None:
        """A refusal as the officer reads it: the lesson of the scene."""
        word = "拒绝" if self.language is Language.ZH else "refused"
        self.tell(hours, Tale(word, f"{who} ← {detail}", "bold red"))

    def trouble(self, what: str | None) -> None:
        """The servers are away (`what` says how), or back."""
        if what is None:
            words = Saying(zh="服务已恢复，演练接着进行。", en="The servers are back; the drill goes on.")
        else:
            zh = f"服务暂不可用（{what}），以同一幂等键重试，时钟照走……"
            words = Saying(zh=zh, en=f"The servers are away ({what}); trying again with the same key …")
        self.say(words, "yellow" if what else "green")

    def look(self) -> None:
        """Tell what was noted. Without a live board, also say who is asked now when that is news."""
        for hours, tale in sorted(self._noted, key=lambda noted: noted[0]):
            self.tell(hours, tale)
        self._noted.clear()
        board = self._board
        if board is None or board.incident is None or self.console.is_terminal:
            return
        waits = list(board.waits())
        news = [wait for wait in waits if wait not in self._waits.get(board.incident.id, ())]
        self._waits[board.incident.id] = waits
        word = "待办" if self.language is Language.ZH else "asked"
        for what, whom in news:
            self.tell(board.hours, Tale(word, f"{what} → {whom}", "blue"))

    def _choose(self, saying: Saying) -> str:
        return saying.zh if self.language is Language.ZH else saying.en

    def _put(self, line: RenderableType) -> None:
        self.kept.append(line)
        self.console.print(line)


async def _tick(live: Live) -> None:
    """Let the clocks move until cancelled."""
    while True:
        live.refresh()
        await asyncio.sleep(_TICK_SECONDS)
