"""A drill as a picture: one moment of it as SVG, for a page that explains what Huiying is."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console, RenderableType
from rich.terminal_theme import MONOKAI

WIDTH = 100
"""Columns; a Chinese character takes two."""

# A picture in a page loads nothing from elsewhere, so fonts come from the reader's machine.
_FORMAT = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL).replace(
    "font-family: Fira Code, monospace;",
    "font-family: 'Fira Code', 'Noto Sans Mono CJK SC', 'Sarasa Mono SC', 'WenQuanYi Zen Hei Mono', monospace;",
)


def draw(path: Path, title: str, lines: Sequence[RenderableType]) -> None:
    """Write what a terminal would show of `lines`."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for line in lines:
        console.print(line)
    svg = console.export_svg(title=title, theme=MONOKAI, code_format=_FORMAT, unique_id="drill")
    path.write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", encoding="utf-8")
