"""微信公众号: a draft, its publication, and asking until the platform says that people can read it.

The platform knows no idempotency key. Every article carries the public page of its release, whose address
ends in the release's digest, as its source: that is how one is found again after a lost answer.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

import httpx2
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from channels import Accepted, Call, ChannelRefused, NotYet, OutcomeUnknown, PersonPublishes, Publication
from channels.asking import LOOK_AGAIN_SECONDS, Allowance, Answer, LostAnswer, NotSent, ask
from channels.markup import cleaned, paragraph
from domain.addresses import CalledUrl
from domain.releases import Receipt

PATIENCE = timedelta(minutes=3)
"""For so long after a lost answer the article may still come to light; then only a person can tell."""
LONGEST_TITLE = 64
SEE_ORIGINAL = "（本文附图表、音视频等附件{count}个，请点击“阅读原文”查看。）"
_TOKEN_MARGIN = timedelta(minutes=5)
_LOOKED_AT = 20

_STALE_TOKEN = frozenset({40001, 40014, 42001})
_BUSY = frozenset({45009, 45011})
_UNSURE = -1
"""“The system is busy”: said by whatever stood between, and no word of what happened behind it."""
_GONE = frozenset({53600, 40007})
_NAMED = {
    48001: "no_permission",
    53402: "cover_missing",
    53404: "account_restricted",
    53405: "account_restricted",
    45003: "title_too_long",
    45002: "text_too_long",
    87014: "content_rejected",
}
_FAILED = {2: "originality_rejected", 3: "publish_failed", 4: "review_rejected", 5: "removed", 6: "banned"}
_MEDIA, _SUBMITTING, _PUBLISHING = "media:", "submitting:", "publishing:"


class WechatSettings(BaseSettings):
    """`mode` draft: the process lays down a draft, and a person publishes it there."""

    model_config = SettingsConfigDict(env_prefix="HUIYING_WECHAT_", frozen=True, hide_input_in_errors=True)

    app_id: str
    secret: SecretStr
    thumb_media_id: str
    author: str = ""
    base_url: CalledUrl = "https://api.weixin.qq.com"
    mode: Literal["publish", "draft"] = "publish"
    per_minute: int = 60


class _Error(Exception):
    """An error inside HTTP 200."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class Wechat:
    def __init__(self, settings: WechatSettings, http: httpx2.AsyncClient) -> None:
        self._settings = settings
        self._http = http
        self._allowance = Allowance(settings.per_minute)
        self._token: tuple[str, datetime] | None = None

    async def publish(self, publication: Publication, call: Call, now: datetime) -> Accepted:
        """Draft, submit, ask until it is published. Wherever an attempt broke off, it goes on from there."""
        if len(publication.document.title) > LONGEST_TITLE:
            raise ChannelRefused("title_too_long")
        if call.handle is not None and call.handle.startswith(_PUBLISHING):
            return await self._published(call.handle.removeprefix(_PUBLISHING), now)
        # Also before anything is sent: a ledger restored from a backup does not know what it sent.
        if (found := await self._find("freepublish/batchget", publication, now)) is not None:
            return _shown(found)
        if call.handle is not None and call.handle.startswith(_SUBMITTING):
            raise _unknown(call, now)
        media = await self._draft(publication, call, now)
        if self._settings.mode == "draft":
            raise PersonPublishes
        await call.begin(now, _SUBMITTING + media)
        try:
            answer = await self._ask("freepublish/submit", {"media_id": media}, now)
        except LostAnswer:
            raise NotYet("answer_lost", LOOK_AGAIN_SECONDS) from None
        except (ChannelRefused, NotSent, NotYet):
            await call.undo(_MEDIA + media)
            raise
        await call.keep(_PUBLISHING + str(answer["publish_id"]))
        return await self._published(str(answer["publish_id"]), now)

    async def retract(self, publication: Publication, receipt: Receipt, now: datetime) -> None:
        """Delete the article. One that is gone already is gone."""
        found = await self._find("freepublish/batchget", publication, now)
        article = found["article_id"] if found else receipt.external_id
        try:
            await self._ask("freepublish/delete", {"article_id": article, "index": 0}, now)
        except LostAnswer:
            raise NotYet("answer_lost", LOOK_AGAIN_SECONDS) from None
        except ChannelRefused as refused:
            if refused.code not in {f"wechat_{code}" for code in _GONE}:
                raise

    async def _draft(self, publication: Publication, call: Call, now: datetime) -> str:
        """The draft's id; one that lies there already is taken."""
        if call.handle is not None and call.handle.startswith(_MEDIA):
            return call.handle.removeprefix(_MEDIA)
        found = await self._find("draft/batchget", publication, now)
        if found is None:
            try:
                found = await self._ask("draft/add", {"articles": [self._article(publication)]}, now)
            except LostAnswer:
                raise NotYet("answer_lost", LOOK_AGAIN_SECONDS) from None
        media = str(found["media_id"])
        await call.keep(_MEDIA + media)
        return media

    def _article(self, publication: Publication) -> dict[str, object]:
        document = publication.document
        parts = (part.strip() for part in document.body.split("\n\n"))
        content = "".join(paragraph(part.split("\n")) for part in parts if part)
        if publication.enclosures:
            # The platform has no place for most of them, and the page it links to as the original has all.
            content += paragraph([SEE_ORIGINAL.format(count=len(publication.enclosures))])
        return {
            "title": document.title,
            "author": self._settings.author,
            "content": cleaned(content),
            "content_source_url": publication.url,
            "thumb_media_id": self._settings.thumb_media_id,
            "need_open_comment": 0,
        }

    async def _published(self, publish_id: str, now: datetime) -> Accepted:
        """Accepted is not published: the platform reviews, and says so only when it is asked."""
        try:
            answer = await self._ask("freepublish/get", {"publish_id": publish_id}, now)
        except LostAnswer:
            raise NotYet("answer_lost", LOOK_AGAIN_SECONDS) from None
        status = answer.get("publish_status")
        if status == 0:
            items = answer.get("article_detail", {}).get("item", [])
            return Accepted(str(answer["article_id"]), str(items[0]["article_url"]) if items else "", now)
        if status in _FAILED:
            raise ChannelRefused(_FAILED[status])
        raise NotYet("publishing", LOOK_AGAIN_SECONDS)

    async def _find(self, listing: str, publication: Publication, now: datetime) -> Answer | None:
        """The article, or draft, of this release among the newest."""
        try:
            answer = await self._ask(listing, {"offset": 0, "count": _LOOKED_AT, "no_content": 1}, now)
        except LostAnswer:
            raise NotYet("answer_lost", LOOK_AGAIN_SECONDS) from None
        for item in answer.get("item", []):
            for article in item.get("content", {}).get("news_item", []):
                if article.get("content_source_url") == publication.url and not article.get("is_deleted"):
                    return {**item, "url": article.get("url", "")}
        return None

    async def _ask(self, path: str, body: Mapping[str, object], now: datetime) -> Answer:
        """One request with a token that holds; a token the platform no longer takes is renewed once."""
        try:
            return await self._once(path, body, await self._held_token(now))
        except _Error as error:
            if error.code not in _STALE_TOKEN:
                raise _told(error.code) from None
        self._token = None
        try:
            return await self._once(path, body, await self._held_token(now))
        except _Error as error:
            raise _told(error.code) from None

    async def _once(self, path: str, body: Mapping[str, object], token: str) -> Answer:
        self._allowance.take()
        url = f"{self._settings.base_url}/cgi-bin/{path}"
        _, answer = await ask(self._http, "POST", url, params={"access_token": token}, json=body)
        if answer.get("errcode"):
            raise _Error(int(answer["errcode"]))
        return answer

    async def _held_token(self, now: datetime) -> str:
        if self._token is None or self._token[1] <= now:
            body = {
                "grant_type": "client_credential",
                "appid": self._settings.app_id,
                "secret": self._settings.secret.get_secret_value(),
            }
            try:
                _, answer = await ask(self._http, "POST", f"{self._settings.base_url}/cgi-bin/stable_token", json=body)
                if answer.get("errcode"):
                    raise _told(int(answer["errcode"]))
            except LostAnswer:
                raise NotYet("answer_lost", LOOK_AGAIN_SECONDS) from None
            lifetime = timedelta(seconds=int(answer["expires_in"]))
            self._token = (str(answer["access_token"]), now + max(lifetime - _TOKEN_MARGIN, lifetime / 2))
        return self._token[0]


def _shown(found: Answer) -> Accepted:
    return Accepted(str(found["article_id"]), str(found["url"]))


def _told(code: int) -> NotYet | ChannelRefused | LostAnswer:
    if code in _BUSY:
        return NotYet("throttled", 60)
    if code == _UNSURE:
        return LostAnswer(f"wechat_{code}")
    return ChannelRefused(_NAMED.get(code, f"wechat_{code}"))


def _unknown(call: Call, now: datetime) -> NotYet | OutcomeUnknown:
    """It was sent, nobody heard the answer, and it is not there (yet)."""
    if call.begun_at is not None and now - call.begun_at < PATIENCE:
        return NotYet("looking", LOOK_AGAIN_SECONDS)
    return OutcomeUnknown()
