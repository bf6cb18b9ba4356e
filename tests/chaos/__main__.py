"""python -m tests.chaos: hundreds of incidents in flight on a stack of their own that is hurt in every way there is.

Exit 1 and what is wrong, if anything is. The folder of a run that failed is kept.
"""

import argparse
import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from runtime.embedded.ports import PortBlock
from tests.channels.platforms import WEBSITE_SECRET, FakeWebsite, FakeWechat, FakeWeibo
from tests.channels.server import served
from tests.chaos import injuries as hurt
from tests.chaos.proxy import Proxy, through
from tests.chaos.siege import Order, Siege, drawn
from tests.chaos.up import CLOCK, POSTGRES, TEMPORAL
from tests.runtime.places import free_block
from tests.whole.stack import Stack

PROCESSES = ("worker", "api", "temporal", "postgres")
UNITS = ("qixia", "baishi", "liuba", "tonghua", "yunshan", "songxi")
DISK = "1536m"
FARTHEST = 240
"""Seconds a clock may be wrong by: less than seals hold."""


class AstrayStack(Stack):
    module = "tests.chaos.up"


@dataclass(frozen=True)
class Field:
    """Where it happens: what can be hurt, and what platforms have shown."""

    stack: Stack
    proxies: Mapping[str, Proxy]
    clocks: Path
    can_fill: bool
    platforms: "Platforms"


@dataclass(frozen=True)
class Platforms:
    wechat: FakeWechat
    weibo: FakeWeibo
    website: FakeWebsite

    def shown(self) -> dict[str, Counter[str]]:
        return {
            "wechat": Counter(url.rsplit("/", 1)[1] for url in self.wechat.published),
            "weibo": Counter(url.rsplit("/", 1)[1] for url in self.weibo.posted),
            "website": Counter(self.website.published),
        }

    def accounts(self) -> dict[str, str]:
        often = "100000"
        return {
            "HUIYING_WECHAT_APP_ID": "wx1",
            "HUIYING_WECHAT_SECRET": "wechat-secret",
            "HUIYING_WECHAT_THUMB_MEDIA_ID": "cover",
            "HUIYING_WECHAT_BASE_URL": self.wechat.url,
            "HUIYING_WECHAT_PER_MINUTE": often,
            "HUIYING_WEIBO_ACCESS_TOKEN": "weibo-token",
            "HUIYING_WEIBO_BASE_URL": self.weibo.url,
            "HUIYING_WEIBO_PER_MINUTE": often,
            "HUIYING_WEBSITE_URL": self.website.url,
            "HUIYING_WEBSITE_SECRET": WEBSITE_SECRET,
            "HUIYING_WEBSITE_PER_MINUTE": often,
            "HUIYING_SUBMISSIONS_PER_MINUTE": often,
        }


def draw(field: Field, seed: int) -> Iterator[hurt.Injury]:
    """Injuries without end, the same for the same seed."""
    dice, stack = drawn(seed), field.stack
    line = dice.choice
    kinds: tuple[Callable[[], hurt.Injury], ...] = (
        lambda: hurt.kill(stack, dice.choice(PROCESSES)),
        lambda: hurt.kill(stack, dice.choice(PROCESSES)),
        lambda: hurt.pause(stack, dice.choice(PROCESSES), dice.uniform(1, 12)),
        lambda: (
            hurt.fill(stack.data, dice.uniform(2, 10))
            if field.can_fill
            else hurt.cap_files(stack, dice.choice(("temporal", "postgres")), dice.uniform(1, 5))
        ),
        lambda: hurt.slow(*line(list(field.proxies.items())), dice.uniform(3, 10)),
        lambda: hurt.silence(*line(list(field.proxies.items())), dice.uniform(2, 12)),
        lambda: hurt.drop(*line(list(field.proxies.items())), dice.uniform(2, 8)),
        lambda: hurt.jump(field.clocks, dice.choice(("worker", "api")), dice.uniform(-FARTHEST, FARTHEST)),
    )
    while True:
        yield dice.choice(kinds)()


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """The folder as a disk that can be filled, if this user may mount one; whether it is."""
    mount = ("mount", "-t", "tmpfs", "-o", f"size={DISK},mode=0755", "huiying-chaos", str(folder))
    try:
        mounted = subprocess.run(mount, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        mounted = False
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(("umount", "--lazy", str(folder)), check=True)  # noqa: S607  # Whichever there is.


@contextmanager
def places() -> Iterator[tuple[Path, Path]]:
    """A folder for the data, on its way to which PostgreSQL's user may pass, and one for the clocks."""
    root = Path(tempfile.mkdtemp(prefix="huiying-chaos-"))
    root.chmod(0o711)
    data, clocks = root / "data", root / "clocks"
    data.mkdir()
    clocks.mkdir()
    try:
        yield data, clocks
    finally:
        shutil.rmtree(root)


@asynccontextmanager
async def prepared(data: Path, clocks: Path) -> AsyncIterator[Field]:
    """A stack that runs, behind proxies, with platforms beside it."""
    stack = AstrayStack(data, free_block().api)
    block = PortBlock(stack.port)
    platforms = Platforms(FakeWechat(), FakeWeibo(), FakeWebsite())
    async with AsyncExitStack() as around:
        for platform in (platforms.wechat, platforms.weibo, platforms.website):
            await around.enter_async_context(served(platform))
        proxies = {
            "PostgreSQL": await around.enter_async_context(through(block.postgres)),
            "Temporal": await around.enter_async_context(through(block.temporal)),
        }
        os.environ |= platforms.accounts() | {
            POSTGRES: str(proxies["PostgreSQL"].port),
            TEMPORAL: str(proxies["Temporal"].port),
            CLOCK: str(clocks),
        }
        with small_disk(data) as can_fill:
            try:
                await asyncio.to_thread(stack.start)
                yield Field(stack, proxies, clocks, can_fill, platforms)
            finally:
                await asyncio.to_thread(stack.stop)


async def play(order: Order) -> list[str]:
    """Everything that is wrong."""
    began = time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {what}", flush=True)  # noqa: T201  # Its output is its result.

    with places() as (data, clocks):
        async with prepared(data, clocks) as field:
            disk = "on a disk of its own" if field.can_fill else "with limits for files in place of a full disk"
            say(f"seed {order.seed}: {order.incidents} incidents {disk}")
            siege = Siege(field.stack, order, draw(field, order.seed), say, field.platforms.shown)
            wrong = await siege.run()
            if wrong:
                # What it was like is looked for in the logs.
                kept = Path(tempfile.mkdtemp(prefix="huiying-chaos-logs-"))
                shutil.copytree(field.stack.data / "logs", kept / "logs")
                say(f"logs in {kept}")
    for name, count in sorted(siege.inflicted.items()):
        say(f"{count:4} x {name}")
    for one in wrong:
        say(f"WRONG: {one}")
    say("nothing was lost, nothing was doubled, every duty has its alarm" if not wrong else f"{len(wrong)} wrong")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="make chaos ARGS=")
    parser.add_argument("--incidents", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--minutes", type=float, default=10, help="how long it is hurt at most")
    given = parser.parse_args()
    order = Order(
        seed=given.seed,
        incidents=given.incidents,
        seconds=given.minutes * 60,
        hands=2,
        units=UNITS,
        channels=("wechat", "weibo", "website"),
    )
    return 1 if asyncio.run(play(order)) else 0


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
