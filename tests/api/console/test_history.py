"""The ledger as a history: every kind of entry has its sentence in both languages, and no reference is shown."""

from typing import get_args

import pytest

from api.console.history import history
from api.console.rendering import moment_in
from domain import events as e
from domain.refusals import Code, Language, RefusalRecord
from domain.vocabulary import OfficerId, Origin
from tests.clock import START
from tests.documents.story import told
from tests.domain.world import county
from tests.runtime.test_drill_words import example

NO = RefusalRecord(code=Code.NO_RELEASE)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("kind", get_args(get_args(e.AnyFact)[0]), ids=lambda kind: kind.__name__)
def test_every_kind_of_entry_has_a_word(kind: type[e.Fact], language: Language) -> None:
    by = e.Authorship(origin=Origin.UPDATE, issued_at=START, decided_at=START, actor=OfficerId("office.head"))
    fact = e.Refused(command="approve", refusal=NO) if kind is e.Refused else example(kind)
    entry = e.RecordedEntry.model_validate({"seq": 1, "key": "c1", "by": by, "fact": fact})
    (one,) = history([entry], {}, {}, county(), language, drill=False, when=moment_in(language))
    assert one.word.strip()
    assert one.word.isascii() is (language is Language.EN)


def test_a_story_is_told_with_its_words_and_none_is_left_as_a_reference() -> None:
    story = told()
    found = history(story.entries, story.words, {}, county(), Language.ZH, drill=False, when=moment_in(Language.ZH))
    assert [one.seq for one in found] == [entry.seq for entry in story.entries]
    texts = " ".join(one.text for one in found)
    assert "t1:" not in texts
    assert "请补充检测结论" in texts
    assert "（县政府新闻办" in texts


def test_who_may_not_see_words_is_told_what_happened_without_them() -> None:
    story = told()
    found = history(story.entries, {}, {}, county(), Language.ZH, drill=False, when=moment_in(Language.ZH))
    texts = " ".join(one.text for one in found)
    assert "请补充检测结论" not in texts
    assert "…" in texts
