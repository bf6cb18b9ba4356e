"""A release as the API shows it: its current version, the steps and who holds each, the receipts."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel

from api.views.attachment import AttachmentShown
from api.views.proceedings import FigureShown
from domain.consequences import stages_of
from domain.county import Roster
from domain.incident import Incident
from domain.instants import Instant
from domain.releases import Document, Receipt, Release, Review, StepView, holders, step_views
from domain.vocabulary import (
    Channel,
    Digest,
    Ground,
    OfficerId,
    ReleaseId,
    ReleaseKind,
    ReleaseState,
    StepKind,
    StepState,
    UnitId,
)


class StepShown(BaseModel):
    """`holders` may decide now or once the step opens; empty when it is decided."""

    step: StepKind
    unit: UnitId
    holders: tuple[OfficerId, ...]
    state: StepState
    by: OfficerId | None
    at: Instant | None
    ground: Ground | None
    review: Review | None
    """The form of a confidentiality review; its words are in the timeline."""
    open_since: Instant | None

    @classmethod
    def of(cls, view: StepView, release: Release, roster: Roster) -> Self:
        decision = view.decision
        decided = decision is not None and (decision.passes or decision.stops)
        return cls(
            step=view.step.kind,
            unit=view.step.unit,
            holders=() if decided else holders(release, view.step, roster),
            state=view.state,
            by=decision.by if decision else None,
            at=decision.at if decision else None,
            ground=decision.ground if decision else None,
            review=decision.review if decision else None,
            open_since=view.opened_at,
        )


class ParkedShown(BaseModel):
    """A call that waits for a person: on which channel, to do what, since when, and a code that says why.

    `retriable`: trying again may help; otherwise only `resolve_publication` does.
    """

    channel: Channel
    action: Literal["publish", "retract"]
    code: str
    since: Instant
    retriable: bool


class ReleaseShown(BaseModel):
    release: ReleaseId
    kind: ReleaseKind
    unit: UnitId
    round: int
    version: int
    digest: Digest
    state: ReleaseState
    channels: tuple[Channel, ...]
    attachments: tuple[Digest, ...]
    embargo_until: Instant | None
    corrects: ReleaseId | None
    corrected_by: ReleaseId | None
    withdrawn_at: Instant | None
    emergency: bool
    """Ordered out before all had decided; steps still open are decided afterwards."""
    interpreters: tuple[OfficerId, ...]
    author: OfficerId
    drafted_at: Instant
    steps: tuple[StepShown, ...]
    receipts: tuple[Receipt, ...]
    parked: tuple[ParkedShown, ...]

    @classmethod
    def of(cls, release: Release, incident: Incident, roster: Roster) -> Self:
        return cls.model_validate(_fields(release, incident, roster))


class VersionShown(BaseModel):
    version: int
    digest: Digest
    author: OfficerId
    drafted_at: Instant


class ReleaseText(ReleaseShown):
    """The release with words and files of one version, and the agreed figures beside them; None for erased words."""

    title: str | None
    body: str | None
    files: tuple[AttachmentShown, ...]
    """In order; those that were erased are left out."""
    versions: tuple[VersionShown, ...]
    figures: tuple[FigureShown, ...]

    @classmethod
    def with_words(
        cls,
        release: Release,
        incident: Incident,
        roster: Roster,
        document: Document | None,
        files: tuple[AttachmentShown, ...],
        figures: tuple[FigureShown, ...],
    ) -> Self:
        versions = [
            {"version": v.number, "digest": v.digest, "author": v.author, "drafted_at": v.drafted_at}
            for v in release.versions
        ]
        words: dict[str, object] = {
            "title": document.title if document else None,
            "body": document.body if document else None,
            "files": files,
        }
        return cls.model_validate(
            {**_fields(release, incident, roster), **words, "versions": versions, "figures": figures}
        )


_OF_VERSION = ("digest", "channels", "attachments", "embargo_until", "author", "drafted_at")
_COPIED = ("kind", "unit", "round", "state", "corrects", "corrected_by", "withdrawn_at", "interpreters")


def _fields(release: Release, incident: Incident, roster: Roster) -> Mapping[str, object]:
    version = release.version
    views = step_views(release, stages_of(incident, release))
    return {
        **{name: getattr(release, name) for name in _COPIED},
        "emergency": release.in_emergency,
        **{name: getattr(version, name) for name in _OF_VERSION},
        "release": release.id,
        "version": version.number,
        "steps": [StepShown.of(view, release, roster) for view in views],
        "receipts": release.receipts,
        "parked": [
            ParkedShown(
                channel=call.channel,
                action=call.action,
                code=call.parked,
                since=call.since,
                retriable=call.may_be_retried,
            )
            for call in release.pending
            if call.parked
        ],
    }
