"""Adapters, one for each service that carries notices to people. What they carry names no title and no text."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.delivering import Contact


@dataclass(frozen=True)
class Message:
    """A line for each notice and where to act on the first; `key` stays the same when it is sent again."""

    key: str
    lines: tuple[str, ...]
    link: str

    @property
    def text(self) -> str:
        return "\n".join((*self.lines, self.link))


class Rejected(Exception):
    """The service will not take it for this address, however often it is asked. `code` quotes no address."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Messenger(Protocol):
    async def send(self, message: Message, to: Contact, now: datetime) -> str | None:
        """None once it has arrived as far as this service will ever say; else a handle to ask about it by.

        Raises Rejected, and NotYet, NotSent or LostAnswer where it is worth trying again.
        """
        ...

    async def arrived(self, handle: str, to: Contact, now: datetime) -> bool:
        """Whether what was taken has arrived; False while the service does not know. Raises as `send`."""
        ...
