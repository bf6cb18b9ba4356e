"""Whoever drafts, at whatever level: the sample county can always take every step to publication (section 4)."""

from collections.abc import Iterator

import pytest

from domain import commands as c
from domain.vocabulary import Level, ReleaseKind, Role, UnitKind
from tests.domain.world import Play, county, digest, hours

LEADS = [unit for unit in county().units if unit.kind is not UnitKind.LEADING_GROUP]
KINDS = (ReleaseKind.FIRST, ReleaseKind.RESPONSE)


def people(unit: str) -> tuple[str, ...]:
    """Everybody of the unit who may draft: editors, heads, deputies, desks."""
    drafting = (Role.EDITOR, Role.UNIT_HEAD, Role.COUNTY_OFFICE, Role.PRESS_OFFICE)
    return tuple(
        officer.id
        for officer in county().officers
        if any(post.unit == unit and set(post.roles) & set(drafting) for post in officer.posts)
    )


def author_groups(lead: str) -> Iterator[tuple[str, ...]]:
    """Each drafter alone; then those who would have signed, writing together; then the whole unit."""
    central = [officer for unit in ("office", "press", "publicity") for officer in people(unit)]
    for officer in dict.fromkeys((*people(lead), *central)):
        yield (officer,)
    yield (f"{lead}.head", f"{lead}.deputy")
    yield (f"{lead}.head", f"{lead}.deputy", "office.head", "office.deputy")
    yield ("office.duty", "office.duty2", f"{lead}.head")
    if lead != "office":
        # All four who speak for the county office: see the last test.
        yield people(lead)


def of(lead: str, level: Level) -> Play:
    """An incident that `lead` answers for, with two further departments, a township and every central unit near."""
    township = next(unit.kind for unit in LEADS if unit.id == lead) is UnitKind.TOWNSHIP
    departments = ["market", "health"] if township or lead == "office" else [lead, "market", "health"]
    townships = [lead] if township else ["qixia"]
    play = Play.of(level=level, townships=townships, departments=list(dict.fromkeys(departments)))
    play.assess(lead=lead)
    play.confirm_facts()
    assert play.incident.route.lead == lead
    return play


SHORT = {"office", "press", "water", "qixia"}
"""One of each kind of unit; the rest is the same once more."""


@pytest.mark.parametrize(
    "lead", [pytest.param(str(one.id), marks=() if one.id in SHORT else pytest.mark.long) for one in LEADS]
)
def test_every_lead_at_every_level_can_publish_whoever_wrote_it(lead: str) -> None:
    for level in Level:
        play = of(lead, level)
        # The policy knows two kinds of levels; one of each is walked with every group of authors.
        thorough = level in (Level.GENERAL, Level.MAJOR)
        groups = author_groups(lead) if thorough else [(officer,) for officer in people(lead)]
        for authors in groups:
            for kind in KINDS:
                complete(play, authors, kind)
        play.wait(hours(1))


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("lead", ["office", "press", "water", "qixia"])
def test_every_kind_of_release_can_be_signed(lead: str, level: Level) -> None:
    play = of(lead, level)
    for officer in people(lead):
        for kind in ReleaseKind:
            if kind is not ReleaseKind.CORRECTION:
                complete(play, (officer,), kind)


@pytest.mark.parametrize("level", [Level.GENERAL, Level.MAJOR])
@pytest.mark.parametrize("township", [str(unit.id) for unit in LEADS if unit.kind is UnitKind.TOWNSHIP])
def test_a_cooperating_township_can_publish_beside_the_lead(township: str, level: Level) -> None:
    play = Play.of(level=level, townships=[township], departments=["market", "health"])
    play.confirm_facts()
    for authors in ([f"{township}.editor"], [f"{township}.head"], [f"{township}.head", f"{township}.deputy"]):
        for kind in KINDS:
            complete(play, tuple(authors), kind)


def complete(play: Play, authors: tuple[str, ...], kind: ReleaseKind) -> None:
    first, *others = authors
    release = play.draft(first, kind)
    for number, author in enumerate(others):
        play.revise(author, release, f"{release} {number}")
    taken = play.sign_all(release)
    assert play.release(release).intents, (authors, kind, play.steps(release))
    by = [officer for _, officer in taken]
    assert len(by) == len(set(by)), "no person takes two steps"
    assert not set(by) & set(authors), "no author decides"
    play.receive(release)


def test_nobody_is_left_out_of_the_walk() -> None:
    assert {unit.kind for unit in LEADS} == set(UnitKind) - {UnitKind.LEADING_GROUP}
    assert len(LEADS) == 29


def test_when_a_whole_office_wrote_it_the_leading_group_still_signs() -> None:
    play = of("office", Level.MAJOR)
    release = play.draft("office.duty")
    for author in ("office.duty2", "office.deputy"):
        play.revise(author, release, author)
    assert [officer for _, officer in play.sign_all(release)] == ["office.head", "office.reviewer", "leading.head"]


def test_a_release_that_nobody_could_sign_can_still_be_given_to_somebody() -> None:
    play = of("office", Level.MAJOR)
    release = play.draft("office.duty", text="甲")
    for author in ("office.duty2", "office.deputy", "office.head"):
        play.revise(author, release, author)
    approval = play.open_steps(release)[0]
    assert play.holders(release, approval) == ("leading.head",)
    assign = {"release": release, "step": approval.kind, "officer": "water.head", "reason": "均为撰稿人"}
    play.do("leading.head", c.AssignStep.model_validate(assign))
    play.do("water.head", c.Approve(release=release, step=approval.kind, digest=digest("office.head")))
    play.sign("office.reviewer", release, "confidentiality")
    play.sign("leading.head", release, "county_approval")
    assert play.release(release).intents
