"""What is waited for has its words in both languages."""

import pytest

from api.console.waits import waits, words_of
from domain import waiting
from domain.refusals import Language
from domain.standing import Task
from domain.vocabulary import ObligationKind, ReleaseKind, StepKind
from tests.clock import START
from tests.documents.story import begun
from tests.domain.world import county

CONSTANTS = sorted(value for name, value in vars(waiting).items() if name.isupper() and isinstance(value, str))


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("what", [*CONSTANTS, *StepKind, *ObligationKind])
def test_every_wait_has_its_words(what: str, language: Language) -> None:
    task = Task(what=what, command=None, unit=None, roles=(), since=START, due_at=None)
    for kind in (None, *ReleaseKind):
        words = words_of(task, kind, language)
        assert words.strip()
        assert words.isascii() is (language is Language.EN)


def test_a_wait_names_the_first_of_those_who_may_and_says_that_there_are_more() -> None:
    story = begun()
    found = waits(story.incident, county(), county().roster(), Language.ZH, story.now)
    assert found
    assert all(len(wait.holders) <= 3 for wait in found)
    assert any(wait.more for wait in found)
