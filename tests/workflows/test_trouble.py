"""What goes wrong outside: the process waits, parks, asks a person, and loses nothing."""

import asyncio
from datetime import timedelta

from sqlalchemy import text
from temporalio import activity
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from activities import signatures as s
from db.session import Sessions
from domain.events import Chased
from domain.incident import Incident
from runtime.embedded.binaries import temporal_binary
from runtime.temporal import prepare_namespace
from tests.workflows.stories import close
from tests.workflows.world import World, working
from worker import activities_for, make_worker

ALTER = "UPDATE texts SET text = replace(text, :old, :new) WHERE incident = :i AND digest = :d"


async def alter(world: World, digest: str, old: str, new: str) -> None:
    async with world.sessions.begin() as session:
        await session.execute(text(ALTER), {"old": old, "new": new, "i": world.incident, "d": digest})


def parked(incident: Incident) -> list[str]:
    return [i.parked for release in incident.releases.values() for i in release.intents if i.parked]


async def approve(world: World, release: str, digest: str) -> None:
    await world.accepted("approve", "emergency.head", release=release, step="unit_approval", digest=digest)
    cleared = {"release": release, "digest": digest, "outcome": "cleared"}
    await world.accepted("review_confidentiality", "emergency.reviewer", **cleared)
    await world.accepted("approve", "office.duty", release=release, step="county_approval", digest=digest)


async def test_words_changed_after_approval_are_not_published_until_they_are_the_approved_ones(world: World) -> None:
    await world.submit()
    release, digest = await world.draft("first", "emergency.editor", body="无人员伤亡")
    await alter(world, digest, "无人员伤亡", "伤亡不详")
    await approve(world, release, digest)
    stuck = await world.until(lambda incident: bool(parked(incident)))
    assert parked(stuck) == ["words_altered"]
    await world.flagged()
    await world.handle.signal("retry_blocked")
    await world.until(lambda incident: incident.seq >= stuck.seq + 2 and bool(parked(incident)))
    await alter(world, digest, "伤亡不详", "无人员伤亡")
    await world.accepted("retry_blocked", "ops.oncall")
    out = await world.until(lambda incident: bool(incident.this_round()[0].receipts))
    assert parked(out) == []
    assert (await world.types()).count("published") == 1


async def test_a_parked_effect_is_chased_while_the_clocks_go_on(hours: World) -> None:
    await hours.submit()
    release, digest = await hours.draft("first", "emergency.editor", body="无人员伤亡")
    await alter(hours, digest, "无人员伤亡", "伤亡不详")
    await approve(hours, release, digest)
    await hours.until(lambda incident: bool(parked(incident)))
    await hours.env.sleep(timedelta(hours=5))
    facts = [entry.fact for entry in await hours.entries()]
    assert [f.rung for f in facts if isinstance(f, Chased) and f.subject == "parked"] == [1, 2]
    assert any(fact.type == "reminded" and fact.fraction == 1 for fact in facts)


async def test_a_ledger_that_is_away_delays_a_command_and_loses_nothing(
    real_time: WorkflowEnvironment, sessions: Sessions
) -> None:
    world = World(real_time, sessions)
    load, append, admit, take, *others = activities_for(world.settings, world.env.client, sessions, world.clock)
    failures = iter([False, True, True, True, False, True])
    asked = 0

    @activity.defn(name=s.TAKE)
    async def unsteady(request: s.TakeRequest) -> s.Taken:
        nonlocal asked
        asked += 1
        if next(failures, False):
            raise ConnectionError("the database is away")
        answer: s.Taken = await take(request)
        if next(failures, False):
            raise ConnectionError("its answer was lost")
        return answer

    async with make_worker(world.client, world.task_queue, [load, append, admit, unsteady, *others]):
        await world.submit()
        outcome = await world.command("note", "emergency.editor", text="数据库恢复之后")
        assert outcome.outcome == "accepted"
        assert (await world.types()).count("noted") == 1
        assert asked > 3
        await world.end()


async def test_a_long_incident_continues_as_new_and_is_the_same(sessions: Sessions) -> None:
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(temporal_binary()),
        data_converter=pydantic_data_converter,
        dev_server_log_level="error",
        dev_server_extra_args=["--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=40"],
    ) as env:
        await prepare_namespace(env.client)
        async with working(env, sessions) as world:
            await close(world)
            runs = [run.run_id async for run in env.client.list_workflows(f"WorkflowId='incident-{world.incident}'")]
            for _ in range(50):
                if len(runs) > 2:
                    break
                await asyncio.sleep(0.1)
                query = f"WorkflowId='incident-{world.incident}'"
                runs = [run.run_id async for run in env.client.list_workflows(query)]
            assert len(runs) > 2
            types = await world.types()
            assert types.count("published") == 2
            assert types.count("closed") == 1
