"""Adapters, one for each place we publish to. None of them decides whether something may go out.

A place that takes no idempotency key is asked with care: `Call` says, across crashes, how far an
attempt came, so that a call whose answer was lost is looked up and never simply made again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.attachments import Attachment
from domain.releases import Document, Receipt
from domain.vocabulary import Digest, UnitId


@dataclass(frozen=True)
class Enclosure:
    """A file beside the words whose bytes were checked at the last gate, and where the public page has it."""

    attachment: Attachment
    url: str


@dataclass(frozen=True)
class Publication:
    """A version that passed the last gate. `unit` drafted it and answers for it (Art. 11); `url` is its public page;
    no place can have shown it before `drafted_at`, where that is known.
    """

    document: Document
    digest: Digest
    version: int
    unit: UnitId
    drill: bool
    url: str
    enclosures: tuple[Enclosure, ...] = ()
    drafted_at: datetime | None = None


@dataclass(frozen=True)
class Accepted:
    """What a place calls the release that it shows, where people find it, and since when if it says so."""

    external_id: str
    url: str
    at: datetime | None = None


class Call(Protocol):
    """How far one attempt has come, kept where a crash does not reach. Each change is committed at once."""

    @property
    def begun_at(self) -> datetime | None:
        """Since when the place may have taken it; None as long as nothing that counts was sent."""
        ...

    @property
    def handle(self) -> str | None:
        """What the place calls the matter while it works on it."""
        ...

    async def begin(self, now: datetime, handle: str | None = None) -> None:
        """To be called right before something is sent that must not be sent twice."""
        ...

    async def keep(self, handle: str) -> None:
        """To be called with what the place answered."""
        ...

    async def undo(self, handle: str | None = None) -> None:
        """To be called when the place has said that it took nothing, or was not reached."""
        ...


class ChannelRefused(Exception):
    """The place said no for good; a person must look. `code` says why without any words of the release."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class OutcomeUnknown(Exception):
    """An answer was lost and the place cannot tell: only a person can. Never tried again by itself."""


class PersonPublishes(Exception):
    """It lies on the platform as a draft, and a person is to press the button there."""


class NotYet(Exception):
    """Accepted but not shown yet, throttled, or to be looked up later: ask again after `seconds`."""

    def __init__(self, code: str, seconds: float) -> None:
        super().__init__(code)
        self.code = code
        self.seconds = seconds


class Throttled(NotYet):
    """Asked too often, by a limit of the place or by ours: nothing was taken and nothing is wrong."""

    def __init__(self, seconds: float) -> None:
        super().__init__("throttled", seconds)


class Publisher(Protocol):
    async def publish(self, publication: Publication, call: Call, now: datetime) -> Accepted:
        """See to it that the release stands where people can read it, once.

        Raises ChannelRefused, OutcomeUnknown, PersonPublishes, NotYet; anything else is tried again.
        """
        ...

    async def retract(self, publication: Publication, receipt: Receipt, now: datetime) -> None:
        """Mark it withdrawn, or take it down. Doing it again changes nothing. Raises as `publish`."""
        ...
