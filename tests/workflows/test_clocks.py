"""The clocks at their real lengths: 4, 24 and 36 natural hours, skipped and not shortened."""

from datetime import timedelta
from typing import Any

from domain.events import Chased, Reminded
from domain.incident import Incident
from domain.obligations import Obligation
from domain.vocabulary import Audience, Level, ObligationKind, ObligationState, Phase
from tests.workflows.world import World

HOUR = timedelta(hours=1)
GENERAL = {"level": "general", "category": "livelihood"}


def duty(incident: Incident, kind: ObligationKind) -> Obligation:
    return [o for o in incident.obligations if o.kind is kind and o.state is not ObligationState.SUPERSEDED][-1]


async def reminders(world: World, kind: ObligationKind) -> list[tuple[float, timedelta]]:
    """Fractions given, each with how long after detection it was given."""
    return [
        (entry.fact.fraction, entry.at - world.detected_at)
        for entry in await world.entries()
        if isinstance(entry.fact, Reminded) and entry.fact.kind is kind
    ]


def within(found: list[tuple[float, timedelta]], expected: list[tuple[float, timedelta]]) -> bool:
    """Never early, and at most a minute late."""
    return [f for f, _ in found] == [f for f, _ in expected] and all(
        timedelta(0) <= at - due < timedelta(minutes=1) for (_, at), (_, due) in zip(found, expected, strict=True)
    )


async def test_a_major_incident_is_reminded_at_its_fractions_and_once_overdue(hours: World) -> None:
    await hours.submit()
    await hours.accepted("assess", "office.duty")
    await hours.env.sleep(25 * HOUR)
    first = [(0.5, 2 * HOUR), (0.75, 3 * HOUR), (1.0, 4 * HOUR)]
    assert within(await reminders(hours, ObligationKind.FIRST_RELEASE), first)
    conference = [(0.5, 12 * HOUR), (0.75, 18 * HOUR), (1.0, 24 * HOUR)]
    assert within(await reminders(hours, ObligationKind.PRESS_CONFERENCE), conference)
    state = await hours.state()
    assert {o.kind for o in state.pending if o.overdue(await hours.clock.now())} == {
        ObligationKind.FIRST_RELEASE,
        ObligationKind.PRESS_CONFERENCE,
    }
    assert state.phase is Phase.RESPONDING


async def test_a_response_is_due_after_36_hours_and_its_first_word_is_a_soft_target(hours: World) -> None:
    await hours.submit(**GENERAL)
    await hours.accepted("assess", "office.duty")
    await hours.env.sleep(37 * HOUR)
    response = [(0.5, 18 * HOUR), (0.75, 27 * HOUR), (1.0, 36 * HOUR)]
    assert within(await reminders(hours, ObligationKind.RESPONSE), response)
    soft = [e.fact for e in await hours.entries() if isinstance(e.fact, Reminded) and e.fact.kind == "first_release"]
    assert soft
    assert all(Audience.LEADING_GROUP not in fact.to for fact in soft)


async def test_a_first_release_in_time_is_met_at_the_instant_it_was_published(hours: World) -> None:
    await hours.submit()
    await hours.env.sleep(3 * HOUR)
    release = await hours.publish("first")
    state = await hours.state()
    met = duty(state, ObligationKind.FIRST_RELEASE)
    assert met.state is ObligationState.MET
    assert met.release == release
    assert met.met_at == state.releases[met.release].receipts[0].at
    await hours.env.sleep(2 * HOUR)
    given = await reminders(hours, ObligationKind.FIRST_RELEASE)
    assert [fraction for fraction, _ in given] == [0.5, 0.75], "a met duty is not called overdue"


async def test_a_first_release_after_four_hours_is_met_late_and_stays_so(hours: World) -> None:
    await hours.submit()
    await hours.env.sleep(5 * HOUR)
    await hours.publish("first")
    assert duty(await hours.state(), ObligationKind.FIRST_RELEASE).state is ObligationState.MET_LATE


async def test_a_report_that_comes_too_late_is_told_once_that_it_is_overdue(hours: World) -> None:
    await hours.submit(10 * HOUR)
    await hours.until(lambda incident: any("first_release" in key for key in incident.reminded))
    given = await reminders(hours, ObligationKind.FIRST_RELEASE)
    assert [fraction for fraction, _ in given] == [1.0]
    assert duty(await hours.state(), ObligationKind.FIRST_RELEASE).due_at == hours.detected_at + 4 * HOUR


