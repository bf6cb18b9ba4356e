"""What a section has found: ratios with their goals, and the figures they were made from."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

_WHOLE_FROM = 100
"""Figures from here on are shown without a fraction."""


def number(value: float) -> str:
    """For people."""
    return f"{value:,.0f}" if abs(value) >= _WHOLE_FROM else f"{value:.3g}"


class Ratio(BaseModel):
    """One thing measured against another in the same run. `goal` binds in the direction of `sense`."""

    model_config = ConfigDict(frozen=True)

    name: str
    value: float
    goal: float | None = None
    sense: Literal["at most", "at least"] = "at most"
    unit: str = "×"

    @property
    def met(self) -> bool | None:
        """None where nothing is asked."""
        if self.goal is None:
            return None
        return self.value <= self.goal if self.sense == "at most" else self.value >= self.goal


class Table(BaseModel):
    """Rows of figures under `columns`, the first of which names the row."""

    model_config = ConfigDict(frozen=True)

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | float, ...], ...]


class Findings(BaseModel):
    """Of one section. `how` says in a sentence or two what was done; `raw` keeps what anybody may want to recompute."""

    model_config = ConfigDict(frozen=True)

    title: str
    how: str
    ratios: tuple[Ratio, ...]
    tables: tuple[Table, ...] = ()
    raw: dict[str, Any] = {}
