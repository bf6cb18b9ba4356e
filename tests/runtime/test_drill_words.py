"""What is told of a drill: every fact, every wait and whatever idles has its words in both languages."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, get_args, get_type_hints

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

import policies
from domain import events as e
from domain import vocabulary, waiting
from domain.refusals import Code, Language, RefusalRecord
from domain.routing import Route, RouteReason
from domain.telling.tales import Teller
from domain.telling.words import SILENT, WAITS
from domain.vocabulary import Audience, ObligationKind, StepKind, UnitId
from runtime.drill.board import Board
from runtime.drill.cast import Cast
from runtime.drill.run import Run
from runtime.drill.views import Incident

START = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
RUN = Run("flood", START, 6, "00000000")
STATE: dict[str, Any] = {
    "id": "0" * 32,
    "number": "演练〔2026〕1号",
    "title": "题目",
    "level": "major",
    "phase": "responding",
    "lead": "emergency",
    "obligations": [],
    "releases": [],
    "seq": 1,
}


def teller_of(cast: Cast, language: Language) -> Teller:
    return Teller(cast, language, {}, RUN.told(language), drill=True)


@pytest.mark.parametrize("language", list(Language))
def test_the_teller_tells_reminders_chases_and_lateness(cast: Cast, language: Language) -> None:
    teller = teller_of(cast, language)
    opened = e.ObligationOpened(
        id="o1",
        kind=ObligationKind.FIRST_RELEASE,
        due_at=RUN.instant(4),
        hard=True,
        article="10",
        counted_from=START,
        basis="detected_at",
        hours=4,
    )
    reminded = e.Reminded(
        obligation="o1",
        kind=ObligationKind.FIRST_RELEASE,
        fraction=0.5,
        due_at=RUN.instant(4),
        hard=True,
        to=(Audience.LEAD,),
    )
    facts: list[e.Fact] = [
        opened,
        reminded,
        reminded.model_copy(update={"fraction": 1}),
        e.Chased(subject="assessment", since=START, rung=1, to=(Audience.COUNTY_OFFICE,)),
        e.Chased(
            subject="step", since=START, rung=1, to=(Audience.HOLDERS,), step=StepKind.COSIGN, unit=UnitId("water")
        ),
        e.ObligationMet(id="o1", at=RUN.instant(5), late=True),
    ]
    tales = [teller.tell(fact, None, None) for fact in facts]
    zh = language is Language.ZH
    words = [tale.word for tale in tales if tale]
    assert words == (
        ["计时", "提醒", "超时", "催办", "催办", "逾期"]
        if zh
        else ["clock", "remind", "overdue", "chase", "chase", "late"]
    )
    told = [tale.text for tale in tales if tale]
    assert ("县水务局会签" if zh else "cosign of 县水务局") in told[4]


ROUTE = Route(lead=UnitId("water"), coordinators=(), cooperators=(), article="1", reason=RouteReason.ONE_DEPARTMENT)
ENUMS = [kind for kind in vars(vocabulary).values() if isinstance(kind, type) and issubclass(kind, StrEnum)]
CANDIDATES: list[object] = [
    "o1",
    START,
    True,
    0.5,
    (),
    {},
    ROUTE,
    RefusalRecord(code=Code.MALFORMED),
    policies.load("drill"),
    *(next(iter(kind)) for kind in ENUMS if kind is not StrEnum),
    *("detected_at", "approved", "decision", "publish", "assessment"),
]


def example(kind: type[e.Fact]) -> e.Fact:
    """A fact that is valid, each of its fields the first candidate that fits."""
    fields = {name: field for name, field in kind.model_fields.items() if name != "type"}
    return kind.model_validate({name: next(c for c in CANDIDATES if fits(c, field)) for name, field in fields.items()})


def fits(value: object, field: FieldInfo) -> bool:
    try:
        TypeAdapter(field.rebuild_annotation()).validate_python(value)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("kind", get_args(get_args(e.AnyFact)[0]), ids=lambda kind: kind.__name__)
def test_every_fact_has_its_words(cast: Cast, kind: type[e.Fact], language: Language) -> None:
    teller = teller_of(cast, language)
    teller.tell(example(e.ObligationOpened), None, None)
    tale = teller.tell(example(kind), "office.head", "office")
    if kind in SILENT:
        assert tale is None
    else:
        assert tale is not None
        assert tale.word.strip()
        assert tale.text.strip()
        # An English word, or a Chinese one; never that of the other language.
        assert tale.word.isascii() is (language is Language.EN)


@pytest.mark.parametrize("language", list(Language))
def test_everything_that_may_idle_has_its_words(cast: Cast, language: Language) -> None:
    teller = teller_of(cast, language)
    for subject in get_args(get_type_hints(e.Chased)["subject"]):
        for audience in Audience:
            assert teller.tell(e.Chased(subject=subject, since=START, rung=1, to=(audience,)), None, None) is not None


@pytest.mark.parametrize("language", list(Language))
def test_every_wait_has_its_words(cast: Cast, language: Language) -> None:
    board = Board(RUN, cast, language, lambda: START)
    constants = {value for name, value in vars(waiting).items() if name.isupper() and isinstance(value, str)}
    whats = [*sorted(constants), *StepKind, *ObligationKind]
    assert len(constants) >= 16
    waits = [{"what": what, "unit": None, "holders": ["office.head"], "release": None} for what in whats]
    board.incident = Incident.model_validate(STATE | {"waiting_for": waits})
    asked = [what for what, _ in board.waits()]
    assert len(asked) == len(whats) - 2
    assert all(what.isascii() is (language is Language.EN) for what in asked)
    assert set(WAITS) == constants


def test_a_reason_that_was_not_given_leaves_no_comma(cast: Cast) -> None:
    teller = teller_of(cast, Language.ZH)
    resumed = teller.tell(e.UpdatesResumed(reason=None), None, None)
    assert resumed is not None
    assert resumed.text == "系统：恢复滚动发布"


def test_words_that_were_erased_are_not_told_by_their_reference(cast: Cast) -> None:
    noted = teller_of(cast, Language.EN).tell(e.Noted(text=f"t1:{'0' * 64}"), "office.head", "office")
    assert noted is not None
    assert noted.text.endswith(": …")


def test_a_duty_nobody_opened_is_not_told(cast: Cast) -> None:
    teller = teller_of(cast, Language.ZH)
    assert teller.tell(e.ObligationMet(id="o9", at=START, late=False), None, None) is None
