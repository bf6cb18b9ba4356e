"""Never twice, whatever breaks: seeded runs in which requests, answers and workers are lost at random."""

import random
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, cast

import httpx2
import pytest
from sqlalchemy import select
from temporalio.exceptions import ApplicationError

from activities import signatures as s
from activities.publishing import Publishing
from channels.asking import NotSent
from channels.rehearsal import Rehearsal
from db.session import Sessions
from db.tables import BulletinRow
from domain import commands as c
from domain import events as e
from domain.incident import Incident
from domain.releases import Intent
from domain.vocabulary import Channel
from runtime.attachments.store import AttachmentStore
from tests.channels.conftest import Places
from tests.channels.server import Fault
from tests.clock import FixedClock
from tests.scene import RELEASE, Scene

SHORT, LONG = range(6), range(200)
PUBLIC_URL = "http://county.example"
# Nothing here has files beside its words.
NO_FILES = AttachmentStore("file:///nowhere")


class Killed(BaseException):
    """The worker is gone. Nothing in it may catch this."""


class Life:
    """Ends a worker at one of the moments in which it waits for somebody else."""

    def __init__(self, dies_at: int | None) -> None:
        self._left = dies_at

    def tick(self) -> None:
        if self._left is not None:
            self._left -= 1
            if self._left <= 0:
                raise Killed

    def sessions(self, sessions: Sessions) -> Sessions:
        return cast("Sessions", _MortalSessions(sessions, self))


class _MortalSessions:
    def __init__(self, sessions: Sessions, life: Life) -> None:
        self._sessions = sessions
        self._life = life

    def __call__(self) -> Any:  # noqa: ANN401  # What the factory gives.
        self._life.tick()
        return self._sessions()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Any]:
        self._life.tick()
        async with self._sessions.begin() as session:
            yield session
        self._life.tick()


class MortalTransport(httpx2.AsyncHTTPTransport):
    def __init__(self, life: Life) -> None:
        super().__init__()
        self._life = life

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self._life.tick()
        response = await super().handle_async_request(request)
        self._life.tick()
        return response


class Run:
    """Stands for the process: calls what is owed until it is done or waits for a person."""

    def __init__(self, scene: Scene, places: Places, seed: int) -> None:
        self.scene = scene
        self.places = places
        self.random = random.Random(seed)  # noqa: S311  # A seed, so that a run can be had again.

    def prepare_faults(self) -> None:
        faults: list[Fault | None] = [None, None, None, *Fault]
        for platform in self.places.all.values():
            platform.faults = deque(self.random.choice(faults) for _ in range(self.random.randint(0, 8)))
        self.places.wechat.questions = self.random.randint(0, 3)
        self.places.website.questions = self.random.randint(0, 2)

    async def settle(self) -> Incident:
        """Every call owed made until it has a result; what is parked and can be retried is, three times."""
        retries = 3
        while True:
            incident = await self.scene.state()
            calls = [call for call in incident.releases[RELEASE].pending if not call.parked]
            if calls:
                await self._make(incident, self.random.choice(calls))
            elif incident.retriable and retries:
                retries -= 1
                await self.scene.record(f"retry/{incident.seq}", e.EffectRetried())
            else:
                return incident

    async def _make(self, incident: Incident, call: Intent) -> None:
        for _ in range(80):
            life = Life(self.random.randint(1, 14) if self.random.random() < 0.5 else None)
            try:
                fact = await self._once(incident, call, life)
            except Killed:
                self.scene.clock.advance(timedelta(seconds=2))
            except ApplicationError as later:
                self.scene.clock.advance(later.next_retry_delay or timedelta(seconds=1))
            except NotSent:
                self.scene.clock.advance(timedelta(seconds=1))
            else:
                await self.scene.record(f"{type(fact).__name__}/{call.channel}/{call.attempt}/{incident.seq}", fact)
                return
        raise AssertionError(f"{call} never came to an end")

    async def _once(self, incident: Incident, call: Intent, life: Life) -> e.Fact:
        release = incident.releases[RELEASE]
        place = {"incident": incident.id, "release": RELEASE, "version": release.version.number}
        asked = place | {"channel": call.channel, "attempt": call.attempt}
        told = {"release": RELEASE, "version": release.version.number, "channel": call.channel}
        async with httpx2.AsyncClient(transport=MortalTransport(life)) as http:
            adapters = self.places.adapters(http)
            work = Publishing(life.sessions(self.scene.sessions), self.scene.clock, adapters, {}, PUBLIC_URL, NO_FILES)
            if call.action == "retract":
                result = await work.retract(s.RetractRequest.model_validate(asked))
                if result.retracted_at:
                    return e.Retracted.model_validate(told | {"at": result.retracted_at})
                return e.EffectParked.model_validate(told | {"code": result.parked, "action": "retract"})
            asked["digest"] = release.version.digest
            published = await work.publish(s.PublishRequest.model_validate(asked))
        if published.published:
            return published.published
        assert not published.lapsed
        return e.EffectParked.model_validate(told | {"code": published.parked})


