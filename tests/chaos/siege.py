"""A county at work while its stack is hurt again and again; and what is wrong with it afterwards."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import httpx2

from runtime.embedded.stack import settings_for
from tests.chaos.checking import Shown, check
from tests.chaos.injuries import Injury
from tests.chaos.people import OFFICE, Life, People, Plan, plans
from tests.whole.stack import Stack
from upkeep import tokens, verifying

POSTS = ("editor", "head", "reviewer")
TOKENS_FOR = timedelta(days=1)


def drawn(seed: int) -> random.Random:
    """A run can be had again: what is drawn, though not how fast the machine is."""
    return random.Random(seed)  # noqa: S311  # Nobody has to be unable to guess it.


@dataclass(frozen=True)
class Order:
    """How many incidents of which units, and for how long at most the stack is hurt, by so many hands at once. A hand
    rests for up to `pause` seconds once the API answers again.
    """

    seed: int
    incidents: int
    seconds: float
    hands: int = 1
    pause: float = 2.0
    patience: float = 1200.0
    """Seconds that people wait for an answer, and we for rest: longer than all trouble together, on a busy machine."""
    units: tuple[str, ...] = ("qixia",)
    channels: tuple[str, ...] = ()


@dataclass
class Siege:
    """`injuries` ends when there is nothing more to do; `shown` is what platforms have shown, the bulletin apart."""

    stack: Stack
    order: Order
    injuries: Iterator[Injury]
    say: Callable[[str], None] = print
    shown: Callable[[], Shown] = dict
    inflicted: Counter[str] = field(default_factory=Counter)

    async def run(self) -> list[str]:
        """Everything that is wrong at the end."""
        api, database = self.stack.addresses["api"], settings_for(self.stack.data).database_url
        issued = {who: await tokens.issue(database, who, "chaos", TOKENS_FOR) for who in self._officers()}
        async with httpx2.AsyncClient(trust_env=False) as http:
            people = People(api, issued, http, self.order.patience)
            lives = [Life(people, plan) for plan in self._plans()]
            began = time.monotonic()
            wrong = await self._play(lives, http, api)
            self.say(
                f"{len(people.accepted)} commands, {people.asked_again} asked again, {self.inflicted.total()} injuries"
                f" in {time.monotonic() - began:.0f} s"
            )
            await self._healed(http, api)
            # One that nobody could report is told of already.
            lives = [life for life in lives if life.incident]
            shown = {**self.shown(), "bulletin": await self._bulletin(lives, http, api)}
        wrong += await check(settings_for(self.stack.data), lives, people.accepted, shown, self.order.patience)
        told: list[str] = []
        whole = await verifying.verify(settings_for(self.stack.data).database_url, None, told.append)
        return wrong if whole else [*wrong, *told]

    def _officers(self) -> list[str]:
        return [OFFICE, *(f"{unit}.{post}" for unit in self.order.units for post in POSTS)]

    def _plans(self) -> Iterator[Plan]:
        order = self.order
        within = timedelta(seconds=order.seconds)
        return plans(drawn(order.seed), order.incidents, order.units, order.channels, within)

    async def _play(self, lives: list[Life], http: httpx2.AsyncClient, api: str) -> list[str]:
        """All lives to their ends while the stack is hurt; what became of those that came to none."""
        until = time.monotonic() + self.order.seconds
        working = asyncio.gather(*(life.run() for life in lives), return_exceptions=True)
        hands = [asyncio.create_task(self._hurt(number, until, http, api)) for number in range(self.order.hands)]
        ended = await working
        for hand in hands:
            await hand
        return [f"{life.incident or life.plan}: {end!r}" for life, end in zip(lives, ended, strict=True) if end]

    async def _hurt(self, hand: int, until: float, http: httpx2.AsyncClient, api: str) -> None:
        rest = drawn(self.order.seed + hand)
        for injury in self.injuries:
            self.say(injury.name)
            self.inflicted[injury.kind] += 1
            await injury.inflict()
            await self._healed(http, api)
            await asyncio.sleep(rest.uniform(0, self.order.pause))
            if time.monotonic() > until:
                break

    async def _healed(self, http: httpx2.AsyncClient, api: str) -> None:
        """Return once the API says that it and all it needs is there. Raises TimeoutError."""
        async with asyncio.timeout(self.order.patience):
            while True:
                try:
                    answer = await http.get(f"{api}/readyz", timeout=5)
                    if answer.is_success and answer.json()["temporal"] == "up":
                        return
                except httpx2.TransportError:
                    pass
                await asyncio.sleep(0.2)

    async def _bulletin(self, lives: list[Life], http: httpx2.AsyncClient, api: str) -> Counter[str]:
        """How often the public finds each release: by its address, and on the first page."""
        listed = Counter(await asyncio.to_thread(self.stack.bulletin))
        for life in lives:
            for digest in life.released:
                answer = await http.get(f"{api}/public/releases/{digest}", timeout=30)
                listed[digest] = max(listed[digest], int(answer.is_success))
        return listed
