"""How measurements are taken: interleaved, repeated, with what each process used meanwhile."""

import random
import statistics
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import psutil

Call = Callable[[], Awaitable[None]]


async def interleave(calls: Mapping[str, Call], rounds: int, chance: random.Random) -> dict[str, list[float]]:
    """Milliseconds of each call, all calls once a round in an order of chance, so that what else the machine does
    falls on all. The first two rounds warm up and are not kept.
    """
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(rounds + 2):
        for name in chance.sample(sorted(calls), len(calls)):
            begun = time.perf_counter()
            await calls[name]()
            if number > 1:
                taken[name].append((time.perf_counter() - begun) * 1000)
    return taken


def quantile(values: Sequence[float], part: float) -> float:
    """The smallest value that `part` of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def medians(taken: Mapping[str, Sequence[float]]) -> dict[str, float]:
    return {name: statistics.median(times) for name, times in taken.items()}


class Used(NamedTuple):
    """Seconds of CPU by process since some beginning."""

    seconds: dict[str, float]

    def since(self, before: "Used") -> dict[str, float]:
        return {name: seconds - before.seconds.get(name, 0.0) for name, seconds in self.seconds.items()}


def used(processes: Mapping[str, psutil.Process]) -> Used:
    """By each process with all it has started, what has ended included."""
    return Used({name: sum(_seconds(process)) for name, process in processes.items()})


def _seconds(process: psutil.Process) -> Iterable[float]:
    own = process.cpu_times()
    yield own.user + own.system + own.children_user + own.children_system
    for child in process.children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        yield times.user + times.system


def memory_of(process: psutil.Process) -> int:
    """Bytes that would be free if it ended."""
    held: int = process.memory_full_info().uss
    return held
