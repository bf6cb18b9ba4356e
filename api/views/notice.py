"""Notices and addresses as the API shows them."""

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel

from db import reads
from domain.delivering import Contact
from domain.instants import Instant
from domain.notices import NoticeKind
from domain.refusals import Language
from domain.vocabulary import DeliveryState, IncidentId, Means, OfficerId
from domain.wording import sentence


class NoticeShown(BaseModel):
    """`said` is what is asked by when; `incident` is None where it is about a register. `code` is what the service
    answered that would not take it last.
    """

    id: int
    officer: OfficerId
    incident: IncidentId | None
    number: str | None
    kind: NoticeKind
    said: str
    data: dict[str, str | int | float]
    at: Instant
    read_at: Instant | None
    delivery: DeliveryState
    means: Means | None
    code: str | None
    sent_at: Instant | None

    @classmethod
    def of(cls, told: reads.Told, names: Mapping[str, str], language: Language) -> Self:
        return cls(
            incident=told.incident or None,
            at=told.created_at,
            said=sentence(told.kind, told.data, told.number, names, language),
            **{name: getattr(told, name) for name in set(cls.model_fields) - {"incident", "at", "said"}},
        )


class Notices(BaseModel):
    """`next` is the cursor of the page that follows; None on the last."""

    items: tuple[NoticeShown, ...]
    next: str | None


class AddressBook(BaseModel):
    """Where notices go, in the order in which the addresses are tried."""

    contacts: tuple[Contact, ...]
