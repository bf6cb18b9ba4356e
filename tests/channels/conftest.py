"""The platforms on loopback, their adapters, and a release that may go out."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime

import httpx2
import pytest
from pydantic import SecretStr

from channels import Publication, Publisher
from channels.bulletin import Bulletin
from channels.website import Website, WebsiteSettings
from channels.wechat import Wechat, WechatSettings
from channels.weibo import Weibo, WeiboSettings
from domain.releases import Document
from domain.vocabulary import Channel, IncidentId, ReleaseId, ReleaseKind, UnitId
from tests.channels.platforms import WEBSITE_SECRET, FakeWebsite, FakeWechat, FakeWeibo
from tests.channels.server import Platform, served


@dataclass
class Places:
    """All three, each at an address of its own."""

    wechat: FakeWechat
    weibo: FakeWeibo
    website: FakeWebsite

    @property
    def all(self) -> dict[Channel, Platform]:
        return {Channel.WECHAT: self.wechat, Channel.WEIBO: self.weibo, Channel.WEBSITE: self.website}

    def adapters(self, http: httpx2.AsyncClient, mode: str = "publish") -> dict[Channel, Publisher]:
        """New ones, as a worker that has just started has them."""
        wechat = WechatSettings.model_validate(
            {
                "app_id": "wx1",
                "secret": SecretStr("wechat-secret"),
                "thumb_media_id": "cover",
                "base_url": self.wechat.url,
                "per_minute": 60_000,
                "mode": mode,
            }
        )
        weibo = WeiboSettings(access_token=SecretStr("weibo-token"), base_url=self.weibo.url, per_minute=60_000)
        website = WebsiteSettings(url=self.website.url, secret=SecretStr(WEBSITE_SECRET), per_minute=60_000)
        return {
            Channel.BULLETIN: Bulletin(),
            Channel.WECHAT: Wechat(wechat, http),
            Channel.WEIBO: Weibo(weibo, http),
            Channel.WEBSITE: Website(website, http),
        }


@pytest.fixture
async def places() -> AsyncIterator[Places]:
    found = Places(FakeWechat(), FakeWeibo(), FakeWebsite())
    async with AsyncExitStack() as stack:
        for platform in found.all.values():
            await stack.enter_async_context(served(platform))
        yield found


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient() as client:
        yield client


class MemoryCall:
    """How far an attempt came, without a database."""

    def __init__(self) -> None:
        self.begun_at: datetime | None = None
        self.handle: str | None = None

    async def begin(self, now: datetime, handle: str | None = None) -> None:
        self.begun_at, self.handle = self.begun_at or now, handle or self.handle

    async def keep(self, handle: str) -> None:
        self.handle = handle

    async def undo(self, handle: str | None = None) -> None:
        self.begun_at, self.handle = None, handle


@pytest.fixture
def call() -> MemoryCall:
    return MemoryCall()


def publication(
    title: str = "关于白石镇集镇停水的情况说明", body: str = "抢修正在进行。\n\n预计今晚恢复。"
) -> Publication:
    document = Document(
        incident=IncidentId("ab12cd34ef56"),
        release=ReleaseId("0123456789ab"),
        kind=ReleaseKind.FIRST,
        title=title,
        body=body,
        channels=tuple(Channel),
    )
    digest = document.digest()
    url = f"http://county.example/public/releases/{digest}"
    return Publication(document, digest, 1, UnitId("baishi"), drill=False, url=url)
