"""Adapters, one for each service that carries notices to people. What they carry names no title and no text."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.brief import Brief
from domain.delivering import Contact

_TELLING = 8
"""Characters of the key that stand in the text."""


@dataclass(frozen=True)
class Message:
    """A line for each notice and where to act on the first; `key` stays the same when it is sent again.

    `brief` says the most urgent one where no line fits.
    """

    key: str
    lines: tuple[str, ...]
    link: str
    brief: Brief

    @property
    def text(self) -> str:
        return self.within(None)

    def within(self, most: int | None) -> str:
        """As many of the lines as a service takes that cuts off what is longer, in bytes; the link always.

        The link's fragment leads nowhere. It tells this message from another that says the same, which some
        services would drop as a repetition, and makes it the same one when it is sent again.
        """
        link = f"{self.link}#{self.key[:_TELLING]}"
        for kept in range(len(self.lines), 0, -1):
            left_out = len(self.lines) - kept
            more = (f"……另有 {left_out} 条",) if left_out else ()
            text = "\n".join((*self.lines[:kept], *more, link))
            if most is None or len(text.encode()) <= most:
                return text
        return link


class Rejected(Exception):
    """The service will not take it for this address, however often it is asked. `code` quotes no address."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Messenger(Protocol):
    async def send(self, message: Message, to: Contact, now: datetime) -> str | None:
        """None once it has arrived as far as this service will ever say; else a handle to ask about it by.

        Raises Rejected; NotYet, NotSent or LostAnswer where it is worth trying again; Throttled where nothing is wrong.
        """
        ...

    async def arrived(self, handle: str, to: Contact, now: datetime) -> bool:
        """Whether what was taken has arrived; False while the service does not know. Raises as `send`."""
        ...
