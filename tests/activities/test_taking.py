"""A command is admitted, decided on and recorded at once, and once."""

import pytest

from activities import signatures as s
from activities.admission import Admission
from activities.taking import HeadMoved, Taking
from db import ledger
from db.session import Sessions
from domain import commands as c
from domain.folding import advance
from domain.refusals import Code
from domain.sealing import SealedCommand
from domain.vocabulary import Origin
from tests.activities.sender import Sender
from tests.clock import FixedClock
from tests.scene import INCIDENT, Scene

NOTE = c.Note(text="已通知供水公司")


class Process:
    """What a process sends on, and all it knows of the ledger."""

    def __init__(self, taking: Taking, clock: FixedClock, head: int) -> None:
        self._taking = taking
        self._clock = clock
        self.head = head

    async def take(self, message: SealedCommand | str, name: str = "note") -> s.Taken:
        text = message if isinstance(message, str) else message.model_dump_json()
        request = s.TakeRequest(
            incident=INCIDENT, name=name, origin=Origin.UPDATE, message=text, head=self.head, now=self._clock.at
        )
        return await self._taking.take(request)


@pytest.fixture
async def process(sessions: Sessions, clock: FixedClock, scene: Scene, admission: Admission) -> Process:
    return Process(Taking(sessions, admission, scene.counties), clock, (await scene.submit()).seq)


async def test_what_was_taken_is_what_the_ledger_holds(process: Process, sender: Sender, scene: Scene) -> None:
    before = await scene.state()
    taken = await process.take(await sender.sealed("baishi.head", NOTE))
    assert (taken.head, taken.outcome.outcome, taken.outcome.seq) == (process.head, "accepted", process.head + 1)
    assert taken.batch is not None
    assert advance(before, taken.batch, INCIDENT) == await scene.state()


async def test_a_command_taken_again_gets_its_recorded_outcome_and_changes_nothing(
    process: Process, sender: Sender, scene: Scene
) -> None:
    message = await sender.sealed("baishi.head", NOTE)
    first = await process.take(message)
    after = await scene.state()
    again = await process.take(message)
    assert again.outcome == first.outcome
    assert (again.batch, again.head) == (None, after.seq)
    assert await scene.state() == after


async def test_a_process_that_is_behind_is_told_where_its_command_was_judged(
    process: Process, sender: Sender, scene: Scene
) -> None:
    await process.take(await sender.sealed("baishi.head", NOTE))
    moved = (await scene.state()).seq
    await scene.do("baishi.editor", NOTE)
    process.head = moved
    taken = await process.take(await sender.sealed("baishi.head", NOTE.model_copy(), command_id="c-9"))
    assert taken.head == moved + 1
    assert taken.outcome.seq == moved + 2


async def test_a_message_that_proves_nothing_is_recorded_once(process: Process, scene: Scene) -> None:
    first = await process.take("{}")
    again = await process.take("{}")
    assert first.outcome.refusal is not None
    assert first.outcome.refusal.code is Code.UNSEALED
    assert again.outcome == first.outcome
    assert again.batch is None
    assert (await scene.state()).seq == process.head + 1


async def test_refusals_beyond_the_policys_number_are_left_to_be_counted(process: Process, scene: Scene) -> None:
    most = (await scene.state()).policy.refusals_per_hour
    listed = [await process.take(f'{{"text": "{number}"}}') for number in range(most)]
    assert not any(taken.uncounted for taken in listed)
    beyond = await process.take('{"text": "one more"}')
    assert (beyond.uncounted, beyond.batch, beyond.outcome.seq) == (True, None, None)
    assert (await scene.state()).seq == process.head + most


async def test_nothing_is_kept_of_a_number_when_the_entry_that_carries_it_is_not(
    sessions: Sessions,
    scene: Scene,
    admission: Admission,
    sender: Sender,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    process = Process(Taking(sessions, admission, scene.counties), clock, 0)
    submit = c.Submit.model_validate(
        {
            "title": "白石镇集镇停水",
            "summary": "约两千户停水。",
            "category": "livelihood",
            "townships": ("baishi",),
            "detected_at": clock.at,
            "source": "hotline",
        }
    )
    message = await sender.sealed("baishi.editor", submit)
    with monkeypatch.context() as broken:
        broken.setattr("db.writing.Writing.found", never)
        with pytest.raises(HeadMoved):
            await process.take(message, "submit")
    taken = await process.take(message, "submit")
    assert taken.outcome.outcome == "accepted"
    async with sessions() as session:
        state = await ledger.load(session, INCIDENT)
    assert state is not None
    assert state.number.endswith("〕1号")


async def never(*_: object) -> bool:
    return False
