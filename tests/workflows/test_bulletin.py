"""The county's own bulletin is written within the workflow task that owes it; nothing else outside is waited for."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.testing import WorkflowEnvironment

from activities import signatures as s
from activities.publishing import Publishing
from db.session import Sessions
from domain.vocabulary import ReleaseId
from tests.workflows.world import World
from worker import activities_for, make_worker

Publish = Callable[[s.PublishRequest], Awaitable[s.PublishResult]]


async def scheduled(world: World) -> list[str]:
    """Names of the ordinary activities in the run's history."""
    history = await world.handle.fetch_history()
    return [
        event.activity_task_scheduled_event_attributes.activity_type.name
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
    ]


async def test_what_goes_to_the_bulletin_needs_no_activity_of_its_own(world: World) -> None:
    await world.submit()
    release = await world.publish("first")
    await world.accepted("withdraw_release", "office.duty", release=release, reason="数据有误")
    withdrawn = await world.until(lambda incident: all(r.retracted_at for r in incident.this_round()[0].receipts))
    assert withdrawn.releases[ReleaseId(release)].receipts
    assert await scheduled(world) == []


async def test_the_last_decision_is_answered_when_the_bulletin_holds_its_receipt(world: World) -> None:
    await world.submit()
    release, digest = await world.draft("first", "emergency.editor")
    await world.accepted("approve", "emergency.head", release=release, step="unit_approval", digest=digest)
    cleared = {"release": release, "digest": digest, "outcome": "cleared"}
    await world.accepted("review_confidentiality", "emergency.reviewer", **cleared)
    await world.accepted("approve", "office.duty", release=release, step="county_approval", digest=digest)
    assert "published" in await world.types()


async def test_other_channels_are_called_by_activities_of_their_own(world: World) -> None:
    await world.submit(drill=True)
    release = ReleaseId(await world.publish("first", channels=("bulletin", "wechat")))
    await world.until(lambda incident: len(incident.releases[release].receipts) == 2)
    assert await scheduled(world) == ["publish"]


async def fail(_: Publish, __: s.PublishRequest) -> s.PublishResult:
    raise ConnectionError("the database is away")


async def hang(_: Publish, __: s.PublishRequest) -> s.PublishResult:
    await asyncio.Event().wait()
    raise AssertionError


async def lose_the_answer(publish: Publish, request: s.PublishRequest) -> s.PublishResult:
    await publish(request)
    raise ConnectionError("the answer was lost")


@pytest.mark.parametrize("mishap", [fail, hang, lose_the_answer])
async def test_a_bulletin_that_is_not_written_at_once_is_written_by_an_activity_of_its_own(
    real_time: WorkflowEnvironment,
    sessions: Sessions,
    mishap: Callable[[Publish, s.PublishRequest], Awaitable[s.PublishResult]],
) -> None:
    world = World(real_time, sessions)
    activities = activities_for(world.settings, world.env.client, sessions, world.clock)
    [published] = [one for one in activities if getattr(one, "__name__", "") == Publishing.publish.__name__]
    publish: Publish = published

    @activity.defn(name=s.PUBLISH)
    async def unsteady(request: s.PublishRequest) -> s.PublishResult:
        return await (mishap(publish, request) if activity.info().is_local else publish(request))

    others = [one for one in activities if one is not published]
    async with make_worker(world.client, world.task_queue, [*others, unsteady]):
        await world.submit()
        await world.publish("first")
        assert await scheduled(world) == ["publish"]
        assert (await world.types()).count("published") == 1
        await world.end()
