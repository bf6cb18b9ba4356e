"""A release as it is written: the words that become a document, and the command that stands for them."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession

from api.errands import Store
from api.faults import UNCHANGEABLE
from api.problems import Fault, Problem, Trouble
from db import attachments, texts
from domain import commands as c
from domain.attachments import unknown
from domain.instants import Instant
from domain.refusals import Code, Refusal
from domain.releases import Document, Release
from domain.vocabulary import Channel, Digest, IncidentId, ReleaseId, ReleaseKind


class Draft(BaseModel):
    """Words and channels of one version. Plain text; paragraphs are separated by empty lines."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ReleaseKind
    title: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\r\n]*\S[^\r\n]*$")]
    body: Annotated[str, StringConstraints(min_length=1, max_length=20_000, pattern=r"\S")]
    channels: Annotated[tuple[Channel, ...], Field(min_length=1, max_length=8)]
    attachments: c.Attachments = ()
    """Digests of files uploaded to the incident, in the order in which they are shown (Art. 8)."""
    embargo_until: Instant | None = None
    corrects: c.ReleaseRef | None = None
    interpreters: Annotated[tuple[c.OfficerRef, ...], Field(max_length=10)] = ()
    experts: Annotated[tuple[c.ShortText, ...], Field(max_length=10)] = ()
    """Who interprets a policy is named beside the words and belongs to no version of them (Art. 12)."""

    def document(self, incident: IncidentId, release: ReleaseId) -> Document:
        words = self.model_dump(exclude={"interpreters", "experts"})
        once = {
            "channels": tuple(sorted(set(self.channels))),
            "attachments": tuple(dict.fromkeys(self.attachments)),
        }
        return Document(incident=incident, release=release, **words | once)


def drafting(draft: Draft, incident: IncidentId, release: ReleaseId) -> Store:
    """Stores version 1 and gives the command that founds the release."""

    async def store(session: AsyncSession, now: datetime) -> c.Command:
        document = draft.document(incident, release)
        digest = await _store(session, document, now)
        return c.DraftRelease(
            release=release,
            digest=digest,
            channels=document.channels,
            embargo_until=document.embargo_until,
            attachments=document.attachments,
            kind=document.kind,
            corrects=document.corrects,
            interpreters=draft.interpreters,
            experts=tuple([await texts.store(session, incident, expert, now) for expert in draft.experts]),
        )

    return store


def revising(draft: Draft, incident: IncidentId, release: Release) -> tuple[Digest, Store]:
    """The digest of the next version; what stores it. Raises Problem: kind and what it corrects stay."""
    fixed = {"kind": release.kind, "corrects": release.corrects}
    if changed := [name for name, value in fixed.items() if getattr(draft, name) != value]:
        raise Problem(Trouble.INVALID, [Fault(name, UNCHANGEABLE) for name in changed])
    document = draft.document(incident, release.id)

    async def store(session: AsyncSession, now: datetime) -> c.Command:
        await _check_redactions(session, incident, release, document)
        return c.ReviseRelease(
            release=release.id,
            digest=await _store(session, document, now),
            channels=document.channels,
            embargo_until=document.embargo_until,
            attachments=document.attachments,
        )

    return document.digest(), store


async def _store(session: AsyncSession, document: Document, now: datetime) -> Digest:
    """Keep the words, and the files they come with, until the command arrives. Raises ATTACHMENT_UNKNOWN."""
    if missing := await attachments.renew(session, document.incident, document.attachments, now):
        raise unknown(missing)
    return await texts.store_document(session, document, now)


async def _check_redactions(session: AsyncSession, incident: IncidentId, release: Release, document: Document) -> None:
    """What a reviewer wanted out stays out of the next version, however it is spaced (Art. 11).

    Raises REDACTION_REMAINS.
    """
    reviews = [decision.review for decision in release.stopping if decision.review]
    wanted_out = await texts.read(session, incident, {text for review in reviews for text in review.redactions})
    written = _unspaced(document.title + document.body)
    if remaining := sum(_unspaced(words) in written for words in wanted_out.values()):
        raise Refusal(Code.REDACTION_REMAINS, count=remaining)


def _unspaced(words: str) -> str:
    return "".join(words.split())
