"""No reminder is lost or doubled: over workers that come and go, regrading, postponement and resets."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from db.session import Sessions
from domain.alarms import alarms
from domain.events import Chased, Reminded
from tests.workflows.resets import points, reset
from tests.workflows.world import World
from worker import activities_for, make_worker

HOUR = timedelta(hours=1)


async def told(world: World) -> Counter[tuple[object, ...]]:
    """Every reminder and every rung of a ladder, by what makes it one of its kind."""
    found: Counter[tuple[object, ...]] = Counter()
    for entry in await world.entries():
        match entry.fact:
            case Reminded(kind=kind, due_at=due_at, hard=hard, fraction=fraction):
                found["reminded", kind, due_at, hard, fraction] += 1
            case Chased(subject=subject, about=about, step=step, unit=unit, since=since, rung=rung):
                found["chased", subject, about, step, unit, since, rung] += 1
    return found


EVERYBODY = {
    "first_release": {"lead", "unit_head", "county_office", "leading_group"},
    "press_conference": {"lead", "unit_head", "county_office", "press_office", "leading_group"},
}


async def everybody(world: World) -> dict[str, set[str]]:
    """Who was reminded of each duty, sooner or later."""
    found: dict[str, set[str]] = {}
    for entry in await world.entries():
        if isinstance(entry.fact, Reminded):
            found.setdefault(str(entry.fact.kind), set()).update(str(one) for one in entry.fact.to)
    return found


async def test_workers_that_come_and_go_remind_of_everything_once(
    real_time: WorkflowEnvironment, sessions: Sessions
) -> None:
    """A day of a drill in six seconds; the worker is away for a while again and again."""
    world = World(real_time, sessions)
    activities = activities_for(world.settings, world.client, sessions, world.clock)
    async with make_worker(world.client, world.task_queue, activities):
        await world.submit(drill=True, hour_seconds=0.25)
    over = await world.clock.now() + timedelta(seconds=30 * 0.25)
    while await world.clock.now() < over:
        async with make_worker(world.client, world.task_queue, activities):
            await asyncio.sleep(0.4)
        await asyncio.sleep(0.3)
    async with make_worker(world.client, world.task_queue, activities):
        await world.until(lambda incident: all(alarm.at > over for alarm in alarms(incident)))
        given = await told(world)
        await world.end()
    assert set(given.values()) == {1}
    for kind in ("first_release", "press_conference"):
        fractions = [key[-1] for key in given if key[1] == kind]
        assert fractions, kind
        assert fractions[-1] == 1.0, kind
        assert set(fractions) <= {0.5, 0.75, 1.0}, kind
    assert await everybody(world) == EVERYBODY


@pytest.mark.long
async def test_resets_again_and_again_remind_of_everything_once(world: World) -> None:
    """A day of a drill in six seconds; the run is set back to its middle all the time."""
    await world.submit(drill=True, hour_seconds=0.25)
    over = await world.clock.now() + timedelta(seconds=30 * 0.25)
    resets = 0
    while await world.clock.now() < over:
        run = (await world.handle.describe()).run_id
        tasks = await points(world.client, f"incident-{world.incident}", run)
        if tasks:
            await reset(world.client, f"incident-{world.incident}", run, tasks[len(tasks) // 2])
            resets += 1
        await asyncio.sleep(0.5)
    await world.until(lambda incident: all(alarm.at > over for alarm in alarms(incident)), patience=600)
    assert resets > 1
    assert set((await told(world)).values()) == {1}
    assert await everybody(world) == EVERYBODY


async def test_regrading_back_and_forth_reminds_of_each_instant_once(hours: World) -> None:
    await hours.submit(level="general", category="livelihood")
    await hours.accepted("assess", "office.duty")
    for level in ("major", "general", "major"):
        await hours.env.sleep(3 * HOUR)
        await hours.accepted("assess", "office.duty", level=level, reason="按核实情况调整")
    await hours.env.sleep(30 * HOUR)
    assert set((await told(hours)).values()) == {1}
    hard = [key for key in await told(hours) if key[1] == "first_release" and key[3] is True]
    assert hard, "a target that became a duty is told anew"


async def test_a_postponed_conference_is_asked_after_at_its_new_instant_only(hours: World) -> None:
    await hours.submit()
    await hours.accepted("assess", "office.duty")
    planned = {"at": hours.detected_at + 10 * HOUR, "venue": "发布厅", "attendees": ["emergency.head"]}
    await hours.accepted("schedule_conference", "press.desk", **planned)
    await hours.env.sleep(5 * HOUR)
    later = hours.detected_at + 20 * HOUR
    await hours.accepted("postpone_conference", "press.desk", at=later, reason="等待核定")
    await hours.env.sleep(20 * HOUR)
    asked = [key for key in await told(hours) if key[1] == "conference"]
    assert {key[5] for key in asked} == {later}
    assert [key[-1] for key in asked] == [1, 2]
    assert set((await told(hours)).values()) == {1}


async def test_a_hard_duty_is_asked_for_until_it_is_signed_for(hours: World) -> None:
    await hours.submit()
    await hours.env.sleep(timedelta(minutes=40))
    before = [key for key in await told(hours) if key[1] == "acknowledgement"]
    assert {key[-1] for key in before} == {1, 2}
    await hours.accepted("acknowledge", "emergency.editor")
    await hours.env.sleep(5 * HOUR)
    after = [key for key in await told(hours) if key[1] == "acknowledgement"]
    assert after == before
