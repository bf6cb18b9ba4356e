import re
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import get_args

import pytest

from domain import labels, vocabulary
from domain.events import AnyFact, Fact
from domain.labels import fact_label, label, local_time, refusal_names
from domain.refusals import Code, Language, RefusalRecord
from domain.vocabulary import Audience, ObligationKind, Origin, Rank, ReleaseKind

# Nobody reads these: they are about how the process works, or are told in other words.
UNSPOKEN = {Audience, Origin, Rank}
WORDS = [
    value
    for kind in vars(vocabulary).values()
    if isinstance(kind, type) and issubclass(kind, StrEnum) and kind is not StrEnum and kind not in UNSPOKEN
    for value in kind
]


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("value", WORDS, ids=lambda value: f"{type(value).__name__}.{value}")
def test_every_word_of_the_field_has_a_label(value: StrEnum, language: Language) -> None:
    assert label(value, language)


FACTS = get_args(get_args(AnyFact)[0])


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.__name__)
def test_every_entry_of_the_ledger_has_a_label(fact: type[Fact], language: Language) -> None:
    assert fact_label(fact.model_fields["type"].default, language)


def test_the_same_code_of_two_kinds_has_two_labels() -> None:
    assert label(ObligationKind.FIRST_RELEASE, Language.EN) == "first release"
    assert label(ReleaseKind.UPDATE, Language.EN) != label(ObligationKind.ROLLING_UPDATE, Language.EN)


def test_instants_are_shown_on_the_countys_clocks() -> None:
    assert local_time(datetime(2026, 7, 10, 18, 40, tzinfo=UTC)) == "2026-07-11 02:40"


FIELDS = {
    found
    for file in Path(labels.__file__).parent.glob("*.py")
    for found in re.findall(r'(?:field=|check_past\()"(\w+)"', file.read_text())
}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("field", sorted(FIELDS))
def test_a_refused_instant_is_called_by_its_word(field: str, language: Language) -> None:
    record = RefusalRecord(code=Code.IN_THE_PAST, params={"field": field, "at": "2026-07-10T18:40:00+00:00"})
    said = record.sentence(language, refusal_names(record, language, {}))
    assert field not in said.split()
    assert "2026-07-11 02:40" in said


def test_a_unit_whose_id_is_a_category_keeps_its_name() -> None:
    record = RefusalRecord(code=Code.UNKNOWN_UNIT, params={"units": "emergency"})
    assert refusal_names(record, Language.ZH, {"emergency": "县应急管理局"}) == {"emergency": "县应急管理局"}


def test_what_nobody_knows_stays_as_it_is() -> None:
    record = RefusalRecord(code=Code.NOT_PERMITTED, params={"actor": "ghost", "command": "explode"})
    assert refusal_names(record, Language.ZH, {}) == {}
    assert "ghost" in record.sentence(Language.ZH, {})
