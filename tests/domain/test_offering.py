"""What the console offers: to the right person at the right time, and to nobody else."""

import pytest

from domain.county import Actor
from domain.offering import Offer, offers
from domain.refusals import Code
from domain.vocabulary import CommandName, Phase
from tests.domain import situations as s
from tests.domain.guards import GUARDS
from tests.domain.test_guards import GOING_ON, end
from tests.domain.world import Play

# The first comes with the incident itself; the second is sent by a process.
OFFERED = [name for name in CommandName if name not in (CommandName.SUBMIT, CommandName.ABSORB)]
# For these it depends on the words whether it is too early; they are offered, and refused with their reason.
BY_CONTENT = {CommandName.DRAFT_RELEASE, CommandName.DESIGNATE_LEAD, CommandName.RECORD_CONFERENCE, CommandName.CLOSE}


def offered(play: Play, officer: str, name: CommandName) -> list[Offer]:
    actor = Actor.of(play.officer(officer))
    return [o for o in offers(play.incident, actor, play.roster(), play.now) if o.command is name]


@pytest.mark.parametrize("name", OFFERED)
def test_it_is_offered_to_the_right_person_with_what_it_is_about(name: CommandName) -> None:
    guard = GUARDS[name]
    found = offered(guard.due(), guard.officer, name)
    known = [offer.body() for offer in found]
    assert any(body.items() <= {k: str(v) for k, v in guard.body.items()}.items() for body in known) or any(
        # What may be left out of a command while there is only one is named in an offer all the same.
        set(body) - set(guard.body) <= {"conference", "consultation", "unit"}
        for body in known
    )


@pytest.mark.parametrize("name", OFFERED)
def test_it_is_not_offered_to_who_may_not(name: CommandName) -> None:
    guard = GUARDS[name]
    assert not offered(guard.due(), guard.mate, name)
    assert guard.stranger is None or not offered(guard.due(), guard.stranger, name)


@pytest.mark.parametrize("name", [n for n in OFFERED if GUARDS[n].untimely and n not in BY_CONTENT])
def test_it_is_not_offered_where_it_is_not_due(name: CommandName) -> None:
    guard = GUARDS[name]
    assert guard.untimely is not None
    about = set(guard.body)
    for offer in offered(guard.untimely[0](), guard.officer, name):
        assert offer.body().items() - {(k, str(guard.body[k])) for k in about}, "the very thing that is not due"


@pytest.mark.parametrize("phase", [Phase.CLOSED, Phase.DISMISSED, Phase.MERGED])
@pytest.mark.parametrize("name", [n for n in GOING_ON if n in OFFERED])
def test_it_is_not_offered_once_the_incident_has_ended(name: CommandName, phase: Phase) -> None:
    play = GUARDS[name].due()
    end(play, phase)
    assert not offered(play, GUARDS[name].officer, name)


def test_closing_says_what_stands_in_its_way() -> None:
    (early,) = offered(s.general(), "office.duty", CommandName.CLOSE)
    assert early.blocked is not None
    assert early.blocked.code is Code.HARD_DUTY_PENDING
    (ready,) = offered(s.public(), "office.duty", CommandName.CLOSE)
    assert ready.blocked is None
