"""Sends what a form holds, and says what came of it on the page that sent it."""

import re
import secrets
from collections.abc import Awaitable
from dataclasses import replace
from typing import NamedTuple, Self, TypeVar

from api.auth import Caller
from api.console.forms import Form, Many
from api.errands import run
from api.parts import Parts
from api.problems import Fault, Problem, Refused, Saying, Trouble, said
from api.reading import Target
from api.routes.commands import errand_of
from domain import commands as c
from domain.incident import Incident
from domain.refusals import Code, Language

T = TypeVar("T")

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_SAY_IT_AGAIN = frozenset({Trouble.PROCESS_AWAY, Trouble.DATABASE_AWAY, Trouble.STORE_AWAY})
"""Whoever sends the same again under the same key may find it done already."""


class Failure(NamedTuple):
    """Why nothing came of a form, and whether its key may be used again."""

    said: Saying
    same_key: bool
    code: Code | Trouble

    def carried_by(self, form: Form, key: str) -> Form:
        """The form to show again: with the key that fits what would be sent next."""
        return replace(form, key=key if self.same_key else secrets.token_hex())


class Answer(NamedTuple):
    """What is said above a form that is shown again: why it was refused, or what is wrong with its fields."""

    said: Saying | None = None
    faults: tuple[Fault, ...] = ()
    failure: Failure | None = None

    @classmethod
    def to(cls, failure: Failure) -> Self:
        return cls(failure.said, failure=failure)

    @property
    def status(self) -> int:
        if self.faults:
            return 422
        return self.failure.said.status if self.failure else 200

    def keyed(self, form: Form, values: Many) -> Form:
        """The form under the key it came with, or a fresh one where that is spent."""
        if self.failure:
            return self.failure.carried_by(form, key_of(values))
        return replace(form, key=key_of(values)) if "key" in values else form


NOTHING = Answer()


def key_of(posted: Many) -> str:
    """The form's key. A form without one is one of its own."""
    key = next(iter(posted.get("key", ())), "")
    return key if _KEY.fullmatch(key) else secrets.token_hex()


async def attempt(doing: Awaitable[T], language: Language) -> T | Failure:
    """What came of it, or why nothing did. Faults of fields (Problem INVALID) are the caller's to show."""
    try:
        return await doing
    except Refused as refused:
        return Failure(said(language, refused), same_key=False, code=refused.record.code)
    except Problem as problem:
        if problem.trouble is Trouble.INVALID:
            raise
        return Failure(said(language, problem), problem.trouble in _SAY_IT_AGAIN, problem.trouble)


async def send(parts: Parts, caller: Caller, incident: Incident, key: str, command: c.Command) -> None:
    """As the API's route for the command does. Raises Refused, Problem."""
    await run(parts, caller, errand_of(parts, caller, Target(incident, matches=True), key, command.name, command))
