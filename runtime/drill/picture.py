"""A drill as a picture: one moment of it as SVG, for a page that explains what Huiying is."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.cells import get_character_cell_size
from rich.console import Console, RenderableType
from rich.terminal_theme import MONOKAI

WIDTH = 100
"""Columns; a Chinese character takes two."""
_CELL = 12.2
"""Width of a column in the picture: what rich takes for its 20 pixel high font."""

_FONTS = "'Fira Code', 'Noto Sans Mono CJK SC', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', monospace"
# A picture in a page loads nothing from elsewhere, so fonts come from the reader's machine.
_FORMAT = (
    re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    .replace("font-family: Fira Code, monospace;", f"font-family: {_FONTS};")
    .replace("font-variant-east-asian: full-width;", "")
)
_TEXT = re.compile(r'<text class="(?P<style>[^"]+)" x="(?P<x>[\d.]+)" y="(?P<y>[\d.]+)"[^>]*>(?P<text>[^<]*)</text>')


def draw(path: Path, title: str, lines: Sequence[RenderableType]) -> None:
    """Write what a terminal would show of `lines`."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for line in lines:
        console.print(line)
    svg = console.export_svg(title=title, theme=MONOKAI, code_format=_FORMAT, unique_id="drill")
    gridded = _TEXT.sub(lambda found: "".join(_runs(found)), svg)
    path.write_text("\n".join(line.rstrip() for line in gridded.splitlines() if line.strip()) + "\n", encoding="utf-8")


def _runs(found: re.Match[str]) -> Iterator[str]:
    """A text as runs of characters of one width, each at its own column: rich counts all of them as narrow."""
    x = float(found["x"])
    for cells, run in groupby(html.unescape(found["text"]), get_character_cell_size):
        text = "".join(run)
        width = len(text) * cells * _CELL
        if text.strip():
            place = f'x="{x:g}" y="{found["y"]}" textLength="{width:g}" lengthAdjust="spacingAndGlyphs"'
            yield f'<text class="{found["style"]}" {place}>{html.escape(text)}</text>'
        x += width
