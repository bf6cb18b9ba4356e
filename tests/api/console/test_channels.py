"""发布渠道 on a page: what the database tells, what waits for a person, and no secret."""

from datetime import timedelta

from db import publications
from db.publications import Place
from domain.events import EffectParked
from domain.releases import Receipt
from domain.vocabulary import Channel, IncidentId
from tests.api.console.conftest import SignIn
from tests.scene import RELEASE, Scene

CHANNELS = "/console/channels"


async def parked(scene: Scene, **facts: object) -> None:
    await scene.submit(**facts)
    await scene.draft(scene.document(channels=(Channel.BULLETIN, Channel.WECHAT)))
    incident = await scene.approve_all()
    version = incident.releases[RELEASE].version
    fact = EffectParked(
        release=RELEASE,
        version=version.number,
        channel=Channel.WECHAT,
        action="publish",
        code="outcome_unknown",
    )
    await scene.record("parked/1", fact)


async def test_a_parked_call_leads_whoever_may_to_what_they_can_do(sign_in: SignIn, scene: Scene) -> None:
    await parked(scene)
    desk = await sign_in("press.desk")
    shown = (await desk.get(CHANNELS)).text
    assert "微信公众号发布受阻" in shown
    assert "没有收到回执" in shown
    do = f"/console/incidents/{scene.id}/do/resolve_publication?release={RELEASE}&amp;channel=wechat"
    assert do in shown
    involved = (await (await sign_in("baishi.editor")).get(CHANNELS)).text
    assert "微信公众号发布受阻" in involved
    assert "resolve_publication" not in involved


async def test_whoever_may_not_read_an_incident_is_not_told_what_is_stuck(sign_in: SignIn, scene: Scene) -> None:
    await parked(scene)
    shown = (await (await sign_in("health.head")).get(CHANNELS)).text
    assert "没有受阻的发布" in shown
    assert scene.id not in shown


async def test_the_last_success_counts_real_releases_only(sign_in: SignIn, scene: Scene) -> None:
    await scene.submit()
    at = scene.clock.at
    receipt = Receipt(channel=Channel.WEIBO, external_id="1", url="https://weibo.example/1", at=at)
    async with scene.sessions.begin() as session:
        await publications.keep_receipt(session, Place(scene.id, RELEASE, 1, Channel.WEIBO), receipt)
        drill = receipt.model_copy(update={"at": at + timedelta(hours=1)})
        await publications.keep_receipt(session, Place(IncidentId("d" * 32), RELEASE, 1, Channel.WEIBO), drill)
    shown = (await (await sign_in("office.duty")).get(CHANNELS)).text
    assert "2026-11-03 16:00:00" in shown
    assert "2026-11-03 17:00:00" not in shown
    assert "尚无成功记录" in shown
