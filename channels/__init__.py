"""Adapters, one for each place we publish to. None of them decides whether something may go out."""

from dataclasses import dataclass
from typing import Protocol

from domain.releases import Document
from domain.vocabulary import Digest, UnitId


@dataclass(frozen=True)
class Publication:
    """A version that passed the last gate. `unit` drafted it and answers for it (Art. 11)."""

    document: Document
    digest: Digest
    version: int
    unit: UnitId
    drill: bool


@dataclass(frozen=True)
class Accepted:
    """What a place calls the release that it has taken, and where people find it."""

    external_id: str
    url: str


class ChannelRefused(Exception):
    """The place said no for good; a person must look. `code` says why without any words of the release."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Publisher(Protocol):
    async def publish(self, publication: Publication) -> Accepted:
        """Put the release where people can read it. Raises ChannelRefused; anything else is tried again."""
        ...
