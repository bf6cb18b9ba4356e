"""What the process says to Temporal is encrypted, what comes otherwise is refused, and keys follow one another."""

import json
import secrets

from pydantic import SecretStr
from temporalio import activity
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.testing import WorkflowEnvironment

from activities import signatures as s
from db.session import Sessions
from domain.events import Refused
from domain.refusals import Code
from runtime.codec import Codec, wrap
from runtime.temporal import converter_of
from tests.workflows.stories import close
from tests.workflows.world import CODEC_RING, SEAL_KEY, World, worker_of
from upkeep.repairing import revive_open
from worker import activities_for, make_worker

WORDS = "不应出现的文字"


def plain(client: Client) -> Client:
    """Somebody who sends and reads without a key."""
    return _with(client, {})


def _with(client: Client, ring: dict[str, bytes]) -> Client:
    return Client(client.service_client, namespace=client.namespace, data_converter=converter_of(ring))


async def refusals(world: World) -> list[Code]:
    return [entry.fact.refusal.code for entry in await world.entries() if isinstance(entry.fact, Refused)]


async def test_the_history_of_an_incident_says_nothing_without_a_key(world: World) -> None:
    await close(world)
    incident = await world.state()
    history = await plain(world.client).get_workflow_handle(world.handle.id).fetch_history()
    kept = b"".join(event.SerializeToString() for event in history.events)
    assert len(kept) > 10_000
    digests = [release.version.digest for release in incident.releases.values()]
    for said in ("emergency.editor", "emergency.head", "s1:", "t1:", *digests):
        assert said.encode() not in kept, said
    # What lists are filtered by stays as it is: levels, units, steps.
    assert b"emergency" in kept


async def test_a_signal_in_plain_text_is_refused_recorded_and_flagged(world: World) -> None:
    await world.submit()
    sealed = await world.sealed("note", "emergency.editor", text="说明")
    handle = plain(world.client).get_workflow_handle(world.handle.id)
    await handle.signal("note", sealed.model_dump(mode="json"))
    await handle.signal("no_such_command", {"text": WORDS})
    await world.until(lambda incident: incident.refusals == 2)
    assert await refusals(world) == [Code.UNENCRYPTED, Code.UNENCRYPTED]
    assert WORDS not in "".join(entry.model_dump_json() for entry in await world.entries())
    # The same command encrypted is another message.
    assert (await world.send(sealed)).outcome == "accepted"
    await world.flagged()


async def test_a_message_that_no_key_reads_is_refused_and_recorded(world: World) -> None:
    await world.submit()
    sealed = await world.sealed("note", "emergency.editor", text="说明")
    stranger = _with(world.client, {"k1": b"x" * 32}).get_workflow_handle(world.handle.id)
    await stranger.signal("note", sealed.model_dump(mode="json"))
    torn = Codec(CODEC_RING).lock(Payload(metadata={"encoding": b"json/plain"}, data=b"{}"))
    await (
        plain(world.client)
        .get_workflow_handle(world.handle.id)
        .signal("note", RawValue(Payload(metadata=torn.metadata, data=torn.data[:-1])))
    )
    await world.until(lambda incident: incident.refusals == 2)
    assert await refusals(world) == [Code.UNREADABLE, Code.UNREADABLE]
    assert (await world.send(sealed)).outcome == "accepted"
    assert not await world.needs_attention()


async def test_signed_output_is_taken_from_a_tool_that_has_no_key(world: World) -> None:
    await world.submit()
    sealed = await world.sealed("note", "emergency.editor", text="说明")
    payload = Payload(metadata={"encoding": b"json/plain"}, data=sealed.model_dump_json().encode())
    handle = plain(world.client).get_workflow_handle(world.handle.id)
    await handle.signal("note", json.loads(wrap(Codec(CODEC_RING).lock(payload))))
    await world.until(lambda incident: incident.seq > 3)
    assert (await world.types())[-1] == "noted"
    assert not await world.needs_attention()


async def test_a_bare_retry_needs_no_key(world: World) -> None:
    await world.submit()
    await plain(world.client).get_workflow_handle(world.handle.id).signal("retry_blocked")
    assert (await world.command("note", "emergency.editor", text="继续")).outcome == "accepted"
    assert await refusals(world) == []


