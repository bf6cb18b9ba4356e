"""An incident as somebody is about to act on it: what is offered, what there is to choose from, what it is about."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeVar

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import Caller
from api.console import choices
from api.console.forms import Option
from api.console.language import N_, translations
from api.console.readable import manuscripts
from api.problems import Problem, Refused, Trouble
from api.reading import find_incident, may_read
from api.views.proceedings import references_of
from db import reads, texts
from domain.incident import Incident
from domain.labels import label
from domain.offering import Offer, offers
from domain.refusals import Language
from domain.releases import Document
from domain.vocabulary import CommandName, IncidentId, ReadName, ReleaseId

_TIMELY = 8
"""Characters of a digest that tell two apart at a glance."""

Item = TypeVar("Item", bound=BaseModel)


class Matter(NamedTuple):
    """One thing a command is about, by name and in words."""

    label: str
    text: str


@dataclass(frozen=True)
class Opened:
    """`title` is empty for whoever may act on one thing of the incident without reading it."""

    incident: Incident
    title: str
    offers: tuple[Offer, ...]
    words: Mapping[str, str]
    documents: Mapping[ReleaseId, Document]
    now: datetime
    readable: bool

    def offered(self, name: CommandName, wanted: Mapping[str, str]) -> list[Offer]:
        """The offers of a command that fit what the address says."""
        mine = (offer for offer in self.offers if offer.command is name)
        return [o for o in mine if all(wanted.get(k, v) == v for k, v in o.body().items())]

    def options(self, caller: Caller, language: Language) -> dict[str, Sequence[Option]]:
        titles = {release: document.title for release, document in self.documents.items()}
        return choices.for_incident(self.incident, caller.county, self.words, titles, language)

    def matters(self, offer: Mapping[str, str], language: Language) -> list[Matter]:
        """What the fields that are known already stand for."""
        say = translations(language).gettext
        return [Matter(say(name), text) for name, text in self._matters(offer, language) if text]

    def _matters(self, body: Mapping[str, str], language: Language) -> Iterator[tuple[str, str]]:
        incident = self.incident
        if document := self.documents.get(ReleaseId(body.get("release", ""))):
            yield (
                N_("发布稿"),
                f"{label(document.kind, language)}{translations(language).gettext('：')}{document.title}",
            )
            yield N_("正文"), document.body
            yield N_("文本指纹"), document.digest()[:_TIMELY]
        if figure := _find(incident.figures, body.get("figure")):
            yield N_("回应口径"), self._said(figure.text)
        if task := _find(incident.assignments, body.get("task")):
            yield N_("交办事项"), self._said(task.what)
        if consultation := _find(incident.consultations, body.get("consultation")):
            yield N_("会商议题"), self._said(consultation.agenda)
        if conference := _find(incident.conferences, body.get("conference")):
            yield N_("发布会"), f"{label(conference.form, language)} {self._said(conference.venue)}"
        if referral := _find(incident.referrals, body.get("referral")):
            yield N_("谣言内容"), self._said(referral.claim)
            yield N_("失实之处"), self._said(referral.falsehood)
            yield N_("故意编造的依据"), self._said(referral.intent)
            yield N_("造成的严重危害"), self._said(referral.harm)
            yield N_("法律依据"), self._said(referral.legal_ground)
            yield N_("公开链接"), "\n".join(self._said(link) for link in referral.links)

    def _said(self, reference: str | None) -> str:
        return self.words.get(reference or "", "")


def _find(items: Sequence[Item], id_: str | None) -> Item | None:
    return next((item for item in items if getattr(item, "id", None) == id_), None) if id_ else None


async def opened(session: AsyncSession, caller: Caller, incident: str, now: datetime) -> Opened:
    """Raises Problem NOT_FOUND for an incident that is not there, or of which the caller may know nothing."""
    try:
        found = await find_incident(session, caller, incident)
    except Refused:
        raise Problem(Trouble.NOT_FOUND) from None
    readable = may_read(caller, found)
    offered = offers(found, caller.actor, caller.roster, now)
    if not (readable or offered or may_read(caller, found, ReadName.REFERRAL)):
        raise Problem(Trouble.NOT_FOUND)
    return Opened(
        incident=found,
        title=(await _title(session, found.id)) if readable else "",
        offers=offered,
        words=await texts.read(session, found.id, references_of(_seen(found, caller, readable=readable))),
        documents=await manuscripts(session, caller, found),
        now=now,
        readable=readable,
    )


async def _title(session: AsyncSession, incident: IncidentId) -> str:
    return await reads.title(session, incident) or ""


def _seen(incident: Incident, caller: Caller, *, readable: bool) -> list[BaseModel]:
    """The items whose words the caller may read."""
    own = {post.unit for post in caller.actor.posts}
    referrals = may_read(caller, incident, ReadName.REFERRAL)
    sent = [one for one in incident.referrals if referrals and (readable or one.receiver in own)]
    common = (*incident.conferences, *incident.consultations, *incident.assignments, *incident.figures)
    return [*(common if readable else ()), *sent]
