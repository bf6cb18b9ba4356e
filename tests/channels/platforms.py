"""微信公众号, 微博 and a county's website as far as Huiying speaks to them, errors inside HTTP 200 included."""

import hashlib
import hmac
import html
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.channels.server import Asked, Fault, Platform

WEBSITE_SECRET = "the website's own secret"


@dataclass
class FakeWechat(Platform):
    """Drafts become articles a few questions after they were submitted; `verdict` is what the platform then says."""

    drafts: dict[str, dict[str, Any]] = field(default_factory=dict)
    articles: dict[str, dict[str, Any]] = field(default_factory=dict)
    published: list[str] = field(default_factory=list)
    under_way: dict[str, tuple[str, int]] = field(default_factory=dict)
    verdict: int = 0
    questions: int = 1
    token: int = 1
    refuses: dict[str, int] = field(default_factory=dict)

    def trouble(self, fault: Fault) -> dict[str, Any]:
        if fault is Fault.STALE_TOKEN:
            self.token += 1
            return {"errcode": 40001, "errmsg": "invalid credential"}
        if fault is Fault.BUSY:
            return {"errcode": 45009, "errmsg": "reach max api daily quota limit"}
        return {"errcode": -1, "errmsg": "system error"}

    def answer(self, asked: Asked) -> dict[str, Any]:
        path = asked.path.removeprefix("/cgi-bin/")
        if path == "stable_token":
            if asked.json["secret"] != "wechat-secret":
                return {"errcode": 40125, "errmsg": "invalid appsecret"}
            return {"access_token": f"token-{self.token}", "expires_in": 7200}
        if asked.query.get("access_token") != f"token-{self.token}":
            return {"errcode": 42001, "errmsg": "access_token expired"}
        if path in self.refuses:
            return {"errcode": self.refuses[path], "errmsg": "refused"}
        found: dict[str, Any] = getattr(self, "_" + path.replace("/", "_"))(asked.json)
        return found

    def _draft_add(self, body: dict[str, Any]) -> dict[str, Any]:
        media = f"media-{len(self.drafts) + len(self.published) + 1}"
        self.drafts[media] = body["articles"][0]
        return {"media_id": media, "item": []}

    def _draft_batchget(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"item": [{"media_id": m, "content": {"news_item": [a]}} for m, a in self.drafts.items()]}

    def _freepublish_submit(self, body: dict[str, Any]) -> dict[str, Any]:
        if body["media_id"] not in self.drafts:
            return {"errcode": 40007, "errmsg": "invalid media_id"}
        publish_id = f"publish-{len(self.under_way) + 1}"
        self.under_way[publish_id] = (body["media_id"], self.questions)
        return {"errcode": 0, "publish_id": publish_id, "msg_data_id": "1"}

    def _freepublish_get(self, body: dict[str, Any]) -> dict[str, Any]:
        media, left = self.under_way[body["publish_id"]]
        if left > 0:
            self.under_way[body["publish_id"]] = (media, left - 1)
            return {"publish_id": body["publish_id"], "publish_status": 1}
        if self.verdict:
            return {"publish_id": body["publish_id"], "publish_status": self.verdict}
        article = self._show(media)
        url = self.articles[article]["url"] if article in self.articles else ""
        item = [{"idx": 1, "article_url": url}]
        return {"publish_status": 0, "article_id": article, "article_detail": {"count": 1, "item": item}}

    def _show(self, media: str) -> str:
        article = media.replace("media", "article")
        if media in self.drafts:
            draft = self.drafts.pop(media)
            self.published.append(draft["content_source_url"])
            self.articles[article] = draft | {"url": f"{self.url}/s/{article}"}
        return article

    def _freepublish_batchget(self, body: dict[str, Any]) -> dict[str, Any]:
        # What was accepted goes on by itself, whether or not anybody asks.
        for publish_id, (media, left) in self.under_way.items():
            if left <= 0 and not self.verdict:
                self._show(media)
            self.under_way[publish_id] = (media, max(left - 1, 0))
        return {"item": [{"article_id": i, "content": {"news_item": [a]}} for i, a in self.articles.items()]}

    def _freepublish_delete(self, body: dict[str, Any]) -> dict[str, Any]:
        if self.articles.pop(body["article_id"], None) is None:
            return {"errcode": 53600, "errmsg": "Article ID 无效"}
        return {"errcode": 0}


