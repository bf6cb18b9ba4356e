"""Two processes become one: the ending one asks, the survivor answers, and both ledgers tell it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from domain.vocabulary import ObligationKind, ObligationState, Phase
from tests.workflows.resets import points, reset
from tests.workflows.world import World

EARLIER = timedelta(hours=2)


@pytest.fixture
async def survivor(world: World) -> AsyncIterator[World]:
    """A general incident of 栗坪乡, beside the major one of 柳坝乡 that `world` submits."""
    other = World(world.env, world.sessions, world.task_queue)
    await other.submit(level="general", category="livelihood", townships=["liping"], departments=["water"])
    yield other
    await other.end()


async def test_the_survivor_takes_the_earlier_detection_the_higher_level_and_all_units(
    world: World, survivor: World
) -> None:
    await world.submit(EARLIER)
    await world.accepted("merge_into", "office.duty", survivor=survivor.incident, reason="同一场降雨引起")
    await asyncio.wait_for(world.handle.result(), 20)
    ended, state = await world.state(), await survivor.state()
    assert (ended.phase, ended.merged_into, ended.merging) == (Phase.MERGED, survivor.incident, None)
    assert not ended.pending
    assert [absorbed.incident for absorbed in state.absorbed] == [world.incident]
    assert (state.level, state.detected_at) == ("major", world.detected_at)
    assert set(state.townships) == {"liping", "liuba"}
    assert set(state.departments) == {"water", "emergency"}
    (first,) = [o for o in state.pending if o.kind is ObligationKind.FIRST_RELEASE]
    assert (first.due_at, first.hard) == (world.detected_at + timedelta(hours=4), True)
    refused = await world.wake("reopen", "office.duty", reason="再次出现")
    assert refused.refusal
    assert refused.refusal.code == "merged_away"


async def test_what_the_ending_one_had_published_counts_for_the_survivor(world: World, survivor: World) -> None:
    await world.submit()
    release = await world.publish("first")
    await world.accepted("merge_into", "office.duty", survivor=survivor.incident, reason="同一事件")
    await asyncio.wait_for(world.handle.result(), 20)
    state = await survivor.state()
    met = [o for o in state.obligations if o.kind is ObligationKind.FIRST_RELEASE and o.release == release]
    assert [o.state for o in met] == [ObligationState.MET]


async def test_an_ended_survivor_refuses_and_the_other_goes_on_with_the_reason(world: World, survivor: World) -> None:
    await survivor.accepted("assess", "office.head", respond=False, reason="经核实与本县无关")
    await survivor.handle.result()
    await world.submit()
    await world.accepted("merge_into", "office.duty", survivor=survivor.incident, reason="同一事件")
    state = await world.until(lambda incident: incident.merging is None)
    assert (state.phase, state.merged_into) == (Phase.REPORTED, None)
    (refused,) = [entry.fact for entry in await world.entries() if entry.fact.type == "merge_refused"]
    assert refused.refusal.code == "incident_ended"
    assert (await world.command("assess", "office.duty")).outcome == "accepted"


async def test_an_incident_nobody_knows_refuses(world: World) -> None:
    await world.submit()
    await world.accepted("merge_into", "office.duty", survivor="ab" * 16, reason="同一事件")
    await world.until(lambda incident: incident.merging is None)
    (refused,) = [entry.fact for entry in await world.entries() if entry.fact.type == "merge_refused"]
    assert refused.refusal.code == "no_incident"


async def test_nobody_absorbs_what_has_not_asked(world: World, survivor: World) -> None:
    await world.submit()
    outcome = await survivor.command("absorb", "office.duty", incident=world.incident)
    assert outcome.refusal
    assert outcome.refusal.code == "no_merge_intended"
    assert not (await survivor.state()).absorbed


async def test_reset_to_any_task_the_merge_is_done_once(world: World, survivor: World) -> None:
    await world.submit()
    await world.publish("first")
    await world.accepted("merge_into", "office.duty", survivor=survivor.incident, reason="同一事件")
    await asyncio.wait_for(world.handle.result(), 20)
    ended, taken = await world.entries(), await survivor.entries()
    run = (await world.handle.describe()).run_id
    for point in await points(world.client, f"incident-{world.incident}", run):
        again = await reset(world.client, f"incident-{world.incident}", run, point)
        handle = world.client.get_workflow_handle(f"incident-{world.incident}", run_id=again)
        await asyncio.wait_for(handle.result(), 20)
        assert await world.entries() == ended
        assert await survivor.entries() == taken