async def play(scene: Scene, places: Places, seed: int) -> None:
    run = Run(scene, places, seed)
    await scene.submit()
    draft = scene.document(channels=tuple(sorted(Channel)))
    await scene.draft(draft)
    run.prepare_faults()
    assert shown(places) == dict.fromkeys(places.all, 0), "nothing unapproved ever arrives"
    await scene.approve_all()
    incident = await run.settle()
    release = incident.releases[RELEASE]
    parked = {call.channel: call.parked for call in release.intents}
    for channel, count in shown(places).items():
        receipt = release.receipt(channel)
        assert count <= 1, f"seed {seed}: {channel} shows it {count} times"
        assert (receipt is None) == (channel in parked), f"seed {seed}: {channel} neither arrived nor waits"
        assert receipt is None or count == 1, f"seed {seed}: {channel} has a receipt for nothing"
    run.prepare_faults()
    await scene.do("office.duty", c.WithdrawRelease.model_validate({"release": RELEASE, "reason": "数据有误"}))
    after = (await run.settle()).releases[RELEASE]
    waiting = {call.channel for call in after.pending}
    for receipt in after.receipts:
        assert receipt.retracted_at or receipt.channel in waiting, f"seed {seed}: {receipt.channel} forgotten"
        assert not (receipt.retracted_at and standing(places)[receipt.channel]), f"seed {seed}: still there"
    async with scene.sessions() as session:
        marked = await session.scalar(select(BulletinRow.withdrawn_at).where(BulletinRow.release == RELEASE))
    assert marked is not None, "the public page says so"


def shown(places: Places) -> dict[Channel, int]:
    """How often each platform has ever shown it."""
    return {
        Channel.WECHAT: len(places.wechat.published),
        Channel.WEIBO: len(places.weibo.posted),
        Channel.WEBSITE: len(places.website.published),
    }


def standing(places: Places) -> dict[Channel, int]:
    return {
        Channel.WECHAT: len(places.wechat.articles),
        Channel.WEIBO: len(places.weibo.posts),
        Channel.WEBSITE: len(places.website.pages),
        Channel.BULLETIN: 0,
    }


@pytest.mark.parametrize("seed", SHORT)
async def test_whatever_breaks_it_is_shown_once_or_waits_for_a_person(scene: Scene, places: Places, seed: int) -> None:
    await play(scene, places, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", LONG)
async def test_the_same_two_hundred_times(scene: Scene, places: Places, seed: int) -> None:
    await play(scene, places, 1000 + seed)


async def test_a_drill_opens_no_socket_to_any_channel(
    scene: Scene, sessions: Sessions, clock: FixedClock, places: Places, http: httpx2.AsyncClient
) -> None:
    """With every account there is, a drill's releases reach only what rehearses: not one request arrives."""
    await scene.submit(drill=True)
    await scene.draft(scene.document(channels=tuple(sorted(Channel))))
    await scene.approve_all()
    rehearsals = {channel: Rehearsal(channel) for channel in Channel}
    work = Publishing(sessions, clock, places.adapters(http), rehearsals, PUBLIC_URL, NO_FILES)
    while calls := (await scene.state()).releases[RELEASE].intents:
        release = (await scene.state()).releases[RELEASE]
        request = s.PublishRequest(
            incident=scene.id,
            release=RELEASE,
            version=1,
            digest=release.version.digest,
            channel=calls[0].channel,
            attempt=calls[0].attempt,
        )
        result = await work.publish(request)
        assert result.published
        await scene.record(f"published/{calls[0].channel}", result.published)
    assert {receipt.channel for receipt in (await scene.state()).releases[RELEASE].receipts} == set(Channel)
    assert [platform.asked for platform in places.all.values()] == [[], [], []]
