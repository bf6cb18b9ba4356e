"""The last gate: nothing goes out whose exact words and files were not decided on, and nothing goes out twice."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities import signatures as s
from channels import ChannelRefused, Enclosure, NotYet, OutcomeUnknown, PersonPublishes, Publication, Publisher
from db import attachments, ledger, publications, texts
from db.calls import StoredCall
from db.publications import Place
from db.session import Sessions
from domain.addresses import is_web_address
from domain.consequences import stages_of
from domain.events import Published
from domain.incident import Incident
from domain.releases import BY_HAND, LOST, Document, Receipt, Release, may_go_out
from domain.vocabulary import Channel, Digest
from runtime.attachments.store import AttachmentGone, AttachmentStore
from runtime.clock import Clock

LONGEST_ID = 200
"""Characters that are kept of what a place calls a release."""


class Lapsed(Exception):
    """A required decision is missing by now."""


class Parked(Exception):
    """A person must look. `code` says why without any words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Publishing:
    def __init__(
        self,
        sessions: Sessions,
        clock: Clock,
        publishers: Mapping[Channel, Publisher],
        rehearsals: Mapping[Channel, Publisher],
        public_url: str,
        store: AttachmentStore,
    ) -> None:
        """`rehearsals` are all that a drill ever reaches; none of them may leave this machine."""
        self._sessions = sessions
        self._clock = clock
        self._publishers = publishers
        self._rehearsals = rehearsals
        self._public_url = public_url
        self._store = store

    @activity.defn(name=s.PUBLISH)
    async def publish(self, request: s.PublishRequest) -> s.PublishResult:
        """Publish a version on a channel, or give the receipt it already has there: a retry changes nothing."""
        place = Place(request.incident, request.release, request.version, request.channel)
        async with self._sessions() as session:
            kept = await publications.receipt(session, place)
            if kept is not None:
                return _published(request, kept)
            incident = await ledger.load(session, request.incident)
            document = await texts.document(session, request.incident, request.digest)
        try:
            incident, release = _find(incident, request)
            # The ledger may know of a receipt whose row was lost with a restored backup.
            kept = release.receipt(request.channel)
            if kept is None:
                publication = _pass_gate(incident, release, request, document, self._page_of(request.digest))
                _await_embargo(release, await self._clock.now())
                publication = await self._enclose(publication)
                kept = await self._put_out(publication, place, request.attempt)
        except Lapsed:
            return s.PublishResult(lapsed=True)
        except Parked as stop:
            return s.PublishResult(parked=stop.code)
        return _published(request, kept)

    @activity.defn(name=s.RETRACT)
    async def retract(self, request: s.RetractRequest) -> s.RetractResult:
        """Take a withdrawn release back on a channel, or say since when it is: a retry changes nothing."""
        place = Place(request.incident, request.release, request.version, request.channel)
        async with self._sessions() as session:
            kept = await publications.receipt(session, place)
            if kept is not None and kept.retracted_at is not None:
                return s.RetractResult(retracted_at=kept.retracted_at)
            incident = await ledger.load(session, request.incident)
            release = incident.releases.get(request.release) if incident else None
            receipt = release.receipt(request.channel) if release else None
            if incident is None or release is None or receipt is None or release.withdrawn_at is None:
                return s.RetractResult(parked="not_withdrawn")
            digest = release.version.digest
            document = await texts.document(session, request.incident, digest)
        if document is None:
            # Erased words are no reason to leave it standing; only the adapters' search by words is lost.
            document = _wordless(incident, release)
        publication = _publication(incident, release, document, self._page_of(digest))
        try:
            at = await self._take_back(publication, receipt, place)
        except Parked as stop:
            return s.RetractResult(parked=stop.code)
        return s.RetractResult(retracted_at=at)

    def _page_of(self, digest: Digest) -> str:
        return f"{self._public_url}/public/releases/{digest}"

    async def _enclose(self, publication: Publication) -> Publication:
        """The publication with its files, every byte of which is still what was decided on. Raises Parked."""
        incident, digests = publication.document.incident, publication.document.attachments
        async with self._sessions() as session:
            known = await attachments.find(session, incident, digests)
        for digest in digests:
            if digest not in known:
                raise Parked("attachment_missing")
            try:
                lies_there = await self._store.digest_of(incident, digest)
            except AttachmentGone:
                raise Parked("attachment_missing") from None
            if lies_there != digest:
                raise Parked("attachment_altered")
        address = f"{self._public_url}/public/attachments"
        enclosures = tuple(Enclosure(known[digest], f"{address}/{digest}") for digest in digests)
        return replace(publication, enclosures=enclosures)

    async def _put_out(self, publication: Publication, place: Place, attempt: int) -> Receipt:
        publisher = self._publisher(publication, place.channel)
        call = await StoredCall.of(self._sessions, place, attempt)
        async with _answered():
            accepted = await publisher.publish(publication, call, await self._clock.now())
        at = accepted.at or await self._clock.now()
        # It stays in the ledger for ever, and people are led there: no answer may put anything else into it.
        url = accepted.url if is_web_address(accepted.url) else ""
        given = Receipt(channel=place.channel, external_id=accepted.external_id[:LONGEST_ID], url=url, at=at)
        async with self._sessions.begin() as session:
            kept = await publications.keep_receipt(session, place, given)
            if place.channel is Channel.BULLETIN:
                await publications.show_on_bulletin(
                    session,
                    publication.document,
                    publication.version,
                    publication.unit,
                    kept.at,
                    drill=publication.drill,
                )
        return kept

    async def _take_back(self, publication: Publication, receipt: Receipt, place: Place) -> datetime:
        publisher = self._publisher(publication, place.channel)
        async with _answered():
            await publisher.retract(publication, receipt, await self._clock.now())
        async with self._sessions.begin() as session:
            at = await publications.keep_retraction(session, place, receipt, await self._clock.now())
            if place.channel is Channel.BULLETIN:
                await publications.mark_withdrawn(session, place, at)
        return at

    def _publisher(self, publication: Publication, channel: Channel) -> Publisher:
        reachable = self._rehearsals if publication.drill else self._publishers
        publisher = reachable.get(channel)
        if publisher is None:
            raise Parked("channel_unavailable")
        return publisher


