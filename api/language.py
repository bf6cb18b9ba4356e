"""Which of its two languages the API answers in."""

from typing import Annotated

from fastapi import Depends, Request

from domain.refusals import Language


def preferred(accept_language: str | None) -> Language:
    """The language an Accept-Language header prefers: English when it ranks above Chinese, else Chinese."""
    ranks = {Language.ZH: 0.0, Language.EN: 0.0}
    for item in (accept_language or "").lower().split(","):
        tag, _, parameters = item.strip().partition(";")
        primary = tag.split("-")[0]
        if primary in list(Language):
            language = Language(primary)
            ranks[language] = max(ranks[language], _quality(parameters))
    return Language.EN if ranks[Language.EN] > ranks[Language.ZH] else Language.ZH


def _quality(parameters: str) -> float:
    """The `q` of a language range, between 0 and 1; one that cannot be read counts as not wanted."""
    name, _, value = parameters.replace(" ", "").partition("=")
    if name != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0


def of_request(request: Request) -> Language:
    return preferred(request.headers.get("accept-language"))


async def _spoken(request: Request) -> Language:
    return of_request(request)


Spoken = Annotated[Language, Depends(_spoken)]
