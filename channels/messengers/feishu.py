"""飞书: messages of the county's own application, each with an id of ours so that it arrives once."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import partial

import httpx2
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from channels.asking import Allowance, Answer, ask
from channels.messengers import Message, Rejected
from channels.messengers.tokens import StaleToken, Tokens, told
from domain.addresses import CalledUrl
from domain.delivering import Contact

_STALE = frozenset({99991661, 99991663, 99991668})
_LIMITS = frozenset({99991400, 230020, 1000004})
_LONGEST_ID = 50


class FeishuSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="HUIYING_FEISHU_", frozen=True, hide_input_in_errors=True)

    app_id: str
    app_secret: SecretStr
    base_url: CalledUrl = "https://open.feishu.cn"
    per_minute: int = 200


class Feishu:
    """A person is a member's user id; a group is a chat's id."""

    def __init__(self, settings: FeishuSettings, http: httpx2.AsyncClient) -> None:
        self._settings = settings
        self._http = http
        self._allowance = Allowance(settings.per_minute)
        self._tokens = Tokens(self._fetch)

    async def send(self, message: Message, to: Contact, now: datetime) -> None:
        self._allowance.take()
        body = {
            "receive_id": to.address,
            "msg_type": "text",
            "content": json.dumps({"text": message.text}, ensure_ascii=False),
            "uuid": message.key[:_LONGEST_ID],
        }
        kind = "chat_id" if to.to == "group" else "user_id"
        await self._tokens.used(partial(self._once, kind, body), now)

    async def arrived(self, handle: str, to: Contact, now: datetime) -> bool:
        raise Rejected("feishu_no_handle")

    async def _once(self, kind: str, body: Mapping[str, object], token: str) -> Answer:
        url, headers = f"{self._settings.base_url}/open-apis/im/v1/messages", {"Authorization": f"Bearer {token}"}
        _, answer = await ask(self._http, "POST", url, params={"receive_id_type": kind}, headers=headers, json=body)
        return _checked(answer)

    async def _fetch(self) -> tuple[str, int]:
        url = f"{self._settings.base_url}/open-apis/auth/v3/tenant_access_token/internal"
        body = {"app_id": self._settings.app_id, "app_secret": self._settings.app_secret.get_secret_value()}
        _, answer = await ask(self._http, "POST", url, json=body)
        answer = _checked(answer)
        return str(answer["tenant_access_token"]), int(answer["expire"])


def _checked(answer: Answer) -> Answer:
    code = answer.get("code")
    if code in _STALE:
        raise StaleToken
    if code != 0:
        raise told("feishu", code, _LIMITS)
    return answer
