"""Registers that units keep: who speaks, who is on duty, whose post is handed on; who may file what (Art. 7)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from domain.county import Actor
from domain.labels import refusal_names
from domain.refusals import Code, Language, Refusal
from domain.registers import (
    LONGEST_DELEGATION,
    LONGEST_DUTY,
    DelegationEnd,
    DelegationFiling,
    DutyFiling,
    Filed,
    Register,
    SpokespersonFiling,
    check_end,
    check_filing,
    late,
    owed_filings,
)
from domain.vocabulary import OfficerId, UnitId
from tests.domain.world import DETECTED, actor, county, hours

WATER = UnitId("water")
Filing = SpokespersonFiling | DutyFiling | DelegationFiling


def speaks(**changes: object) -> SpokespersonFiling:
    fields = {"unit": "water", "spokesperson": "water.head", "deputy": "water.deputy", "changed_on": "2026-03-10"}
    return SpokespersonFiling.model_validate(fields | changes)


def period(start: float = 0, end: float = 24) -> dict[str, Any]:
    return {"starts_at": DETECTED + hours(start), "ends_at": DETECTED + hours(end)}


def duty(**changes: object) -> DutyFiling:
    fields = {"unit": "water", "leader": "water.head", "on_duty": ["water.editor", "water.deputy"]}
    return DutyFiling.model_validate(fields | period() | changes)


def handed(**changes: object) -> DelegationFiling:
    fields = {"unit": "water", "principal": "water.head", "delegate": "water.editor"}
    return DelegationFiling.model_validate(fields | period() | changes)


def refused(filing: Filing, officer: str | Actor) -> Code:
    filer = actor(officer) if isinstance(officer, str) else officer
    with pytest.raises(Refusal) as raised:
        check_filing(filing, filer, county(), DETECTED)
    record = raised.value.record
    people = {str(one.id): one.name for one in county().officers} | {str(u.id): u.name for u in county().units}
    for language in Language:
        said = record.sentence(language, refusal_names(record, language, people))
        assert "{" not in said
        assert "file_" not in said
    return record.code


# -- who may file ------------------------------------------------------------------------------


@pytest.mark.parametrize("filing", [speaks(), duty()])
@pytest.mark.parametrize(
    ("officer", "may"),
    [
        ("water.editor", True),
        ("water.head", True),
        ("press.desk", True),
        ("office.duty", True),
        ("water.reviewer", False),
        ("land.head", False),
        ("leading.head", False),
        ("ops.oncall", False),
    ],
)
def test_a_unit_files_its_own_the_office_and_the_press_office_anybodys(filing: Filing, officer: str, may: bool) -> None:
    if may:
        check_filing(filing, actor(officer), county(), DETECTED)
    else:
        assert refused(filing, officer) is Code.NOT_PERMITTED


def test_a_post_is_its_holders_to_hand_on_or_the_offices_with_a_reason() -> None:
    check_filing(handed(), actor("water.head"), county(), DETECTED)
    for officer in ("water.editor", "water.deputy", "press.desk"):
        assert refused(handed(reason="外出"), officer) is Code.NOT_PERMITTED
    assert refused(handed(), "office.duty") is Code.REASON_NEEDED
    check_filing(handed(reason="外出"), actor("office.duty"), county(), DETECTED)


@pytest.mark.parametrize(
    ("filing", "code"),
    [
        (speaks(unit="nowhere"), Code.UNKNOWN_UNIT),
        (speaks(spokesperson="nobody.here"), Code.UNKNOWN_OFFICER),
        (speaks(spokesperson="land.head"), Code.WRONG_OFFICER),
        (speaks(deputy="water.head"), Code.SAME_OFFICER),
        (speaks(changed_on="2026-03-19"), Code.IN_THE_FUTURE),
        (duty(on_duty=["land.editor"]), Code.WRONG_OFFICER),
        (handed(delegate="land.editor"), Code.WRONG_OFFICER),
        (handed(delegate="water.head"), Code.SAME_OFFICER),
        (duty(ends_at=DETECTED + LONGEST_DUTY + timedelta(seconds=1)), Code.PERIOD_TOO_LONG),
        (handed(reason="外出", ends_at=DETECTED + LONGEST_DELEGATION + timedelta(seconds=1)), Code.PERIOD_TOO_LONG),
    ],
)
def test_what_cannot_be_filed_says_why(filing: Filing, code: Code) -> None:
    assert refused(filing, "office.duty") is code


@pytest.mark.parametrize(
    "filing",
    [duty(ends_at=DETECTED + LONGEST_DUTY), duty(on_duty=["water.head"]), speaks(changed_on="2026-03-18")],
)
def test_what_is_just_in_bounds_can(filing: DutyFiling | SpokespersonFiling) -> None:
    check_filing(filing, actor("office.duty"), county(), DETECTED)


def test_a_period_runs_forward() -> None:
    for end in (0, -1):
        with pytest.raises(ValidationError):
            duty(**period(0, end))


# -- how things stand ------------------------------------------------------------------------------


def filed(*filings: Filing, at: datetime = DETECTED) -> list[Filed]:
    by = OfficerId("office.duty")
    return [Filed(id=number, filed_by=by, filed_at=at, filing=one) for number, one in enumerate(filings, start=1)]


def test_the_latest_spokesperson_counts() -> None:
    register = Register.of(filed(speaks(), speaks(spokesperson="water.editor", deputy=None)))
    latest = register.spokespersons[WATER].filing
    assert latest.model_dump()["spokesperson"] == "water.editor"


def test_who_is_on_duty_comes_before_who_leads_and_of_two_rosters_the_later_filed_counts() -> None:
    register = Register.of(filed(duty(), duty(on_duty=["water.reviewer"], **period(12, 24))))
    staffed = county().model_copy(update={"duties": register.duties})

    def on_duty(unit: UnitId, after: float) -> tuple[OfficerId, ...]:
        return staffed.on(DETECTED + hours(after)).on_duty.get(unit, ())

    assert on_duty(WATER, 1) == ("water.editor", "water.deputy", "water.head")
    assert on_duty(WATER, 12) == ("water.reviewer", "water.head")
    assert on_duty(WATER, 24) == (), "nobody was filed for then"
    assert on_duty(UnitId("land"), 1) == ()


@pytest.mark.parametrize(("ended", "until"), [(5, 5), (-3, 0), (30, 24)])
def test_a_delegation_that_was_ended_early_ends_then_and_never_later(ended: float, until: float) -> None:
    end = Filed(
        id=2,
        filed_by=OfficerId("water.head"),
        filed_at=DETECTED + hours(ended),
        filing=DelegationEnd(unit=WATER, delegation=1),
    )
    (delegation,) = Register.of([*filed(handed()), end]).delegations
    assert delegation.ends_at == DETECTED + hours(until)
    assert not delegation.covers(DETECTED + hours(until))


@pytest.mark.parametrize(
    ("officer", "may"), [("water.head", True), ("water.editor", True), ("office.duty", True), ("water.deputy", False)]
)
def test_either_of_the_two_or_the_office_ends_it(officer: str, may: bool) -> None:
    (delegation,) = Register.of(filed(handed())).delegations
    if may:
        check_end(delegation, actor(officer))
        return
    with pytest.raises(Refusal) as raised:
        check_end(delegation, actor(officer))
    assert raised.value.record.code is Code.NOT_PERMITTED
    assert "end_delegation" not in raised.value.record.sentence(
        Language.ZH, refusal_names(raised.value.record, Language.ZH, {})
    )


@pytest.mark.parametrize(("days", "is_late"), [(10, False), (11, True)])
def test_a_change_reported_after_the_policys_days_is_late(days: int, is_late: bool) -> None:
    # 23:30 in China is still the same day there.
    at = datetime.combine(date(2026, 3, 10) + timedelta(days=days), datetime.min.time(), DETECTED.tzinfo) + hours(15.5)
    (one,) = filed(speaks(), at=at)
    assert late(one, 10) is is_late
    assert not late(filed(duty(), at=at)[0], 10)


def test_units_without_a_spokesperson_or_whose_has_left_owe_a_filing() -> None:
    assert owed_filings(county(), Register()) == []
    gone = Filed(
        id=1,
        filed_by=OfficerId("water.editor"),
        filed_at=DETECTED,
        filing=speaks(spokesperson="land.head", deputy=None),
    )
    (owed,) = owed_filings(county(), Register(spokespersons={WATER: gone}))
    assert (owed.unit, owed.left) == ("water", ("land.head",))
    silent = county().model_copy(
        update={"officers": tuple(o for o in county().officers if o.id not in ("water.head", "land.head"))}
    )
    assert {owed.unit for owed in owed_filings(silent, Register())} == {"water", "land"}
