"""A county's own system: a signed message, as the website gets. docs/notice-webhook.md is the protocol."""

import json
from datetime import datetime

import httpx2
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from channels.asking import Allowance, ask
from channels.messengers import Message, Rejected
from channels.website import sign
from domain.addresses import CalledUrl
from domain.delivering import Contact


class WebhookSettings(BaseSettings):
    """The address is of this installation, never of an officer: nobody points it at the inside of the network."""

    model_config = SettingsConfigDict(env_prefix="HUIYING_WEBHOOK_", frozen=True, hide_input_in_errors=True)

    url: CalledUrl
    secret: SecretStr
    per_minute: int = 600


class Webhook:
    """A person or group is whatever the receiving system calls it."""

    def __init__(self, settings: WebhookSettings, http: httpx2.AsyncClient) -> None:
        self._settings = settings
        self._http = http
        self._allowance = Allowance(settings.per_minute)

    async def send(self, message: Message, to: Contact, now: datetime) -> None:
        self._allowance.take()
        sent = {"to": to.address, "group": to.to == "group", "lines": message.lines, "link": message.link}
        body = json.dumps(sent, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": message.key,
            "Huiying-Signature": sign(self._settings.secret.get_secret_value(), body, now),
        }
        status, answer = await ask(self._http, "POST", self._settings.url, content=body, headers=headers)
        if answer.get("status") != "delivered":
            code = str(answer.get("code", status))
            raise Rejected(f"webhook_{code}" if code.isidentifier() and code.isascii() else f"webhook_{status}")

    async def arrived(self, handle: str, to: Contact, now: datetime) -> bool:
        raise Rejected("webhook_no_handle")
