"""What the person at the terminal sees of a stack: steps with their time, and where to go next."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text


class Progress:
    """Lines on a terminal; the same without colour, box and spinner where there is none."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._under_way: list[str] = []
        self._status = console.status("")

    @contextmanager
    def step(self, title: str, done_title: str | None = None) -> Iterator[None]:
        """Shows the step as under way, then how long it took. Steps may overlap."""
        began = time.monotonic()
        self._under_way.append(title)
        self._spin()
        done = False
        try:
            yield
            done = True
        finally:
            self._under_way.remove(title)
            self._spin()
            mark, style = ("✓", "green") if done else ("✗", "red")
            if self._console.encoding.lower().replace("-", "") != "utf8":
                mark = "ok" if done else "no"
            self._console.print(
                Text.assemble(
                    (mark, style),
                    f" {(done_title if done else None) or title}",
                    (f"  {time.monotonic() - began:.1f} s", "dim"),
                )
            )

    def say(self, text: str) -> None:
        """One line, as it is."""
        self._console.print(Text(text), soft_wrap=True)

    def show_addresses(self, addresses: Mapping[str, str], hint: str) -> None:
        """The last thing of a start: where everything is."""
        if not self._console.is_terminal:
            for title, address in addresses.items():
                self.say(f"{title}: {address}")
            self.say(hint)
            return
        table = Table.grid(padding=(0, 2))
        for title, address in addresses.items():
            table.add_row(title, Text(address, style=f"bold link {address}"))
        table.add_row()
        grid = Table.grid()
        grid.add_row(table)
        grid.add_row(Text(hint, style="dim"))
        self._console.print(Panel(grid, title="Huiying 回应", expand=False, border_style="green", padding=(1, 2)))

    def _spin(self) -> None:
        if not self._console.is_terminal:
            return
        if self._under_way:
            self._status.update(f"{', '.join(self._under_way)} …")
            self._status.start()
        else:
            self._status.stop()
