"""The county's own website: a signed message to its content system. docs/website-webhook.md is the protocol.

It is ours, so it has what the platforms lack: an idempotency key. A message may be sent again at any time.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime

import httpx2
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from channels import Accepted, Call, ChannelRefused, NotYet, PersonPublishes, Publication
from channels.asking import LOOK_AGAIN_SECONDS, Allowance, Answer, LostAnswer, ask
from domain.addresses import CalledUrl
from domain.releases import Receipt


class WebsiteSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="HUIYING_WEBSITE_", frozen=True, hide_input_in_errors=True)

    url: CalledUrl
    secret: SecretStr
    per_minute: int = 60


class Website:
    def __init__(self, settings: WebsiteSettings, http: httpx2.AsyncClient) -> None:
        self._settings = settings
        self._http = http
        self._allowance = Allowance(settings.per_minute)

    async def publish(self, publication: Publication, call: Call, now: datetime) -> Accepted:
        """Hand it over, then ask until the site says that it stands there."""
        document = publication.document
        message = {
            "event": "publish",
            "digest": publication.digest,
            "kind": document.kind,
            "title": document.title,
            "body": document.body,
            "attachments": [
                {**enclosure.attachment.model_dump(), "url": enclosure.url} for enclosure in publication.enclosures
            ],
            "corrects": document.corrects,
            "source": publication.url,
        }
        answer = await self._send(message, f"publish-{publication.digest}", now)
        match answer.get("status"):
            case "published":
                return Accepted(str(answer["id"]), str(answer["url"]))
            case "accepted":
                raise NotYet("publishing", LOOK_AGAIN_SECONDS)
            case "draft":
                raise PersonPublishes
            case _:
                raise ChannelRefused(_code(answer))

    async def retract(self, publication: Publication, receipt: Receipt, now: datetime) -> None:
        """Ask for the mark, or the removal; the site knows which."""
        message = {"event": "withdraw", "digest": publication.digest, "id": receipt.external_id}
        answer = await self._send(message, f"withdraw-{publication.digest}", now)
        match answer.get("status"):
            case "withdrawn":
                return
            case "accepted":
                raise NotYet("withdrawing", LOOK_AGAIN_SECONDS)
            case _:
                raise ChannelRefused(_code(answer))

    async def _send(self, message: Mapping[str, object], key: str, now: datetime) -> Answer:
        self._allowance.take()
        body = json.dumps(message, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": key,
            "Huiying-Signature": sign(self._settings.secret.get_secret_value(), body, now),
        }
        try:
            _, answer = await ask(self._http, "POST", self._settings.url, content=body, headers=headers)
        except LostAnswer:
            raise NotYet("answer_lost", LOOK_AGAIN_SECONDS) from None
        return answer


def sign(secret: str, body: bytes, now: datetime) -> str:
    """`t=` the Unix second, `v1=` the HMAC-SHA-256 of that second, a dot and the body."""
    second = str(int(now.timestamp()))
    mac = hmac.new(secret.encode(), second.encode() + b"." + body, hashlib.sha256)
    return f"t={second},v1={mac.hexdigest()}"


def _code(answer: Answer) -> str:
    """What the site calls its error, if it looks like a code."""
    told = str(answer.get("code", ""))
    return f"website_{told}" if told.isidentifier() and told.isascii() else "website_refused"
