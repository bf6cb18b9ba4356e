"""A worker that is told to stop finishes what it has begun; nothing is left to be done twice."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from temporalio.testing import WorkflowEnvironment

from activities.notifying import Notifying
from channels import Accepted, Call, Publication, Publisher
from channels.bulletin import Bulletin
from db.session import Sessions
from domain.releases import Receipt
from domain.vocabulary import Channel
from tests.workflows.test_trouble import approve
from tests.workflows.world import World
from worker import activities_for, deliver_notices, make_worker


@dataclass
class Slow:
    """Something that takes until it `may` be over."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    may: asyncio.Event = field(default_factory=asyncio.Event)
    times: int = 0

    async def take(self) -> None:
        self.times += 1
        self.begun.set()
        await self.may.wait()


class SlowPlace(Slow):
    async def publish(self, publication: Publication, call: Call, now: datetime) -> Accepted:
        await self.take()
        return Accepted(publication.digest, publication.url, now)

    async def retract(self, publication: Publication, receipt: Receipt, now: datetime) -> None:
        raise NotImplementedError


class SlowPost(Slow):
    async def chase_filings(self) -> None:
        pass

    async def deliver(self) -> int:
        await self.take()
        return 1


async def test_a_call_on_a_channel_that_was_begun_is_finished(
    real_time: WorkflowEnvironment, sessions: Sessions
) -> None:
    world, place = World(real_time, sessions), SlowPlace()
    publishers: dict[Channel, Publisher] = {Channel.BULLETIN: Bulletin(), Channel.WECHAT: place}
    activities = activities_for(world.settings, world.client, sessions, world.clock, publishers)
    worker = make_worker(world.client, world.task_queue, activities)
    working = asyncio.create_task(worker.run())
    await world.submit()
    release, digest = await world.draft("first", "emergency.editor", channels=tuple(publishers))
    await approve(world, release, digest)
    await place.begun.wait()
    stopping = asyncio.create_task(worker.shutdown())
    done, _ = await asyncio.wait({stopping}, timeout=0.5)
    assert not done
    place.may.set()
    await stopping
    await working
    async with make_worker(world.client, world.task_queue, activities):
        await world.until(lambda incident: len(incident.this_round()[0].receipts) == len(publishers))
        await world.end()
    assert place.times == 1


async def test_a_round_of_notices_that_was_begun_is_finished_and_no_other_begins() -> None:
    post, stop = SlowPost(), asyncio.Event()
    delivering = asyncio.create_task(deliver_notices(cast("Notifying", post), stop))
    await post.begun.wait()
    stop.set()
    done, _ = await asyncio.wait({delivering}, timeout=0.1)
    assert not done
    post.may.set()
    await delivering
    assert post.times == 1
