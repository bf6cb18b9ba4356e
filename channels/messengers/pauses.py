"""Services that asked to be asked less often, and until when. One deliverer keeps them, and a restart forgets them."""

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import NamedTuple

from channels import Throttled

LONGEST = timedelta(hours=1)
"""A service that has let nothing through for so long is not waited for any more."""
_SHORTEST = timedelta(seconds=1)
_SAME = timedelta(minutes=1)
"""Asked again within it and put off again, a service is still in the same pause."""


class _Pause(NamedTuple):
    since: datetime
    until: datetime


class Pauses:
    def __init__(self) -> None:
        self._pauses: dict[Hashable, _Pause] = {}

    def until(self, service: Hashable, now: datetime) -> datetime | None:
        """When it may be asked again; None if now."""
        pause = self._pauses.get(service)
        return pause.until if pause and pause.until > now else None

    def begin(self, service: Hashable, throttled: Throttled, now: datetime) -> datetime | None:
        """When to ask again: as it said, within bounds; None once it has let nothing through for LONGEST."""
        known = self._pauses.get(service)
        since = known.since if known and now - known.until < _SAME else now
        until = now + min(max(timedelta(seconds=throttled.seconds), _SHORTEST), LONGEST)
        self._pauses[service] = _Pause(since, until)
        return until if now - since < LONGEST else None

    def end(self, service: Hashable) -> None:
        """It let something through."""
        self._pauses.pop(service, None)
