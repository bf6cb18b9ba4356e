"""Drills run to their end through the API, whatever breaks off meanwhile."""

from datetime import UTC, datetime

import pytest
from rich.cells import cell_len

from domain import events as e
from domain.refusals import Language
from domain.vocabulary import Channel, ObligationState, Phase
from runtime.drill import client
from runtime.drill.client import DrillError
from runtime.drill.run import Run
from runtime.drill.script import names
from tests.api.conftest import Running, running  # noqa: F401  # The process those tests use as well.
from tests.runtime.theatre import WIDTH, Away, Forgetful, Over, Slow, Theatre
from tests.workflows.conftest import real_time  # noqa: F401  # Its workflow server.

FLOOD_RELEASES = ["first", "update", "correction", "response", "interpretation", "update", "result"]
FLOOD_LESSONS = ["own_draft", "stale_digest", "statement_not_approved", "not_referable", "own_referral", "result_owed"]
FLOOD_STEPS = {
    "acknowledged",
    "consultation_convened",
    "consultation_concluded",
    "task_assigned",
    "task_completed",
    "figure_agreed",
    "figure_withdrawn",
    "lead_designated",
    "emergency_ordered",
    "disagreement_settled",
    "release_withdrawn",
    "retraction_intended",
    "superior_release_recorded",
    "conference_scheduled",
    "conference_approved",
    "conference_postponed",
    "conference_recorded",
    "rumour_referred",
    "referral_confirmed",
    "referral_acknowledged",
    "updates_paused",
    "updates_resumed",
    "closed",
}
"""Facts of a grave incident's every step, beside those of every incident."""
OTHERS = ["buses", "insurance", "market-day", "quarry", "smell", "tapwater"]
SHORT = OTHERS[:2]
FLOOD_SPEED = 1.5
"""It has an embargo to bring forward before it is over: a slow machine needs the time."""
SPEED = 0.4
"""Seconds an hour: too fast to be in time, and over soon."""


@pytest.fixture
def theatre(running: Running) -> Theatre:  # noqa: F811  # A fixture is asked for by its name.
    return Theatre(running)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever finds nobody asks again at once."""
    monkeypatch.setattr(client, "_PAUSE_SECONDS", 0.01)


def begin(name: str) -> Run:
    return Run.begin(name, FLOOD_SPEED if name == "flood" else SPEED, datetime.now(UTC))


def refusals(facts: list[tuple[str | None, e.Fact]]) -> list[str]:
    """The lessons. A machine that is slow for this speed schedules the conference too late: that one does not count."""
    codes = [fact.refusal.code for _, fact in facts if isinstance(fact, e.Refused)]
    return [code for code in codes if code != "in_the_past"]


async def test_the_flood_goes_from_report_to_closed_and_is_told(theatre: Theatre) -> None:
    incident = await theatre.play(begin("flood"))
    assert incident.phase is Phase.CLOSED
    assert sorted(await theatre.on_bulletin(incident.id)) == sorted(FLOOD_RELEASES)
    assert refusals(await theatre.facts(incident.id)) == FLOOD_LESSONS
    assert {fact.model_dump()["type"] for _, fact in await theatre.facts(incident.id)} >= FLOOD_STEPS
    assert not [duty for duty in incident.obligations if duty.state is ObligationState.PENDING]
    told = theatre.told.getvalue()
    for line in told.splitlines():
        # An address is never broken, however long it is.
        assert cell_len(line) <= WIDTH or "http://" in line
    assert "李春梅（县应急管理局 信息联络员）" in told
    for release in incident.releases:
        assert release.digest[:12] in told
        assert f"/public/releases/{release.digest}" in told
    assert f"http://127.0.0.1:8082/{incident.id}" in told


@pytest.mark.long
async def test_a_run_too_slow_to_bring_an_embargo_forward_says_so_and_goes_on(theatre: Theatre) -> None:
    """The officer who moves the conference takes until its statement is public, as on a machine that is overloaded."""
    run = Run.begin("flood", SPEED, datetime.now(UTC))

    async def statement_is_public() -> bool:
        return "response" in await theatre.on_bulletin_of_all()

    slow = Slow(theatre.transport, {"/commands/postpone_conference": statement_is_public})
    incident = await theatre.play(run, slow)
    assert incident.phase is Phase.CLOSED
    facts = await theatre.facts(incident.id)
    assert "version_frozen" in refusals(facts)
    assert sum(isinstance(fact, e.VersionDrafted) for _, fact in facts) == 8
    assert "这一步来晚了" in "".join(theatre.told.getvalue().split())


@pytest.mark.parametrize("name", [*SHORT, *(pytest.param(one, marks=pytest.mark.long) for one in OTHERS[len(SHORT) :])])
async def test_an_incident_of_each_other_kind_goes_to_its_end(theatre: Theatre, name: str) -> None:
    incident = await theatre.play(begin(name))
    assert incident.phase.ended
    assert not [duty for duty in incident.obligations if duty.state is ObligationState.PENDING]


async def test_a_drill_opens_no_socket_to_any_channel(theatre: Theatre) -> None:
    """The same worker has an account on every platform; the drill's receipts come from the rehearsal alone."""
    for platform in theatre.running.platforms.all.values():
        platform.asked.clear()
    incident = await theatre.play(begin("buses"))
    state = await theatre.state(incident.id)
    reached = {receipt.channel for release in state.releases.values() for receipt in release.receipts}
    assert reached >= {Channel.BULLETIN, Channel.WEBSITE, Channel.WECHAT, Channel.WEIBO}
    assert {name: platform.asked for name, platform in theatre.running.platforms.all.items() if platform.asked} == {}


