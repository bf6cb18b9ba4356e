"""A reset changes nothing: to any workflow task, of an open incident and of a closed one."""

import asyncio

from sqlalchemy import text

from domain.incident import Incident
from domain.vocabulary import Phase
from tests.workflows.resets import points, reset
from tests.workflows.stories import answer
from tests.workflows.world import World
from workflows.incident import IncidentWorkflow


async def bulletin_rows(world: World) -> int:
    async with world.sessions() as session:
        count = await session.scalar(text("SELECT count(*) FROM bulletin WHERE incident = :i"), {"i": world.incident})
    assert isinstance(count, int)
    return count


async def run_id(world: World) -> str:
    return (await world.handle.describe()).run_id


async def queried(world: World, wanted: Incident) -> Incident:
    """What the process believes, once it has caught up with the ledger."""
    believed: Incident | None = None
    for _ in range(200):
        answer = await world.handle.query(IncidentWorkflow.state)
        believed = Incident.model_validate(answer) if answer else None
        if believed is not None and believed.seq == wanted.seq:
            return believed
        await asyncio.sleep(0.05)
    raise AssertionError(f"the process stays at {believed and believed.seq}, the ledger is at {wanted.seq}")


async def test_an_open_incident_reset_to_each_of_its_tasks_is_the_same_incident(world: World) -> None:
    await answer(world)
    before, published = await world.state(), await bulletin_rows(world)
    first_run = await run_id(world)
    for point in await points(world.client, f"incident-{world.incident}", first_run):
        await reset(world.client, f"incident-{world.incident}", first_run, point)
        assert await queried(world, before) == before
        assert await world.state() == before
        assert await bulletin_rows(world) == published == 2
    assert (await world.command("close", "office.duty", summary="办结")).outcome == "accepted"


async def test_a_closed_incident_reset_to_each_of_its_tasks_ends_again_and_adds_nothing(world: World) -> None:
    await answer(world)
    await world.accepted("close", "office.duty", summary="办结")
    await world.handle.result()
    before, published = await world.entries(), await bulletin_rows(world)
    closed_run = await run_id(world)
    for point in await points(world.client, f"incident-{world.incident}", closed_run):
        again = await reset(world.client, f"incident-{world.incident}", closed_run, point)
        await asyncio.wait_for(
            world.client.get_workflow_handle(f"incident-{world.incident}", run_id=again).result(), 20
        )
        assert await world.entries() == before
        assert await bulletin_rows(world) == published
    assert (await world.state()).phase is Phase.CLOSED


async def test_a_lost_workflow_goes_on_from_the_ledger(world: World) -> None:
    await answer(world)
    before = await world.state()
    await world.handle.terminate("the database of Temporal is gone")
    await world.start()
    assert await queried(world, before) == before
    assert (await world.command("close", "office.duty", summary="办结")).outcome == "accepted"
