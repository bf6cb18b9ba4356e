"""Whatever is sent to the process: it answers, records what deserves it, and goes on."""

import json
from datetime import timedelta
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from domain.events import Refused
from domain.refusals import Code
from domain.vocabulary import Origin
from tests.workflows.world import SEAL_KEYS, World


async def refusals(world: World) -> list[Code]:
    return [entry.fact.refusal.code for entry in await world.entries() if isinstance(entry.fact, Refused)]


async def test_a_sealed_signal_is_decided_and_recorded_with_its_origin(world: World) -> None:
    await world.submit()
    await world.signal(await world.sealed("note", "emergency.editor", text="道路已抢通一半"))
    await world.until(lambda incident: incident.seq > 3)
    entry = (await world.entries())[-1]
    assert (entry.fact.type, entry.by.origin, entry.by.actor) == ("noted", Origin.SIGNAL, "emergency.editor")


async def test_a_command_sent_twice_is_decided_once(world: World) -> None:
    await world.submit()
    note = await world.sealed("note", "emergency.editor", text="第一次")
    first = await world.send(note)
    await world.signal(note)
    await world.signal(note)
    after = await world.command("note", "emergency.editor", text="第二次")
    assert after.seq is not None
    assert first.seq is not None
    assert after.seq == first.seq + 1


async def test_unsealed_altered_expired_and_borrowed_commands_are_refused_and_recorded(world: World) -> None:
    await world.submit()
    honest = await world.sealed("note", "emergency.editor", text="说明")
    plain = honest.model_copy(update={"seal": ""})
    altered = honest.model_copy(update={"actor": "office.head"})
    elsewhere = honest.model_copy(update={"incident": "another"})
    expired = honest.model_copy(update={"expires_at": honest.issued_at - timedelta(minutes=1)}).sealed(SEAL_KEYS)
    borrowed = honest.model_copy(update={"incident": "another"}).sealed(SEAL_KEYS)
    for message in (plain, altered, elsewhere, expired, borrowed):
        assert (await world.send(message)).outcome == "refused"
    assert await refusals(world) == [
        Code.UNSEALED,
        Code.SEAL_MISMATCH,
        Code.SEAL_MISMATCH,
        Code.SEAL_EXPIRED,
        Code.SEAL_MISMATCH,
    ]


async def test_a_forged_copy_does_not_take_the_place_of_the_command_it_imitates(world: World) -> None:
    await world.submit()
    honest = await world.sealed("note", "emergency.editor", text="说明")
    await world.signal(honest.model_copy(update={"seal": "s1:" + "0" * 64}))
    await world.until(lambda incident: incident.refusals == 1)
    assert (await world.send(honest)).outcome == "accepted"


@pytest.mark.parametrize("name", ["approve", "no_such_command"])
@pytest.mark.parametrize(
    "arguments",
    [[], [None], ["text"], [7, "two"], [{"seal": "x"}], [{"a": [{}] * 50}], ["\u0000"], [float("inf")]],
    ids=repr,
)
async def test_nonsense_signals_are_recorded_and_harm_nothing(world: World, name: str, arguments: list[Any]) -> None:
    await world.submit()
    await world.handle.signal(name, args=arguments)
    await world.until(lambda incident: incident.refusals == 1)
    assert (await world.command("note", "emergency.editor", text="继续")).outcome == "accepted"


async def test_bytes_that_are_no_text_are_recorded_and_harm_nothing(world: World) -> None:
    await world.submit()
    raw = RawValue(Payload(metadata={"encoding": b"binary/plain"}, data=b"\xff\x00\xfe" * 1000))
    await world.handle.signal("approve", raw)
    await world.until(lambda incident: incident.refusals == 1)
    assert (await world.command("note", "emergency.editor", text="继续")).outcome == "accepted"


async def test_words_inside_a_command_are_refused_and_not_kept(world: World) -> None:
    await world.submit()
    sealed = await world.sealed("note", "emergency.editor", text="x")
    with_words = sealed.model_copy(update={"body": {"text": "不应出现的文字"}}).sealed(SEAL_KEYS)
    outcome = await world.send(with_words)
    assert outcome.refusal is not None
    assert outcome.refusal.code is Code.PLAIN_TEXT
    assert "不应出现的文字" not in json.dumps(
        [e.model_dump(mode="json") for e in await world.entries()], ensure_ascii=False
    )


async def test_more_refusals_than_the_policy_lists_become_one_counting_entry(hours: World) -> None:
    await hours.submit()
    for _ in range(25):
        await hours.command("assess", "emergency.editor")
    assert len(await refusals(hours)) == 20
    await hours.env.sleep(timedelta(hours=1, minutes=1))
    counted = [entry.fact for entry in await hours.entries() if entry.fact.type == "refusals_counted"]
    assert [fact.count for fact in counted] == [5]


async def test_a_run_that_founds_no_incident_ends(hours: World) -> None:
    await hours.start()
    outcome = await hours.command("note", "emergency.editor", text="没有这一事件")
    assert outcome.refusal is not None
    assert outcome.refusal.code is Code.NO_INCIDENT
    await hours.handle.result()
    assert await hours.entries() == []


async def test_a_cancellation_request_stops_no_clock(hours: World) -> None:
    await hours.submit()
    await hours.handle.cancel()
    await hours.env.sleep(timedelta(hours=5))
    assert "reminded" in await hours.types()
    assert (await hours.command("note", "emergency.editor", text="仍在运行")).outcome == "accepted"