def test_every_script_is_played_here() -> None:
    assert {"flood", "canteen", *OTHERS} == set(names())


async def test_every_answer_may_be_lost_once_and_nothing_is_done_twice(theatre: Theatre) -> None:
    run = begin("canteen")
    incident = await theatre.play(run, Forgetful(theatre.transport), Language.EN)
    assert incident.phase is Phase.CLOSED
    facts = await theatre.facts(incident.id)
    assert refusals(facts) == ["not_your_step"]
    assert sum(isinstance(fact, e.VersionDrafted) for _, fact in facts) == 4
    outcomes = [fact.outcome for _, fact in facts if isinstance(fact, e.StepDecided)]
    assert {"undecided", "returned", "approved", "cleared"} == set(outcomes)
    assert len(outcomes) == 13
    assert await theatre.on_bulletin(incident.id) == ["first", "response", "correction"]
    told = " ".join(theatre.told.getvalue().split())
    assert "is waiting for" in told
    assert "returned: 请补充" in told
    # Whoever plays it once more changes nothing.
    assert (await theatre.play(run)).seq == incident.seq


@pytest.mark.long
async def test_a_run_that_broke_off_goes_on_with_its_key(theatre: Theatre) -> None:
    run = begin("flood")
    with pytest.raises(Over):
        await theatre.play(run, Away(theatre.transport, back=0, over=60))
    incident = await theatre.play(Run.of_key(run.key))
    assert incident.phase is Phase.CLOSED
    facts = await theatre.facts(incident.id)
    assert refusals(facts) == FLOOD_LESSONS
    assert sum(isinstance(fact, e.VersionDrafted) for _, fact in facts) == 9
    assert sorted(await theatre.on_bulletin(incident.id)) == sorted(FLOOD_RELEASES)


async def test_an_outage_is_told_once_and_so_is_its_end(theatre: Theatre) -> None:
    away = Away(theatre.transport, back=5, over=12)
    with pytest.raises(Over):
        await theatre.play(begin("flood"), away)
    told = theatre.told.getvalue()
    assert told.count("服务暂不可用") == 1
    assert told.count("服务已恢复") == 1


async def test_patience_ends(theatre: Theatre) -> None:
    with pytest.raises(DrillError, match="connection refused"):
        await theatre.play(begin("flood"), Away(theatre.transport, back=float("inf")), patience=0.1)
