"""Signals and updates of every command's name, all of them only enqueueing.

A message may bring anything, in any number: nothing is parsed here, so nothing can fail here.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from temporalio import workflow
from temporalio.common import RawValue

from activities.signatures import Outcome
from domain.commands import COMMANDS
from domain.vocabulary import CommandName, Origin

LONGEST_MESSAGE = 200_000
"""Characters. The API caps bodies far below what would make this many."""


@dataclass(frozen=True)
class Message:
    """What was sent under `name`, as JSON text. `ticket` is where an update waits for its outcome, `within` the
    context it came in: what is done for it belongs to the trace of whoever sent it.
    """

    name: str
    origin: Origin
    text: str
    ticket: int
    within: Context = field(default_factory=copy_context, compare=False, repr=False)


class Intake(Protocol):
    """What a workflow needs to take messages."""

    def enqueue(self, name: str, origin: Origin, values: Sequence[object]) -> int: ...

    async def outcome(self, ticket: int) -> Outcome: ...


def text_of(values: Sequence[object]) -> str:
    """The one argument as JSON text; nothing, several or too much becomes a text no admission accepts."""
    if len(values) != 1:
        return f"{len(values)} arguments"
    value = values[0]
    if isinstance(value, RawValue):
        text = value.payload.data.decode("utf-8", errors="replace")
    else:
        text = json.dumps(value, default=repr)
    if len(text) > LONGEST_MESSAGE:
        return f"{len(text)} characters, SHA-256 {hashlib.sha256(text.encode()).hexdigest()}"
    return text


def is_bare(message: Message) -> bool:
    """Whether it came without any argument, or with an empty one, as the Temporal UI sends it."""
    return message.text in ("", "null", "{}", '""', "0 arguments")


W = TypeVar("W")


def accepts_commands(cls: type[W]) -> type[W]:
    """Give a workflow class a signal and an update for every command."""
    for name, command in COMMANDS.items():
        about = (command.__doc__ or name).strip().splitlines()[0]
        setattr(cls, f"signal_{name}", workflow.signal(name=name, description=about)(_signal(name)))
        setattr(cls, f"update_{name}", workflow.update(name=name, description=about)(_update(name)))
    return cls


# `*values` takes any number of arguments of any shape; a fixed signature would fail the workflow
# task for ever on the wrong one. `self` has no annotation because Temporal counts one as an argument.


def _signal(name: CommandName) -> Callable[..., None]:
    def receive(self, *values: object) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        self.enqueue(name, Origin.SIGNAL, values)

    return receive


def _update(name: CommandName) -> Callable[..., Awaitable[Outcome]]:
    async def answer(self, *values: object) -> Outcome:  # type: ignore[no-untyped-def]  # noqa: ANN001
        intake: Intake = self
        return await intake.outcome(intake.enqueue(name, Origin.UPDATE, values))

    return answer