async def test_regrading_counts_from_detection_and_keeps_what_was_owed_before(hours: World) -> None:
    await hours.submit(**GENERAL)
    await hours.env.sleep(30 * HOUR)
    await hours.accepted("assess", "office.duty", level="major")
    raised = await hours.state()
    assert duty(raised, ObligationKind.PRESS_CONFERENCE).due_at == hours.detected_at + 24 * HOUR
    assert duty(raised, ObligationKind.FIRST_RELEASE).hard
    assert [o.state for o in raised.obligations if o.kind == "response"] == [ObligationState.SUPERSEDED]
    await hours.until(lambda incident: any("press_conference" in key for key in incident.reminded))
    assert [f for f, _ in await reminders(hours, ObligationKind.PRESS_CONFERENCE)] == [1.0]
    await hours.accepted("assess", "office.duty", level="general", reason="核实后下调")
    lowered = await hours.state()
    dropped = [o for o in lowered.obligations if o.kind == "press_conference"]
    assert [(o.state, o.ran_late) for o in dropped] == [(ObligationState.SUPERSEDED, True)]
    assert duty(lowered, ObligationKind.RESPONSE).due_at == hours.detected_at + 36 * HOUR
    assert lowered.level is Level.GENERAL


async def chases(world: World, subject: str) -> list[tuple[int, tuple[Audience, ...]]]:
    facts = [entry.fact for entry in await world.entries()]
    return [(fact.rung, fact.to) for fact in facts if isinstance(fact, Chased) and fact.subject == subject]


async def test_an_assessment_nobody_makes_is_chased_up_the_ladder(hours: World) -> None:
    await hours.submit(**GENERAL)
    await hours.env.sleep(3 * HOUR)
    climbed = await chases(hours, "assessment")
    assert [rung for rung, _ in climbed] == [1, 2, 3]
    assert Audience.LEADING_GROUP in climbed[-1][1]


async def test_an_idle_step_is_chased_and_never_passes_by_itself(hours: World) -> None:
    await hours.submit()
    release, _ = await hours.draft("first", "emergency.editor")
    await hours.env.sleep(3 * HOUR)
    climbed = await chases(hours, "step")
    # Unit approval and confidentiality wait at the same time, each with a ladder of its own.
    assert sorted(rung for rung, _ in climbed) == [1, 1, 2, 2, 3, 3]
    state = await hours.state()
    assert not state.releases[state.this_round()[0].id].receipts
    assert release in state.releases


async def test_an_embargo_ends_by_itself(hours: World) -> None:
    await hours.submit(**GENERAL, departments=[])
    until = await hours.clock.now() + 2 * HOUR
    release, digest = await hours.draft("first", "liuba.editor", embargo_until=until.isoformat())
    await hours.accepted("approve", "liuba.head", release=release, step="unit_approval", digest=digest)
    cleared: dict[str, Any] = {"release": release, "digest": digest, "outcome": "cleared"}
    await hours.accepted("review_confidentiality", "liuba.reviewer", **cleared)
    await hours.env.sleep(HOUR)
    assert not (await hours.state()).this_round()[0].receipts
    await hours.env.sleep(HOUR + timedelta(minutes=1))
    published = await hours.until(lambda incident: bool(incident.this_round()[0].receipts))
    assert published.this_round()[0].receipts[0].at >= until


async def test_closing_ends_the_run_and_reopening_starts_a_new_round_with_its_own_clocks(hours: World) -> None:
    await hours.submit(**GENERAL, departments=[])
    await hours.accepted("assess", "office.duty")
    await hours.accepted("waive", "leading.head", obligation="response", reason="由上级统一回应")
    await hours.accepted("close", "office.duty", summary="已统一回应")
    await hours.handle.result()
    assert (await hours.state()).phase is Phase.CLOSED
    entries = len(await hours.entries())
    await hours.env.sleep(48 * HOUR)
    assert len(await hours.entries()) == entries, "an ended incident has no alarms"
    assert (await hours.wake("reopen", "office.duty", reason="出现新的网帖")).outcome == "accepted"
    reopened = await hours.state()
    assert (reopened.round, reopened.phase) == (2, Phase.REPORTED)
    assert duty(reopened, ObligationKind.RESPONSE).due_at == reopened.detected_at + 36 * HOUR
    assert reopened.detected_at > hours.detected_at + 48 * HOUR
