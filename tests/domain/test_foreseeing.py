"""What is foreseen is what comes about."""

from datetime import timedelta

import policies
from db.county import SAMPLE, read_county
from domain import commands as c
from domain.county import Actor
from domain.foreseeing import foresee, foresee_submission
from domain.incident import Incident
from domain.refusals import Code, RefusalRecord
from domain.vocabulary import Category, Level, ObligationKind, OfficerId, Source, UnitId
from tests.clock import START

COUNTY = read_county(SAMPLE)
ROSTER = COUNTY.roster()


def actor(officer: str) -> Actor:
    found = COUNTY.officer(OfficerId(officer))
    assert found is not None
    return Actor.of(found)


def submission(**changes: object) -> c.Submit:
    fields: dict[str, object] = {
        "title": "-",
        "summary": "-",
        "category": Category.LIVELIHOOD,
        "level": Level.MAJOR,
        "townships": ("baishi",),
        "detected_at": START - timedelta(hours=1),
        "source": Source.PATROL,
    }
    return c.Submit.model_validate(fields | changes)


def foreseen(**changes: object) -> Incident | RefusalRecord:
    policy = policies.load(COUNTY.policy)
    return foresee_submission(submission(**changes), actor("baishi.editor"), ROSTER, policy, START)


def test_a_report_shows_its_route_and_its_clocks() -> None:
    found = foreseen()
    assert isinstance(found, Incident)
    assert found.route.lead == "baishi"
    conference = next(o for o in found.pending if o.kind is ObligationKind.PRESS_CONFERENCE)
    assert conference.due_at == START + timedelta(hours=23)


def test_a_report_that_would_be_refused_says_why() -> None:
    found = foreseen(detected_at=START + timedelta(hours=1))
    assert isinstance(found, RefusalRecord)
    assert found.code is Code.IN_THE_FUTURE


def test_an_assessment_shows_what_it_would_change_and_changes_nothing() -> None:
    before = foreseen(level=Level.GENERAL)
    assert isinstance(before, Incident)
    after = foresee(before, c.Assess(level=Level.MAJOR), actor("office.duty"), ROSTER, START)
    assert isinstance(after, Incident)
    assert (before.level, after.level) == (Level.GENERAL, Level.MAJOR)
    assert UnitId("press") in after.route.coordinators
    refused = foresee(before, c.Assess(respond=False), actor("office.duty"), ROSTER, START)
    assert isinstance(refused, RefusalRecord)
