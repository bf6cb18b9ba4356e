"""The console speaks both of its languages: every Chinese message has its English."""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract
from jinja2.ext import babel_extract

import api.console
from api.console.language import translations
from api.console.navigation import PLACES
from domain.refusals import Language

ROOT = Path(api.console.__file__).parent
# In Python a message is marked by the name of the function that translates it; `N_` marks one translated later.
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "say": None, "N_": None}


def messages() -> Iterator[str]:
    for path in sorted(ROOT.rglob("*.html")):
        with path.open("rb") as file:
            for _line, _function, found, _comments in babel_extract(file, KEYWORDS, [], {"silent": "false"}):  # type: ignore[arg-type]  # It takes what `extract` takes.
                yield from _words(found)
    for path in sorted(ROOT.rglob("*.py")):
        with path.open("rb") as file:
            for _line, found, _comments, _context in extract("python", file, KEYWORDS):
                yield from _words(found)
    yield from (place.name for place in PLACES)


def _words(found: str | tuple[str | None, ...] | None) -> list[str]:
    """None is a message that only the program knows while it runs."""
    return [found] if isinstance(found, str) else [message for message in found or () if message]


def test_every_message_has_its_english() -> None:
    english = translations(Language.EN)
    missing = {message for message in messages() if english.gettext(message) == message}
    # A message without a Chinese character is the same in both.
    assert not {m for m in missing if any("一" <= letter <= "鿿" for letter in m)}


def test_chinese_is_what_the_pages_are_written_in() -> None:
    chinese = translations(Language.ZH)
    assert all(chinese.gettext(message) == message for message in messages())