@asynccontextmanager
async def _answered() -> AsyncIterator[None]:
    """What a channel may say, as what becomes of the effect. Whatever else it raises is tried again."""
    try:
        yield
    except ChannelRefused as refused:
        raise Parked(refused.code) from None
    except OutcomeUnknown:
        raise Parked(LOST) from None
    except PersonPublishes:
        raise Parked(BY_HAND) from None
    except NotYet as later:
        delay = timedelta(seconds=later.seconds)
        raise ApplicationError(later.code, type="NotYet", next_retry_delay=delay) from None


def _find(incident: Incident | None, request: s.PublishRequest) -> tuple[Incident, Release]:
    """The release, if its current version is the one asked for. Raises Parked."""
    if incident is None or request.release not in incident.releases:
        raise Parked("no_intent")
    release = incident.releases[request.release]
    if (release.version.number, release.version.digest) != (request.version, request.digest):
        raise Parked("another_version")
    return incident, release


def _pass_gate(
    incident: Incident, release: Release, request: s.PublishRequest, document: Document | None, page: str
) -> Publication:
    """What may go out. The words are those that were decided on, and every decision required today is there.

    Raises Parked, Lapsed.
    """
    intents = [i for i in release.intents if (i.channel, i.attempt) == (request.channel, request.attempt)]
    if not intents or intents[0].parked:
        raise Parked("no_intent")
    if document is None:
        raise Parked("words_missing")
    if document.digest() != request.digest:
        raise Parked("words_altered")
    if not may_go_out(release, stages_of(incident, release)):
        raise Lapsed
    return _publication(incident, release, document, page)


def _publication(incident: Incident, release: Release, document: Document, page: str) -> Publication:
    version = release.version
    return Publication(
        document,
        version.digest,
        version.number,
        release.unit,
        drill=incident.drill,
        url=page,
        drafted_at=version.drafted_at,
    )


def _wordless(incident: Incident, release: Release) -> Document:
    """What is left of a version whose words were erased."""
    version = release.version
    return Document(
        incident=incident.id,
        release=release.id,
        kind=release.kind,
        title="",
        body="",
        channels=version.channels,
        corrects=release.corrects,
        embargo_until=version.embargo_until,
    )


def _await_embargo(release: Release, now: datetime) -> None:
    """The intent was recorded after the embargo; this clock may run a little behind the one that saw it end."""
    until = release.version.embargo_until
    if until is not None and now < until:
        raise ApplicationError("the embargo has not ended", type="Embargo", next_retry_delay=until - now)


def _published(request: s.PublishRequest, receipt: Receipt) -> s.PublishResult:
    fact = Published(
        release=request.release,
        version=request.version,
        digest=request.digest,
        channel=receipt.channel,
        at=receipt.at,
        external_id=receipt.external_id,
        url=receipt.url,
    )
    return s.PublishResult(published=fact)
