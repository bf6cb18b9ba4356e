"""Messengers against services that speak their protocols: what counts is what arrived, not what answered 200."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr

from channels import NotYet, Throttled
from channels.asking import LostAnswer, NotSent
from channels.messengers import Message, Messenger, Rejected
from channels.messengers.dingtalk import Dingtalk, DingtalkSettings
from channels.messengers.email import Email, EmailSettings
from channels.messengers.feishu import Feishu, FeishuSettings
from channels.messengers.sms import Sms, SmsSettings
from channels.messengers.switchboard import messengers
from channels.messengers.webhook import Webhook, WebhookSettings
from channels.messengers.wecom import Wecom, WecomSettings
from channels.outlets import AccountError
from domain.brief import LONGEST, Brief
from domain.delivering import Contact
from domain.vocabulary import Means
from tests.channels.server import Fault, served
from tests.channels.services import SECRET, FakeDingtalk, FakeFeishu, FakeSms, FakeSystem, FakeWecom, Service

NOW = datetime(2026, 7, 11, 3, tzinfo=UTC)
BRIEF = Brief("1", "时限签收", "12:30", "1号")
MESSAGE = Message("k1", ("青岫舆〔2026〕1号：请签收",), "http://127.0.0.1:8080/console/incidents/1", BRIEF)
RIGHT = SecretStr("right")


def wecom(url: str, http: httpx2.AsyncClient) -> Messenger:
    return Wecom(WecomSettings(corp_id="c", secret=RIGHT, agent_id=1, base_url=url, per_minute=60_000), http)


def dingtalk(url: str, http: httpx2.AsyncClient) -> Messenger:
    return Dingtalk(DingtalkSettings(app_key="k", app_secret=RIGHT, agent_id=1, base_url=url, per_minute=60_000), http)


def feishu(url: str, http: httpx2.AsyncClient) -> Messenger:
    return Feishu(FeishuSettings(app_id="a", app_secret=RIGHT, base_url=url, per_minute=60_000), http)


def webhook(url: str, http: httpx2.AsyncClient) -> Messenger:
    return Webhook(WebhookSettings(url=url + "/in", secret=SecretStr(SECRET), per_minute=60_000), http)


def sms(url: str, http: httpx2.AsyncClient) -> Messenger:
    endpoint = url.removeprefix("http://")
    account: dict[str, Any] = {
        "secret_id": "i",
        "secret_key": RIGHT,
        "app_id": "1400",
        "sign_name": "青岫县",
        "template": "1",
    }
    return Sms(
        SmsSettings.model_validate(account | {"endpoint": endpoint, "scheme": "http", "per_minute": 60_000}), http
    )


Make = Callable[[str, httpx2.AsyncClient], Messenger]
SERVICES: dict[Means, tuple[type[Service], Make]] = {
    Means.WECOM: (FakeWecom, wecom),
    Means.DINGTALK: (FakeDingtalk, dingtalk),
    Means.FEISHU: (FakeFeishu, feishu),
    Means.WEBHOOK: (FakeSystem, webhook),
    Means.SMS: (FakeSms, sms),
}
WITH_TOKENS = [Means.WECOM, Means.DINGTALK, Means.FEISHU]


@asynccontextmanager
async def reached(means: Means) -> AsyncIterator[tuple[Any, Messenger]]:
    fake, make = SERVICES[means]
    service = fake()
    async with served(service), httpx2.AsyncClient() as http:
        yield service, make(service.url, http)


def to(means: Means, address: str = "zhang3") -> Contact:
    return Contact(means=means, address="+8613900000000" if means is Means.SMS else address)


async def outcome(messenger: Messenger, contact: Contact) -> bool:
    handle = await messenger.send(MESSAGE, contact, NOW)
    return handle is None or await messenger.arrived(handle, contact, NOW)


@pytest.mark.parametrize("means", list(SERVICES))
async def test_a_message_arrives_with_what_is_asked_and_where(means: Means) -> None:
    async with reached(means) as (service, messenger):
        assert await outcome(messenger, to(means))
        ((receiver, text),) = service.arrived
        assert receiver == to(means).address
        assert "签收" in text


@pytest.mark.parametrize("means", list(SERVICES))
async def test_a_refusal_inside_a_success_is_no_delivery(means: Means) -> None:
    async with reached(means) as (service, messenger):
        service.unknown.add(to(means).address)
        with pytest.raises(Rejected) as told:
            await outcome(messenger, to(means))
        assert told.value.code.startswith(means)
        assert to(means).address not in told.value.code
        assert service.arrived == []


@pytest.mark.parametrize("means", WITH_TOKENS)
async def test_a_token_that_no_longer_holds_is_renewed_once(means: Means) -> None:
    async with reached(means) as (service, messenger):
        service.faults = deque([None, Fault.STALE_TOKEN])
        assert await outcome(messenger, to(means))
        assert (service.tokens, len(service.arrived)) == (2, 1)
        assert await outcome(messenger, to(means, "li4"))
        assert service.tokens == 2, "a token is kept"


@pytest.mark.parametrize("means", WITH_TOKENS)
async def test_a_busy_service_is_asked_later(means: Means) -> None:
    async with reached(means) as (service, messenger):
        service.faults = deque([None, Fault.BUSY])
        with pytest.raises(Throttled):
            await messenger.send(MESSAGE, to(means), NOW)
        assert service.arrived == []


async def test_a_service_that_says_when_to_come_back_is_believed() -> None:
    async with reached(Means.WEBHOOK) as (service, messenger):
        service.faults = deque([Fault.TOO_MANY])
        with pytest.raises(Throttled) as told:
            await messenger.send(MESSAGE, to(Means.WEBHOOK), NOW)
        assert told.value.seconds == 7


@pytest.mark.parametrize("fault", [Fault.LOST_REQUEST, Fault.GATEWAY_BEFORE, Fault.NO_JSON, Fault.TOO_MANY])
@pytest.mark.parametrize("means", [means for means in SERVICES if means is not Means.SMS])
async def test_trouble_on_the_line_is_worth_another_try(means: Means, fault: Fault) -> None:
    async with reached(means) as (service, messenger):
        service.faults = deque([fault])
        with pytest.raises((LostAnswer, NotSent, NotYet)):
            await messenger.send(MESSAGE, to(means), NOW)


async def test_a_message_sent_again_after_a_lost_answer_arrives_once_at_feishu() -> None:
    async with reached(Means.FEISHU) as (service, messenger):
        service.faults = deque([None, Fault.LOST_ANSWER])
        with pytest.raises(LostAnswer):
            await messenger.send(MESSAGE, to(Means.FEISHU), NOW)
        assert await outcome(messenger, to(Means.FEISHU))
        assert len(service.arrived) == 1


@pytest.mark.parametrize("means", [Means.WECOM, Means.DINGTALK])
async def test_a_second_call_in_the_same_words_arrives_too(means: Means) -> None:
    async with reached(means) as (service, messenger):
        assert await outcome(messenger, to(means))
        again = await messenger.send(replace(MESSAGE, key="k2"), to(means), NOW)
        assert again is None or await messenger.arrived(again, to(means), NOW)
        assert len(service.arrived) == 2


async def test_a_message_sent_again_after_a_lost_answer_arrives_once_at_wecom() -> None:
    async with reached(Means.WECOM) as (service, messenger):
        service.faults = deque([None, Fault.LOST_ANSWER])
        with pytest.raises(LostAnswer):
            await messenger.send(MESSAGE, to(Means.WECOM), NOW)
        assert await outcome(messenger, to(Means.WECOM))
        assert len(service.arrived) == 1


@pytest.mark.parametrize(
    ("receiver", "code"),
    [
        ("ZhangSan", "wecom_unknown_receiver"),
        ("LiSi", "wecom_unlicensed_receiver"),
        ("nobody-at-all", "wecom_81013"),
    ],
)
async def test_wecom_did_not_reach_whom_it_names_in_its_own_spelling(receiver: str, code: str) -> None:
    async with reached(Means.WECOM) as (service, messenger):
        service.unknown, service.unlicensed = {"ZhangSan"}, {"LiSi"}
        with pytest.raises(Rejected) as told:
            await outcome(messenger, to(Means.WECOM, receiver))
        assert told.value.code == code
        assert service.arrived == []


@pytest.mark.parametrize("means", [Means.WECOM, Means.DINGTALK])
async def test_of_many_notices_the_link_is_never_what_is_cut_off(means: Means) -> None:
    many = replace(MESSAGE, lines=tuple(f"青岫舆〔2026〕{n}号：{'请' * 40}（时限 7月11日 12:00）" for n in range(20)))
    async with reached(means) as (service, messenger):
        await messenger.send(many, to(means), NOW)
        ((_, text),) = service.arrived
    *lines, more, link = text.split("\n")
    assert link.startswith(MESSAGE.link)
    assert lines == list(many.lines[: len(lines)])
    assert more == f"……另有 {20 - len(lines)} 条"
    assert len(text.encode()) <= 2048 < len(many.text.encode())


async def test_dingtalk_says_what_is_wrong_one_level_down() -> None:
    async with reached(Means.DINGTALK) as (service, messenger):
        service.trouble = lambda _: {"errcode": 88, "sub_code": "60011", "errmsg": "ding talk error[subcode=60011]"}
        service.faults = deque([None, Fault.BUSY])
        with pytest.raises(Rejected, match="dingtalk_60011"):
            await messenger.send(MESSAGE, to(Means.DINGTALK), NOW)


async def test_taken_is_not_arrived() -> None:
    async with reached(Means.DINGTALK) as (service, messenger):
        service.slow.add("zhang3")
        assert await outcome(messenger, to(Means.DINGTALK)) is False
        service.slow.clear()
        assert await messenger.arrived("1", to(Means.DINGTALK), NOW)


async def test_a_text_message_fills_the_template_with_words_that_it_takes() -> None:
    async with reached(Means.SMS) as (service, messenger):
        assert await outcome(messenger, to(Means.SMS))
        ((_, text),) = service.arrived
        assert text.split("|") == list(BRIEF)
        long = replace(MESSAGE, brief=BRIEF._replace(asked="请" * (LONGEST + 1)))
        with pytest.raises(Rejected, match="TemplateParameterLengthLimit"):
            await messenger.send(long, to(Means.SMS), NOW)


@pytest.mark.parametrize(
    ("name", "value"), [("APP_ID", "my app"), ("TEMPLATE", "the first one"), ("SIGN_NAME", "【青岫县】")]
)
def test_an_account_that_no_text_message_could_go_out_by_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    account = {"SECRET_ID": "i", "SECRET_KEY": "k", "APP_ID": "1400", "SIGN_NAME": "青岫县", "TEMPLATE": "1"}
    named = {f"HUIYING_SMS_{part}": given for part, given in (account | {name: value}).items()}
    for variable, given in named.items():
        monkeypatch.setenv(variable, given)
    with pytest.raises(AccountError, match=f"HUIYING_SMS_{name}"):
        messengers(httpx2.AsyncClient(), named)


async def test_nobody_at_all_is_worth_another_try() -> None:
    async with httpx2.AsyncClient() as http:
        with pytest.raises(NotSent):
            await webhook("http://127.0.0.1:9", http).send(MESSAGE, to(Means.WEBHOOK), NOW)


class Mailbox:
    """Refuses one receiver for good and another for now."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []

    async def handle_RCPT(  # noqa: N802  # The server's own name for it.
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address.startswith("nobody"):
            return "550 no such mailbox"
        if address.startswith("full"):
            return "452 mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.taken.append(envelope)
        return "250 OK"


async def test_mail_is_taken_refused_or_tried_again_as_the_server_says() -> None:
    mailbox = Mailbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(mailbox, loop=loop), "127.0.0.1", 0)
    async with server, httpx2.AsyncClient() as http:
        port = server.sockets[0].getsockname()[1]
        account = EmailSettings(host="127.0.0.1", port=port, sender="huiying@qingxiu.example", security="none")
        email = Email(account, http)
        await email.send(MESSAGE, to(Means.EMAIL, "zhang3@qingxiu.example"), NOW)
        with pytest.raises(Rejected, match="smtp_550"):
            await email.send(MESSAGE, to(Means.EMAIL, "nobody@qingxiu.example"), NOW)
        with pytest.raises(NotYet):
            await email.send(MESSAGE, to(Means.EMAIL, "full@qingxiu.example"), NOW)
    (envelope,) = mailbox.taken
    assert envelope.rcpt_tos == ["zhang3@qingxiu.example"]
    assert b"=?utf-8?" in (envelope.content or b"")


def test_a_service_is_on_when_its_account_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    named = {"HUIYING_WEBHOOK_URL": "http://127.0.0.1:1/in", "HUIYING_WEBHOOK_SECRET": SECRET}
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    http = httpx2.AsyncClient()
    assert set(messengers(http, named)) == {Means.WEBHOOK}
    with pytest.raises(AccountError, match="HUIYING_SMS_SECRET_KEY"):
        messengers(http, named | {"HUIYING_SMS_SECRET_ID": "i"})
