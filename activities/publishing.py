"""The last gate: nothing goes out whose exact words were not decided on, and nothing goes out twice."""

from collections.abc import Mapping
from datetime import datetime

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities import signatures as s
from channels import ChannelRefused, Publication, Publisher
from db import ledger, publications, texts
from db.publications import Place
from db.session import Sessions
from domain.consequences import stages_of
from domain.events import Published
from domain.incident import Incident
from domain.releases import Document, Receipt, Release, all_passed
from domain.vocabulary import Channel
from runtime.clock import Clock


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
    ) -> None:
        """`rehearsals` are all that a drill ever reaches; none of them may leave this machine."""
        self._sessions = sessions
        self._clock = clock
        self._publishers = publishers
        self._rehearsals = rehearsals

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
                publication = _pass_gate(incident, release, request, document)
                _await_embargo(release, await self._clock.now())
                kept = await self._put_out(publication, place)
        except Lapsed:
            return s.PublishResult(lapsed=True)
        except (Parked, ChannelRefused) as stop:
            return s.PublishResult(parked=stop.code)
        return _published(request, kept)

    async def _put_out(self, publication: Publication, place: Place) -> Receipt:
        reachable = self._rehearsals if publication.drill else self._publishers
        publisher = reachable.get(place.channel)
        if publisher is None:
            raise Parked("channel_unavailable")
        accepted = await publisher.publish(publication)
        at = await self._clock.now()
        given = Receipt(channel=place.channel, external_id=accepted.external_id, url=accepted.url, at=at)
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


def _find(incident: Incident | None, request: s.PublishRequest) -> tuple[Incident, Release]:
    """The release, if its current version is the one asked for. Raises Parked."""
    if incident is None or request.release not in incident.releases:
        raise Parked("no_intent")
    release = incident.releases[request.release]
    if (release.version.number, release.version.digest) != (request.version, request.digest):
        raise Parked("another_version")
    return incident, release


def _pass_gate(
    incident: Incident, release: Release, request: s.PublishRequest, document: Document | None
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
    if not all_passed(release, stages_of(incident, release)):
        raise Lapsed
    return Publication(document, request.digest, request.version, release.unit, drill=incident.drill)


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
