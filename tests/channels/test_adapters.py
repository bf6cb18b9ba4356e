"""Each platform in its own words: what goes well, what it refuses, what gets lost."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from channels import Accepted, ChannelRefused, NotYet, OutcomeUnknown, PersonPublishes, Publisher
from channels.asking import Allowance, NotSent
from channels.messengers.switchboard import messengers
from channels.outlets import AccountError, accounts, outlets, rehearsals
from channels.weibo import LONGEST, length, post_of
from domain.releases import Receipt
from domain.vocabulary import Channel, Means
from runtime.settings import read_files
from tests.channels.conftest import MemoryCall, Places, publication
from tests.channels.server import Fault, Platform
from tests.clock import START

OUTSIDE = (Channel.WECHAT, Channel.WEIBO, Channel.WEBSITE)
SHOWN: dict[Channel, Callable[[Places], list[str]]] = {
    Channel.WECHAT: lambda places: places.wechat.published,
    Channel.WEIBO: lambda places: places.weibo.posted,
    Channel.WEBSITE: lambda places: places.website.published,
}


async def until_accepted(adapter: Publisher, call: MemoryCall, words: str = "抢修正在进行。") -> Accepted:
    """Asked again and again, as the process does."""
    now = START
    for _ in range(60):
        try:
            return await adapter.publish(publication(body=words), call, now)
        except NotYet as later:
            now += timedelta(seconds=later.seconds)
        except NotSent:
            now += timedelta(seconds=1)
    raise AssertionError("never accepted")


@pytest.mark.parametrize("channel", OUTSIDE)
async def test_accepted_is_not_published_and_published_is_once(
    places: Places, http: httpx2.AsyncClient, call: MemoryCall, channel: Channel
) -> None:
    adapter = places.adapters(http)[channel]
    accepted = await until_accepted(adapter, call)
    assert accepted.external_id
    assert accepted.url.startswith("http")
    assert len(SHOWN[channel](places)) == 1
    again = await until_accepted(adapter, MemoryCall())
    assert again.external_id == accepted.external_id, "another attempt finds what stands there"
    assert len(SHOWN[channel](places)) == 1


@pytest.mark.parametrize("fault", list(Fault))
@pytest.mark.parametrize("at", range(5))
@pytest.mark.parametrize("channel", OUTSIDE)
async def test_whatever_goes_wrong_with_one_request_it_is_shown_once(
    places: Places, http: httpx2.AsyncClient, call: MemoryCall, channel: Channel, at: int, fault: Fault
) -> None:
    platform: Platform = places.all[channel]
    platform.faults = deque([*[None] * at, fault])
    adapter = places.adapters(http)[channel]
    for _ in range(3):
        try:
            await until_accepted(adapter, call)
            break
        except ChannelRefused:
            # Somebody mended it and tried again.
            continue
        except OutcomeUnknown:
            assert len(SHOWN[channel](places)) == 0, "what is there can be found"
            return
    assert len(SHOWN[channel](places)) == 1


@pytest.mark.parametrize("status", [2, 3, 4, 5, 6])
async def test_wechat_may_reject_what_it_had_accepted(
    places: Places, http: httpx2.AsyncClient, call: MemoryCall, status: int
) -> None:
    places.wechat.verdict = status
    with pytest.raises(ChannelRefused) as refused:
        await until_accepted(places.adapters(http)[Channel.WECHAT], call)
    assert refused.value.code in {"originality_rejected", "publish_failed", "review_rejected", "removed", "banned"}
    assert places.wechat.published == []


@pytest.mark.parametrize(
    ("path", "errcode", "code"),
    [
        ("draft/add", 48001, "no_permission"),
        ("freepublish/submit", 53404, "account_restricted"),
        ("draft/add", 45003, "title_too_long"),
        ("freepublish/submit", 87014, "content_rejected"),
        ("draft/add", 99999, "wechat_99999"),
    ],
)
async def test_an_error_inside_200_is_a_refusal(
    places: Places, http: httpx2.AsyncClient, call: MemoryCall, path: str, errcode: int, code: str
) -> None:
    places.wechat.refuses = {path: errcode}
    with pytest.raises(ChannelRefused) as refused:
        await until_accepted(places.adapters(http)[Channel.WECHAT], call)
    assert refused.value.code == code
    assert call.begun_at is None, "what was refused was not taken"


async def test_a_submission_nobody_heard_of_again_is_a_persons_to_judge(
    places: Places, http: httpx2.AsyncClient, call: MemoryCall
) -> None:
    await call.begin(START, "submitting:media-1")
    adapter = places.adapters(http)[Channel.WECHAT]
    with pytest.raises(NotYet):
        await adapter.publish(publication(), call, START + timedelta(minutes=1))
    with pytest.raises(OutcomeUnknown):
        await adapter.publish(publication(), call, START + timedelta(minutes=4))
    assert "/cgi-bin/freepublish/submit" not in places.wechat.asked


async def test_a_draft_is_laid_down_once_and_left_to_a_person(
    places: Places, http: httpx2.AsyncClient, call: MemoryCall
) -> None:
    adapter = places.adapters(http, mode="draft")[Channel.WECHAT]
    for attempt in (call, call, MemoryCall()):
        with pytest.raises(PersonPublishes):
            await adapter.publish(publication(), attempt, START)
    assert len(places.wechat.drafts) == 1
    assert places.wechat.published == []


async def test_the_website_too_may_leave_it_to_a_person(
    places: Places, http: httpx2.AsyncClient, call: MemoryCall
) -> None:
    places.website.drafts_only = True
    with pytest.raises(PersonPublishes):
        await until_accepted(places.adapters(http)[Channel.WEBSITE], call)


@pytest.mark.parametrize(
    ("error", "code"),
    [(10017, "safe_domain_missing"), (20012, "text_too_long"), (20018, "content_rejected"), (21327, "token_expired")],
)
async def test_weibo_says_why_not(
    places: Places, http: httpx2.AsyncClient, call: MemoryCall, error: int, code: str
) -> None:
    places.weibo.error = error
    with pytest.raises(ChannelRefused) as refused:
        await until_accepted(places.adapters(http)[Channel.WEIBO], call)
    assert refused.value.code == code
    assert call.begun_at is None


@pytest.mark.parametrize("late", [0, 3, 100])
async def test_a_post_that_was_taken_and_shows_late_is_waited_for_and_not_sent_again(
    places: Places, http: httpx2.AsyncClient, call: MemoryCall, late: int
) -> None:
    places.weibo.faults, places.weibo.late = deque([None, Fault.SAYS_BUSY_BUT_TOOK_IT]), late
    adapter = places.adapters(http)[Channel.WEIBO]
    if late < 100:
        await until_accepted(adapter, call)
    else:
        with pytest.raises(OutcomeUnknown):
            await until_accepted(adapter, call)
    assert len(places.weibo.posted) == 1


async def test_a_busy_platform_that_may_have_taken_it_is_not_asked_twice(
    places: Places, http: httpx2.AsyncClient, call: MemoryCall
) -> None:
    # Four questions come before the submission: a token, the articles, the drafts, the new draft.
    places.wechat.faults, places.wechat.questions = deque([*[None] * 4, Fault.SAYS_BUSY_BUT_TOOK_IT]), 8
    await until_accepted(places.adapters(http)[Channel.WECHAT], call)
    assert places.wechat.asked.count("/cgi-bin/freepublish/submit") == 1


async def test_marks_and_topics_in_the_words_do_not_hide_a_post(
    places: Places, http: httpx2.AsyncClient, call: MemoryCall
) -> None:
    adapter, words = places.adapters(http)[Channel.WEIBO], "流量<3 m³/s & 水位“正常” #柳坝# 请放心"
    accepted = await until_accepted(adapter, call, words)
    assert (await until_accepted(adapter, MemoryCall(), words)).external_id == accepted.external_id
    assert len(places.weibo.posted) == 1


async def test_the_same_words_again_are_another_release_and_each_is_taken_down_by_itself(
    places: Places, http: httpx2.AsyncClient
) -> None:
    adapter, words = places.adapters(http)[Channel.WEIBO], "截至目前暂无新进展。"
    receipts = []
    for hours in (0, 6):
        now = START + timedelta(hours=hours)
        places.weibo.now = now
        said = replace(publication(body=words), url=f"https://example.cn/releases/{hours}", drafted_at=now)
        accepted = await adapter.publish(said, MemoryCall(), now)
        receipts.append(
            (said, Receipt(channel=Channel.WEIBO, external_id=accepted.external_id, url=accepted.url, at=now))
        )
    assert places.weibo.posted == ["https://example.cn/releases/0", "https://example.cn/releases/6"]
    await adapter.retract(*receipts[0], START + timedelta(hours=7))
    (left,) = places.weibo.posts.values()
    assert left.endswith("/6"), "the newer one stays"


async def test_a_post_nobody_can_find_is_a_persons_to_judge(
    places: Places, http: httpx2.AsyncClient, call: MemoryCall
) -> None:
    await call.begin(START)
    with pytest.raises(OutcomeUnknown):
        await places.adapters(http)[Channel.WEIBO].publish(publication(), call, START + timedelta(minutes=4))
    assert places.weibo.posted == []


@pytest.mark.parametrize("body", ["短", "长" * 400, "a" * 900, "混合 mixed " * 80])
def test_a_post_fits_beside_its_address(body: str) -> None:
    words = post_of(publication(body=body))
    assert length(words) + 11 <= LONGEST
    assert words.startswith("【关于白石镇集镇停水的情况说明】")


async def test_a_website_that_refuses_parks_with_its_code(
    places: Places, http: httpx2.AsyncClient, call: MemoryCall
) -> None:
    places.website.error = "column_missing"
    with pytest.raises(ChannelRefused) as refused:
        await until_accepted(places.adapters(http)[Channel.WEBSITE], call)
    assert refused.value.code == "website_column_missing"


@pytest.mark.parametrize("channel", OUTSIDE)
async def test_what_was_withdrawn_is_taken_down_and_may_be_again(
    places: Places, http: httpx2.AsyncClient, call: MemoryCall, channel: Channel
) -> None:
    adapter = places.adapters(http)[channel]
    accepted = await until_accepted(adapter, call, "抢修正在进行。\n\n预计今晚恢复。")
    receipt = Receipt(channel=channel, external_id=accepted.external_id, url=accepted.url, at=START)
    for _ in range(4):
        try:
            await adapter.retract(publication(), receipt, START)
        except NotYet:
            continue
    assert (places.wechat.articles, places.weibo.posts, places.website.pages) == ({}, {}, {})


def test_an_allowance_says_how_long_to_wait() -> None:
    now = 0.0
    allowance = Allowance(6, lambda: now)
    allowance.take()
    with pytest.raises(NotYet) as later:
        allowance.take()
    assert later.value.seconds == pytest.approx(10)
    now = 10.0
    allowance.take()


async def test_an_answer_that_takes_too_long_is_a_lost_one(
    places: Places, http: httpx2.AsyncClient, call: MemoryCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    await until_accepted(places.adapters(http)[Channel.WEIBO], call)
    monkeypatch.setattr("channels.asking.TIMEOUT", httpx2.Timeout(0.000_001))
    with pytest.raises((NotYet, NotSent)):
        await places.adapters(http)[Channel.WEIBO].publish(publication(), MemoryCall(), START)
    assert len(places.weibo.posted) == 1


def test_only_accounts_that_are_described_whole_become_channels(monkeypatch: pytest.MonkeyPatch) -> None:
    assert accounts({}) == {}
    monkeypatch.setenv("HUIYING_WEIBO_ACCESS_TOKEN", "t")
    assert set(accounts()) == {Channel.WEIBO}
    monkeypatch.setenv("HUIYING_WECHAT_APP_ID", "wx1")
    with pytest.raises(AccountError, match="HUIYING_WECHAT_SECRET") as told:
        accounts()
    assert "wx1" not in str(told.value)


async def test_a_drill_has_a_place_for_every_channel_and_a_county_only_for_its_own(http: httpx2.AsyncClient) -> None:
    assert set(rehearsals()) == set(Channel)
    assert set(outlets({}, http)) == {Channel.BULLETIN}


def test_a_secret_of_an_account_may_be_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("invented\n")
    environment = {
        "HUIYING_WEBSITE_URL": "http://127.0.0.1:1/hook",
        "HUIYING_WEBSITE_SECRET_FILE": str(path),
        "HUIYING_EMAIL_HOST": "127.0.0.1",
        "HUIYING_EMAIL_PORT": "2525",
        "HUIYING_EMAIL_SENDER": "a@127.0.0.1",
        "HUIYING_EMAIL_PASSWORD_FILE": str(path),
    }
    found = accounts(environment | read_files(environment))[Channel.WEBSITE]
    assert found.secret.get_secret_value() == "invented"  # type: ignore[attr-defined]  # Of the website.
    with pytest.raises(AccountError, match="HUIYING_WEBSITE_SECRET"):
        accounts(environment)
    mail = messengers(httpx2.AsyncClient(), environment | read_files(environment))[Means.EMAIL]
    assert mail._settings.password.get_secret_value() == "invented"  # type: ignore[attr-defined]  # Of the mail.
    assert mail._settings.port == 2525  # type: ignore[attr-defined]  # As above.
