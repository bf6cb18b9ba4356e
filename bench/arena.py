"""Where sections find what they measure: services, contestants once each, chance, and how much may be done."""

import random
from dataclasses import dataclass, field

from bench.stack import Contestant, Services


@dataclass
class Arena:
    """`quick`: a hundredth of the work, to see that everything runs."""

    services: Services
    chance: random.Random
    quick: bool
    _started: dict[str, Contestant] = field(default_factory=dict)

    async def contestant(self, name: str) -> Contestant:
        """Running; whoever asked first has started it."""
        if name not in self._started:
            self._started[name] = contestant = Contestant(name, self.services)
            await contestant.start()
        return self._started[name]

    async def contestants(self, *names: str) -> list[Contestant]:
        return [await self.contestant(name) for name in names]

    def leave(self) -> None:
        """End all contestants: what comes next should not share the machine with them."""
        for contestant in self._started.values():
            contestant.stop()
        self._started.clear()

    def much(self, full: int, quick: int) -> int:
        return quick if self.quick else full
