"""Six incidents in flight while processes are killed, paused or denied their disk, in an order drawn by a seed."""

import asyncio

import pytest

from tests.chaos.injuries import cap_files, kill, pause
from tests.chaos.siege import Order, Siege, drawn
from tests.whole.stack import Stack

SEED = 20190054


@pytest.mark.long
def test_nothing_is_lost_or_doubled_whatever_dies(whole: Stack) -> None:
    injuries = [
        kill(whole, "worker"),
        kill(whole, "temporal"),
        kill(whole, "api"),
        kill(whole, "postgres"),
        pause(whole, "worker", 3),
        pause(whole, "postgres", 2),
        cap_files(whole, "postgres", 1),
    ]
    drawn(SEED).shuffle(injuries)
    siege = Siege(whole, Order(seed=SEED, incidents=6, seconds=300, hands=2, patience=120), iter(injuries))
    assert asyncio.run(siege.run()) == []
    assert siege.inflicted.total() == len(injuries)
