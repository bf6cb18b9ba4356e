"""钉钉: work notices. The service takes them first and says only when asked whom it could not reach."""

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

_STALE = frozenset({40014, 42001})
_LIMITS = frozenset({90002, 90006, 90018, 143103, 143104})
_LOOK_WITHIN = 88
"""The gateway's own code; what is wrong stands in `sub_code`."""
_LONGEST = 2_048
"""Bytes of a message."""
_WORK_NOTICE = "topapi/message/corpconversation"
_FAILED = ("invalid_user_id_list", "forbidden_user_id_list", "failed_user_id_list", "invalid_dept_id_list")
_REACHED = ("read_user_id_list", "unread_user_id_list")


class DingtalkSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="HUIYING_DINGTALK_", frozen=True, hide_input_in_errors=True)

    app_key: str
    app_secret: SecretStr
    agent_id: int
    base_url: CalledUrl = "https://oapi.dingtalk.com"
    per_minute: int = 200


class Dingtalk:
    """A person is a member's user id; a group is a department's id."""

    def __init__(self, settings: DingtalkSettings, http: httpx2.AsyncClient) -> None:
        self._settings = settings
        self._http = http
        self._allowance = Allowance(settings.per_minute)
        self._tokens = Tokens(self._fetch)

    async def send(self, message: Message, to: Contact, now: datetime) -> str:
        body = {
            "agent_id": self._settings.agent_id,
            "dept_id_list" if to.to == "group" else "userid_list": to.address,
            "msg": {"msgtype": "text", "text": {"content": message.within(_LONGEST)}},
        }
        answer = await self._ask("asyncsend_v2", body, now)
        return str(answer["task_id"])

    async def arrived(self, handle: str, to: Contact, now: datetime) -> bool:
        """Taken is not arrived: a receiver in none of its lists is still on the way."""
        answer = await self._ask("getsendresult", {"agent_id": self._settings.agent_id, "task_id": int(handle)}, now)
        lists: dict[str, list[object]] = answer.get("send_result") or {}
        for name in _FAILED:
            if to.address in map(str, lists.get(name) or ()):
                raise Rejected(f"dingtalk_{name.removesuffix('_list')}")
        reached = [receiver for name in _REACHED for receiver in lists.get(name) or ()]
        return bool(reached) if to.to == "group" else to.address in map(str, reached)

    async def _ask(self, method: str, body: Mapping[str, object], now: datetime) -> Answer:
        self._allowance.take()
        return await self._tokens.used(partial(self._once, method, body), now)

    async def _once(self, method: str, body: Mapping[str, object], token: str) -> Answer:
        url = f"{self._settings.base_url}/{_WORK_NOTICE}/{method}"
        _, answer = await ask(self._http, "POST", url, params={"access_token": token}, json=body)
        return _checked(answer)

    async def _fetch(self) -> tuple[str, int]:
        held = {"appkey": self._settings.app_key, "appsecret": self._settings.app_secret.get_secret_value()}
        _, answer = await ask(self._http, "GET", f"{self._settings.base_url}/gettoken", params=held)
        answer = _checked(answer)
        return str(answer["access_token"]), int(answer["expires_in"])


def _checked(answer: Answer) -> Answer:
    code = answer.get("errcode")
    if code == _LOOK_WITHIN:
        within = str(answer.get("sub_code", ""))
        code = int(within) if within.isdecimal() else code
    if code in _STALE:
        raise StaleToken
    if code != 0:
        raise told("dingtalk", code, _LIMITS)
    return answer
