"""Whole courses of an incident, for resets and for recorded histories."""

from tests.workflows.world import World


async def answer(world: World) -> None:
    """A major incident to where its response has been made, with a refusal and two releases on the way."""
    await world.submit()
    await world.publish("first")
    await world.accepted("assess", "office.duty")
    await world.accepted("confirm_facts", "emergency.editor", summary="塌方约30立方米,无人员伤亡")
    await world.command("close", "office.duty", summary="过早")
    await world.publish("result")
    held_at = (await world.clock.now()).isoformat()
    await world.accepted("record_conference", "press.desk", held_at=held_at, attendees=["emergency.head"])


async def close(world: World) -> None:
    """The whole course of a major incident."""
    await answer(world)
    await world.accepted("close", "office.duty", summary="办结")
    await world.handle.result()


async def confuse(world: World) -> None:
    """An incident that was sent everything but what it should, regraded, dismissed."""
    await world.submit(level="general", category="livelihood")
    await world.handle.signal("approve", args=[])
    await world.handle.signal("no_such_command", args=[1, "two"])
    await world.handle.signal("retry_blocked")
    note = await world.sealed("note", "emergency.editor", text="说明")
    await world.signal(note.model_copy(update={"actor": "office.head"}))
    await world.signal(note)
    await world.send(note)
    await world.accepted("assess", "office.duty", level="major")
    _, digest = await world.draft("first", "emergency.editor")
    release = next(iter((await world.state()).releases))
    await world.command("approve", "emergency.editor", release=release, step="unit_approval", digest=digest)
    returned = {"release": release, "step": "unit_approval", "digest": digest, "reason": "数字未核实"}
    await world.accepted("return_release", "emergency.head", **returned)
    await world.handle.cancel()
    await world.accepted("assess", "office.head", level="general", respond=True, reason="下调")
    await world.accepted("assess", "office.head", respond=False, reason="经核实与本县无关")
    await world.handle.result()


async def withdraw(world: World) -> None:
    """An incident that goes on after its release was taken back."""
    await world.submit()
    release = await world.publish("first")
    await world.accepted("withdraw_release", "office.duty", release=release, reason="数据有误")
    await world.until(lambda incident: all(r.retracted_at for r in incident.this_round()[0].receipts))
    await world.accepted("note", "emergency.editor", text="正在核实")


async def merge(world: World) -> None:
    """An incident that becomes part of another one."""
    survivor = World(world.env, world.sessions, world.task_queue)
    await survivor.submit(level="general", category="livelihood", townships=["liping"], departments=["water"])
    await world.submit()
    await world.publish("first")
    await world.accepted("merge_into", "office.duty", survivor=survivor.incident, reason="同一场降雨引起")
    await world.handle.result()
    await survivor.end()


STORIES = {"closed": close, "confused": confuse, "merged": merge, "withdrawn": withdraw}