async def test_keys_rotate_in_the_middle_of_an_incident(real_time: WorkflowEnvironment, sessions: Sessions) -> None:
    world = World(real_time, sessions)
    old, new = CODEC_RING, {"k2": b"2" * 32}
    async with worker_of(world, world.settings):
        await world.submit()
        release, digest = await world.draft("first", "emergency.editor", body="现场已设置警戒。")
        on_its_way = await world.sealed("note", "emergency.editor", text="换钥之前签发")
    seals = f"k2:{secrets.token_hex(20)} k1:{SEAL_KEY.replace(' ', '_').replace(',', '_')}"
    settings = world.settings.model_copy(update={"seal_keys": SecretStr(seals)})
    world.client, world.seal_keys = _with(world.client, new | old), settings.seal_ring
    # Nobody has it in memory: the whole history is read again.
    async with worker_of(world, settings):
        assert (await world.send(on_its_way)).outcome == "accepted"
        approval = {"release": release, "step": "unit_approval", "digest": digest}
        sealed = await world.sealed("approve", "emergency.head", **approval)
        assert sealed.seal.startswith("s2:k2:")
        assert (await world.send(sealed)).outcome == "accepted"
        replayed = await world.send(sealed.model_copy(update={"incident": "another"}))
        assert replayed.outcome == "refused"
        await world.end()
    assert (await world.types()).count("version_drafted") == 1
    history = await plain(world.client).get_workflow_handle(world.handle.id).fetch_history()
    kept = b"".join(event.SerializeToString() for event in history.events)
    assert b"k1" in kept
    assert b"k2" in kept


async def test_a_process_whose_key_was_lost_goes_on_from_its_ledger(
    real_time: WorkflowEnvironment, sessions: Sessions
) -> None:
    world = World(real_time, sessions)
    async with worker_of(world, world.settings):
        await world.submit()
        await world.accepted("note", "emergency.editor", text="之前")
    before = await world.types()
    ring = {"k9": b"9" * 32}
    world.client = _with(world.client, ring)
    async with worker_of(world, world.settings):
        # By themselves workers start only what is missing: another ring may be right.
        assert await revive_open(sessions, world.client, world.task_queue, unreadable=False) == 0
        assert await revive_open(sessions, world.client, world.task_queue) == 1
        assert (await world.command("note", "emergency.editor", text="之后")).outcome == "accepted"
        # One that is well is left alone.
        run = (await world.handle.describe()).run_id
        assert await revive_open(sessions, world.client, world.task_queue) == 0
        assert (await world.handle.describe()).run_id == run
        await world.end()
    assert await world.types() == [*before, "noted"]


async def test_a_process_that_was_lost_is_started_by_the_next_worker(world: World, sessions: Sessions) -> None:
    await world.submit()
    await world.end()
    assert await revive_open(sessions, world.client, world.task_queue, unreadable=False) == 1
    assert (await world.command("note", "emergency.editor", text="之后")).outcome == "accepted"


async def test_turning_encryption_on_leaves_no_process_behind(
    real_time: WorkflowEnvironment, sessions: Sessions
) -> None:
    world = World(real_time, sessions)
    world.client = plain(world.client)
    async with worker_of(world, world.settings):
        await world.submit()
    world.client = real_time.client
    async with worker_of(world, world.settings):
        assert await revive_open(sessions, world.client, world.task_queue) == 1
        assert (await world.command("note", "emergency.editor", text="之后")).outcome == "accepted"
        await world.end()


async def test_what_a_failing_activity_says_is_encrypted(real_time: WorkflowEnvironment, sessions: Sessions) -> None:
    world = World(real_time, sessions)
    load, append, admit, take, *others = activities_for(world.settings, world.client, sessions, world.clock)
    failures = iter([False, True, True, True])

    @activity.defn(name=s.TAKE)
    async def unsteady(request: s.TakeRequest) -> s.Taken:
        if next(failures, False):
            raise ConnectionError(WORDS)
        answer: s.Taken = await take(request)
        return answer

    async with make_worker(world.client, world.task_queue, [load, append, admit, unsteady, *others]):
        await world.submit()
        await world.accepted("note", "emergency.editor", text="数据库恢复之后")
        history = await plain(world.client).get_workflow_handle(world.handle.id).fetch_history()
        kept = b"".join(event.SerializeToString() for event in history.events)
        assert b"ConnectionError" in kept
        assert WORDS.encode() not in kept
        await world.end()