@dataclass
class FakeWeibo(Platform):
    """Addresses are shortened and marks escaped in what it shows; the same words twice in a row are refused."""

    posts: dict[str, str] = field(default_factory=dict)
    posted: list[str] = field(default_factory=list)
    error: int = 0
    late: int = 0
    """Questions through which the account's newest post does not show yet."""
    now: datetime | None = None
    """What its posts say of when they were made; nothing while it is None."""
    made: dict[str, datetime | None] = field(default_factory=dict)

    def trouble(self, fault: Fault) -> dict[str, Any]:
        code, error = {
            Fault.STALE_TOKEN: (21327, "expired_token"),
            Fault.BUSY: (10023, "User requests out of rate limit"),
            Fault.SAYS_BUSY_BUT_TOOK_IT: (20032, "Update success, while server slow now, please wait 1-2 minutes"),
        }[fault]
        return {"http": 400, "error_code": code, "error": error}

    def answer(self, asked: Asked) -> dict[str, Any]:
        if asked.form.get("access_token") != "weibo-token":
            return {"http": 403, "error_code": 21332, "error": "invalid_access_token"}
        match asked.path:
            case "/2/statuses/share.json":
                return self._share(asked.form["status"])
            case "/2/statuses/user_timeline.json":
                shown = list(reversed(self.posts))[1 if self.posts and self.late > 0 else 0 :]
                self.late -= bool(self.posts)
                return {"statuses": [self._shown(post) for post in shown]}
            case "/2/statuses/destroy.json":
                if self.posts.pop(asked.form["id"], None) is None:
                    return {"http": 400, "error_code": 20101, "error": "target weibo does not exist!"}
                return {"idstr": asked.form["id"]}
        raise AssertionError(asked.path)

    def _share(self, status: str) -> dict[str, Any]:
        if self.error:
            return {"http": 400, "error_code": self.error, "error": "refused"}
        if "http" not in status:
            return {"http": 400, "error_code": 10017, "error": "param error, see doc for more info."}
        assert status.count("#") < 2, "a topic between two of them"
        if status in self.posts.values():
            return {"http": 400, "error_code": 20019, "error": "repeat content!"}
        post = str(5000 + len(self.posted))
        self.posts[post], self.made[post] = status, self.now
        self.posted.append(status.rsplit(" ", 1)[1])
        return self._shown(post)

    def _shown(self, post: str) -> dict[str, Any]:
        words = html.escape(self.posts[post].rsplit(" ", 1)[0])
        shown = {"idstr": post, "text": f"{words} http://t.cn/A6{post}", "url_struct": []}
        made = self.made.get(post)
        return shown | ({"created_at": f"{made:%a %b %d %H:%M:%S %z %Y}"} if made else {})


@dataclass
class FakeWebsite(Platform):
    """Knows each message again by its key, and checks the signature."""

    pages: dict[str, str] = field(default_factory=dict)
    published: list[str] = field(default_factory=list)
    files: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    questions: int = 1
    error: str = ""
    drafts_only: bool = False
    _asked_for: dict[str, int] = field(default_factory=dict)

    def trouble(self, fault: Fault) -> dict[str, Any]:
        if fault is Fault.STALE_TOKEN:
            return {"status": "error", "code": "signature_refused"}
        return {"status": "accepted"}

    def answer(self, asked: Asked) -> dict[str, Any]:
        if not self._signed(asked):
            return {"http": 401, "status": "error", "code": "signature_refused"}
        if self.error:
            return {"status": "error", "code": self.error}
        message = asked.json
        assert asked.headers["idempotency-key"].endswith(message["digest"])
        if self.drafts_only:
            return {"status": "draft", "id": message["digest"]}
        left = self._asked_for.setdefault(asked.headers["idempotency-key"], self.questions)
        if left > 0:
            self._asked_for[asked.headers["idempotency-key"]] = left - 1
            return {"http": 202, "status": "accepted", "id": message["digest"]}
        if message["event"] == "withdraw":
            self.pages.pop(message["digest"], None)
            return {"status": "withdrawn"}
        if message["digest"] not in self.published:
            self.published.append(message["digest"])
            self.pages[message["digest"]] = message["source"]
            self.files[message["digest"]] = message["attachments"]
        return {"status": "published", "id": message["digest"], "url": f"{self.url}/news/{message['digest'][:12]}"}

    def _signed(self, asked: Asked) -> bool:
        told = dict(part.split("=", 1) for part in asked.headers["huiying-signature"].split(","))
        signed = told["t"].encode() + b"." + asked.body
        expected = hmac.new(WEBSITE_SECRET.encode(), signed, hashlib.sha256).hexdigest()
        return hmac.compare_digest(told["v1"], expected) and json.loads(asked.body) is not None
