"""The last gate opens for exactly the words that were decided on, and once."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, update
from temporalio.exceptions import ApplicationError

from activities import signatures as s
from activities.publishing import Publishing
from channels import Accepted, Call, ChannelRefused, Publication
from db import reads
from db.session import Sessions
from db.tables import BulletinRow, IncidentRow, ReceiptRow, TextRow
from domain import commands as c
from domain.events import EffectParked, Published
from domain.incident import Incident
from domain.releases import Receipt
from domain.vocabulary import Channel, Digest, IncidentId, Level, StepKind, UnitId
from runtime.attachments.store import AttachmentStore
from tests.activities.conftest import PUBLIC_URL
from tests.clock import START, FixedClock
from tests.scene import RELEASE, Scene


def request_for(incident: Incident, /, **changes: object) -> s.PublishRequest:
    release = incident.releases[RELEASE]
    request = s.PublishRequest(
        incident=incident.id,
        release=RELEASE,
        version=release.version.number,
        digest=release.version.digest,
        channel=Channel.BULLETIN,
        attempt=release.attempts,
    )
    return request.model_copy(update=changes)


@pytest.fixture
async def approved(scene: Scene) -> Incident:
    """A first release with every decision and its intent recorded."""
    await scene.submit()
    await scene.draft()
    incident = await scene.approve_all()
    assert incident.releases[RELEASE].intents
    return incident


async def shown(sessions: Sessions) -> int | None:
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(BulletinRow))


async def test_what_was_approved_appears_on_the_bulletin_with_a_receipt(
    approved: Incident, publishing: Publishing, sessions: Sessions, clock: FixedClock
) -> None:
    clock.advance(timedelta(minutes=1))
    result = await publishing.publish(request_for(approved))
    digest = approved.releases[RELEASE].version.digest
    assert result == s.PublishResult(
        published=Published(
            release=RELEASE,
            version=1,
            digest=digest,
            channel=Channel.BULLETIN,
            at=clock.at,
            external_id=digest,
            url=f"{PUBLIC_URL}/public/releases/{digest}",
        )
    )
    async with sessions() as session:
        release = await reads.bulletin_release(session, digest)
    assert release is not None
    assert release.document is not None
    assert release.document.title == "关于白石镇集镇停水的情况说明"
    assert (release.drill, release.published_at) == (False, clock.at)


async def test_publishing_again_gives_the_first_receipt_and_shows_nothing_twice(
    approved: Incident, publishing: Publishing, sessions: Sessions, clock: FixedClock
) -> None:
    first = await publishing.publish(request_for(approved))
    clock.advance(timedelta(hours=1))
    assert await publishing.publish(request_for(approved)) == first
    assert await publishing.publish(request_for(approved, attempt=7)) == first
    assert await shown(sessions) == 1


async def test_of_many_publications_at_once_all_get_one_receipt(
    approved: Incident, sessions: Sessions, publishing: Publishing
) -> None:
    results = await asyncio.gather(*(publishing.publish(request_for(approved)) for _ in range(8)))
    assert all(result == results[0] for result in results)
    assert results[0].published
    assert await shown(sessions) == 1


async def test_a_receipt_in_the_ledger_counts_though_its_row_was_lost(
    scene: Scene, approved: Incident, publishing: Publishing, sessions: Sessions, clock: FixedClock
) -> None:
    result = await publishing.publish(request_for(approved))
    assert result.published is not None
    await scene.record("published/1", result.published)
    async with sessions.begin() as session:
        await session.execute(delete(ReceiptRow))
    clock.advance(timedelta(hours=1))
    assert await publishing.publish(request_for(approved)) == result


@pytest.mark.parametrize("words", ["{}", "not a document"])
async def test_words_that_were_changed_after_approval_do_not_go_out(
    approved: Incident, publishing: Publishing, sessions: Sessions, words: str
) -> None:
    async with sessions.begin() as session:
        await session.execute(update(TextRow).where(TextRow.salt.is_(None)).values(text=words))
    assert await publishing.publish(request_for(approved)) == s.PublishResult(parked="words_missing")
    assert await shown(sessions) == 0


async def test_one_changed_character_is_enough(approved: Incident, publishing: Publishing, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        changed = func.replace(TextRow.text, "今晚", "明晚")
        await session.execute(update(TextRow).where(TextRow.salt.is_(None)).values(text=changed))
    assert await publishing.publish(request_for(approved)) == s.PublishResult(parked="words_altered")
    assert await shown(sessions) == 0


async def test_erased_words_do_not_go_out(approved: Incident, publishing: Publishing, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await session.execute(delete(TextRow))
    assert await publishing.publish(request_for(approved)) == s.PublishResult(parked="words_missing")


async def test_another_version_than_the_current_one_does_not_go_out(approved: Incident, publishing: Publishing) -> None:
    for changes in ({"version": 2}, {"digest": Digest("0" * 64)}):
        result = await publishing.publish(request_for(approved, **changes))
        assert result == s.PublishResult(parked="another_version")


async def test_without_a_recorded_open_intent_nothing_goes_out(
    scene: Scene, approved: Incident, publishing: Publishing, sessions: Sessions
) -> None:
    no_intent = s.PublishResult(parked="no_intent")
    assert await publishing.publish(request_for(approved, attempt=2)) == no_intent
    assert await publishing.publish(request_for(approved, channel=Channel.WEBSITE)) == no_intent
    assert await publishing.publish(request_for(approved, release="ffffffffffff")) == no_intent
    assert await publishing.publish(request_for(approved, incident="ffffffffffff")) == no_intent
    parked = EffectParked(release=RELEASE, version=1, channel=Channel.BULLETIN, code="unreachable")
    await scene.record("parked/1", parked)
    assert await publishing.publish(request_for(approved)) == no_intent
    assert await shown(sessions) == 0


async def test_a_draft_nobody_decided_on_does_not_go_out(scene: Scene, publishing: Publishing) -> None:
    await scene.submit()
    drafted = await scene.draft()
    assert await publishing.publish(request_for(drafted, attempt=1)) == s.PublishResult(parked="no_intent")


async def test_a_level_raised_after_the_intent_closes_the_gate_until_the_county_has_approved(
    scene: Scene, approved: Incident, publishing: Publishing, sessions: Sessions
) -> None:
    raised = await scene.do("office.duty", c.Assess(level=Level.MAJOR))
    assert raised.releases[RELEASE].intents
    assert await publishing.publish(request_for(raised)) == s.PublishResult(lapsed=True)
    assert await shown(sessions) == 0


async def test_a_department_that_joins_after_the_intent_must_cosign_first(scene: Scene, publishing: Publishing) -> None:
    await scene.submit(townships=(), departments=("water",))
    await scene.do("water.editor", c.ConfirmFacts(summary="主管爆裂"))
    await scene.draft(scene.document(kind="response"), officer="water.editor")
    approved = await scene.approve_all()
    assert StepKind.COSIGN not in {d.step.kind for d in approved.releases[RELEASE].decisions}
    joined = await scene.do("office.duty", c.Assess(departments=(UnitId("water"), UnitId("health"))))
    assert await publishing.publish(request_for(joined)) == s.PublishResult(lapsed=True)


async def test_an_embargo_that_this_clock_does_not_see_ended_is_tried_again(
    scene: Scene, publishing: Publishing, sessions: Sessions, clock: FixedClock
) -> None:
    await scene.submit()
    await scene.draft(scene.document(embargo_until=START + timedelta(hours=1)))
    clock.advance(timedelta(hours=1))
    approved = await scene.approve_all()
    clock.at = START + timedelta(minutes=59, seconds=58)
    with pytest.raises(ApplicationError) as waiting:
        await publishing.publish(request_for(approved))
    assert waiting.value.next_retry_delay == timedelta(seconds=2)
    assert await shown(sessions) == 0
    clock.advance(timedelta(seconds=2))
    assert (await publishing.publish(request_for(approved))).published


class _KeepsAll:
    async def retract(self, publication: Publication, receipt: Receipt, now: datetime) -> None:
        raise ChannelRefused("cannot_retract")


class Refusing(_KeepsAll):
    async def publish(self, publication: Publication, call: Call, now: datetime) -> Accepted:
        raise ChannelRefused("banned")


class Recording(_KeepsAll):
    def __init__(self) -> None:
        self.seen: list[Publication] = []

    async def publish(self, publication: Publication, call: Call, now: datetime) -> Accepted:
        self.seen.append(publication)
        return Accepted("1", "http://127.0.0.1/1")


async def test_a_channel_that_says_no_parks_the_publication(
    approved: Incident, sessions: Sessions, clock: FixedClock, store: AttachmentStore
) -> None:
    publishing = Publishing(sessions, clock, {Channel.BULLETIN: Refusing()}, {}, PUBLIC_URL, store)
    assert await publishing.publish(request_for(approved)) == s.PublishResult(parked="banned")
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(ReceiptRow)) == 0


async def test_a_drill_reaches_only_what_is_there_for_rehearsing(
    scene: Scene, sessions: Sessions, clock: FixedClock, store: AttachmentStore
) -> None:
    await scene.submit(drill=True)
    await scene.draft()
    approved = await scene.approve_all()
    real, rehearsal = Recording(), Recording()
    nowhere = Publishing(sessions, clock, {Channel.BULLETIN: real}, {}, PUBLIC_URL, store)
    assert await nowhere.publish(request_for(approved)) == s.PublishResult(parked="channel_unavailable")
    publishing = Publishing(sessions, clock, {Channel.BULLETIN: real}, {Channel.BULLETIN: rehearsal}, PUBLIC_URL, store)
    assert (await publishing.publish(request_for(approved))).published
    assert real.seen == []
    assert [publication.drill for publication in rehearsal.seen] == [True]
    async with sessions() as session:
        assert await reads.bulletin(session, drill=False) == []
        assert len(await reads.bulletin(session, drill=True)) == 1


async def test_a_real_release_never_goes_to_the_rehearsals(
    approved: Incident, sessions: Sessions, clock: FixedClock, store: AttachmentStore
) -> None:
    real, rehearsal = Recording(), Recording()
    publishing = Publishing(sessions, clock, {Channel.BULLETIN: real}, {Channel.BULLETIN: rehearsal}, PUBLIC_URL, store)
    await publishing.publish(request_for(approved))
    assert (len(real.seen), rehearsal.seen) == (1, [])


async def test_a_row_that_claims_decisions_opens_nothing(
    scene: Scene, approved: Incident, publishing: Publishing, sessions: Sessions, clock: FixedClock
) -> None:
    """The gate folds the entries themselves and believes no projection."""
    other = Scene(sessions, scene.county, clock, IncidentId("ffffffffffff"))
    await other.submit()
    await other.draft(other.document(), officer="baishi.editor")
    async with sessions.begin() as session:
        claimed = select(IncidentRow.state).where(IncidentRow.id == approved.id).scalar_subquery()
        await session.execute(update(IncidentRow).where(IncidentRow.id == other.id).values(state=claimed))
    request = request_for(await other.state(), attempt=1)
    assert await publishing.publish(request) == s.PublishResult(parked="no_intent")
