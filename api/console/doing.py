"""What a person may do now, as buttons: where each leads, and what it is called."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from api.auth import Caller
from domain.incident import Incident
from domain.labels import label, refusal_names
from domain.offering import Offer
from domain.refusals import Language
from domain.vocabulary import CommandName, ReleaseId

_DECIDING = (CommandName.APPROVE, CommandName.RETURN_RELEASE, CommandName.REVIEW_CONFIDENTIALITY)
_GRAVE = (
    CommandName.CANCEL_RELEASE,
    CommandName.WITHDRAW_RELEASE,
    CommandName.EMERGENCY_RELEASE,
    CommandName.WAIVE,
    CommandName.CANCEL_CONFERENCE,
    CommandName.RESTRICT_INCIDENT,
    CommandName.LIFT_RESTRICTION,
)


@dataclass(frozen=True)
class Button:
    """`asked`: it is this person's next step; `grave`: it weighs; `blocked` says why it would be refused now."""

    offer: Offer
    words: str
    address: str
    asked: bool
    grave: bool
    blocked: str | None

    @classmethod
    def of(
        cls, offer: Offer, incident: Incident, caller: Caller, asked: Iterable[str | None], language: Language
    ) -> Self:
        deciding = offer.command in _DECIDING
        words = label(offer.step, language) if deciding and offer.step else label(offer.command, language)
        people: dict[str, str] = {officer.id: officer.name for officer in caller.county.officers}
        people |= {unit.id: unit.name for unit in caller.county.units}
        record = offer.blocked
        return cls(
            offer=offer,
            words=words,
            address=address(incident, offer),
            asked=offer.command in set(asked),
            grave=offer.command in _GRAVE,
            blocked=record.sentence(language, refusal_names(record, language, people)) if record else None,
        )


@dataclass(frozen=True)
class Buttons:
    """All of them; each stands beside what it is about."""

    all: Sequence[Button]

    def about_release(self, release: ReleaseId) -> list[Button]:
        return [button for button in self.all if button.offer.release == release]

    def about(self, item: str) -> list[Button]:
        """A conference, a consultation, a task, a referral or a figure, by its id."""
        return [button for button in self.all if item in _items(button.offer)]

    @property
    def duties(self) -> list[Button]:
        return [button for button in self.all if button.offer.obligation]

    @property
    def general(self) -> list[Button]:
        """About the incident as a whole; what is not possible yet comes last."""
        found = (b for b in self.all if not (b.offer.release or b.offer.obligation or any(_items(b.offer))))
        return sorted(found, key=lambda button: button.blocked is not None)


def buttons(
    offers: Iterable[Offer], incident: Incident, caller: Caller, asked: Sequence[str | None], language: Language
) -> Buttons:
    """One for each place: deciding on a release, whichever way, is one."""
    found: dict[str, Button] = {}
    for offer in offers:
        button = Button.of(offer, incident, caller, asked, language)
        found.setdefault(button.address, button)
    return Buttons(tuple(found.values()))


def address(incident: Incident, offer: Offer) -> str:
    here = f"/console/incidents/{incident.id}"
    match offer.command:
        case CommandName.DRAFT_RELEASE:
            return f"{here}/releases/new"
        case CommandName.REVISE_RELEASE:
            return f"{here}/releases/{offer.release}/edit"
        case command if command in _DECIDING:
            return f"/console/tasks/{incident.id}/{offer.release}"
    query = urlencode(offer.body())
    return f"{here}/do/{offer.command}?{query}" if query else f"{here}/do/{offer.command}"


def _items(offer: Offer) -> tuple[str | None, ...]:
    return tuple(filter(None, (offer.conference, offer.consultation, offer.task, offer.referral, offer.figure)))
