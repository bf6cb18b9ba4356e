"""One playing of a drill. Everything that distinguishes it is in its key, so that the key alone resumes it."""

from __future__ import annotations

import math
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from domain.instants import FASTEST_HOUR, NATURAL_HOUR
from domain.refusals import Language
from runtime.drill.failure import DrillFailed

SPEEDS = {"slow": 12.0, "normal": 6.0, "fast": 1.2}
"""Seconds that an hour lasts. At `normal` a drill of twelve hours can be read along in a good minute."""

_KEY = re.compile(r"(?P<name>[a-z][a-z0-9-]*)\.(?P<at>\d{8}T\d{9}Z)\.(?P<speed>\d+(\.\d+)?)\.(?P<nonce>[0-9a-f]{8})")


class RunError(DrillFailed):
    """A key or a speed that makes no sense; the message says why."""


def read_speed(speed: str) -> float:
    """Seconds an hour lasts, from a name or a number. Raises RunError."""
    if speed in SPEEDS:
        return SPEEDS[speed]
    try:
        seconds = float(speed)
    except ValueError:
        seconds = math.nan
    if not FASTEST_HOUR <= seconds <= NATURAL_HOUR:
        known = ", ".join(SPEEDS)
        bounds = f"{FASTEST_HOUR:g} to {NATURAL_HOUR:g}"
        raise RunError(f"speed {speed!r} is neither one of {known} nor seconds from {bounds}")
    # The key carries the speed in plain notation, and a run resumed from it must have the same.
    return round(seconds, 3)


@dataclass(frozen=True)
class Run:
    """`detected_at` is the instant all its clocks count from; `hour_seconds` is its speed."""

    name: str
    detected_at: datetime
    hour_seconds: float
    nonce: str

    @classmethod
    def begin(cls, name: str, hour_seconds: float, now: datetime) -> Self:
        whole = now.replace(microsecond=now.microsecond // 1000 * 1000)
        return cls(name, whole, hour_seconds, secrets.token_hex(4))

    @classmethod
    def of_key(cls, key: str) -> Self:
        """The run that `key` stands for. Raises RunError."""
        found = _KEY.fullmatch(key)
        if found is None:
            raise RunError(f"{key!r} is not the key of a drill")
        at = datetime.strptime(found["at"], "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)
        return cls(found["name"], at, read_speed(found["speed"]), found["nonce"])

    @property
    def key(self) -> str:
        speed = f"{self.hour_seconds:.3f}".rstrip("0").rstrip(".")
        at = f"{self.detected_at:%Y%m%dT%H%M%S%f}"[:-3]
        return f"{self.name}.{at}Z.{speed}.{self.nonce}"

    def step_key(self, scene: int, part: str = "") -> str:
        """The idempotency key of one request: the same scene asks under the same key for ever."""
        return ".".join(filter(None, [self.key, f"{scene:02}", part]))

    def instant(self, hours: float) -> datetime:
        return self.detected_at + timedelta(seconds=hours * self.hour_seconds)

    def hours_at(self, at: datetime) -> float:
        """Hours of the drill's clock from detection to `at`."""
        return (at - self.detected_at).total_seconds() / self.hour_seconds

    def told(self, language: Language) -> Callable[[datetime], str]:
        """How an instant is told: as an hour of the drill's clock."""
        sentence = "第 {:.1f} 小时" if language is Language.ZH else "hour {:.1f}"
        return lambda at: sentence.format(self.hours_at(at))
