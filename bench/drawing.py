"""The ratios as a drawing: a bar each, its goal as a line, on a scale on which the goal is always at one place."""

from collections.abc import Sequence
from html import escape

from bench.findings import Ratio, number

_ROW, _TOP, _WIDTH = 30, 64, 1060
_NAMES, _SCALE = 550, 300
"""Pixels for the names, and for a bar that reaches its goal half-way."""
_MET, _MISSED, _OPEN = "#2f9e44", "#d9480f", "#4263eb"
_STYLE = "text{font:13px system-ui,sans-serif;fill:#343a40}.t{font-size:18px;font-weight:600}.s{fill:#868e96}"


def draw(ratios: Sequence[Ratio]) -> str:
    """SVG without scripts or fonts of its own. Where nothing is asked, 1 stands where the goals stand. What is no
    ratio and not asked for has nothing to stand beside: the page's tables have it.
    """
    ratios = [ratio for ratio in ratios if ratio.goal is not None or ratio.unit == "×"]
    height = _TOP + _ROW * len(ratios) + 16
    goal_x = _NAMES + _SCALE / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}">',
        f"<style>{_STYLE}</style>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        '<text class="t" x="16" y="28">Huiying beside its opponents, medians of one run</text>',
        f'<text class="s" x="{goal_x}" y="50" text-anchor="middle">goal</text>',
        f'<path d="M{goal_x} {_TOP - 8}V{height - 12}" stroke="#adb5bd" stroke-dasharray="3 3"/>',
    ]
    for row, ratio in enumerate(ratios):
        parts += _bar(ratio, _TOP + row * _ROW)
    return "\n".join([*parts, "</svg>", ""])


def _bar(ratio: Ratio, y: int) -> list[str]:
    against = ratio.goal or 1.0
    length = min(ratio.value / against, 2.0) * _SCALE / 2
    colour = _OPEN if ratio.met is None else _MET if ratio.met else _MISSED
    said = f"{number(ratio.value)} {ratio.unit}"
    if ratio.goal is not None:
        said += f" ({'≤' if ratio.sense == 'at most' else '≥'} {number(ratio.goal)})"
    return [
        f'<text x="16" y="{y + 16}">{escape(ratio.name)}</text>',
        f'<rect x="{_NAMES}" y="{y + 3}" width="{max(length, 1):.0f}" height="18" rx="3" fill="{colour}"/>',
        f'<text x="{_NAMES + _SCALE + 12}" y="{y + 16}">{escape(said)}</text>',
    ]
