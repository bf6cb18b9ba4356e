"""Which language a page speaks: Chinese, until its reader switches to English."""

from collections.abc import Mapping
from functools import cache
from gettext import NullTranslations
from importlib import resources
from typing import cast

from babel.messages.pofile import read_po
from fastapi import Request

from domain.refusals import Language

COOKIE = "huiying_lang"
CATALOGUES = resources.files("api.console").joinpath("locale", "en")


class Translations(NullTranslations):
    """gettext over a catalogue held in memory. A message without a translation stays Chinese, and a test finds it."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        super().__init__()
        self._messages = messages

    def gettext(self, message: str) -> str:
        return self._messages.get(message) or message

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return self.gettext(singular if n == 1 else plural)


def chosen(request: Request) -> Language:
    """The language of the reader's cookie; Chinese without one."""
    return Language.EN if request.cookies.get(COOKIE) == Language.EN else Language.ZH


def N_(message: str) -> str:  # noqa: N802  # Its usual name, by which tools find messages that are translated later.
    """The message itself: marked to be translated where it is shown."""
    return message


@cache
def translations(language: Language) -> NullTranslations:
    """Chinese is what the pages are written in; English comes from catalogues, one for each part of the console."""
    if language is Language.ZH:
        return NullTranslations()
    messages: dict[str, str] = {}
    for catalogue in CATALOGUES.iterdir():
        with catalogue.open("rb") as file:
            known = read_po(file, locale="en")
        messages |= {cast("str", m.id): cast("str", m.string) for m in known if m.id and m.string}
    return Translations(messages)
