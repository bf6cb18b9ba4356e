"""企业微信: messages of the county's own application. Whom it could not reach it names inside a success."""

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

_STALE = frozenset({40001, 40014, 41001, 42001})
_LIMITS = frozenset({45009, 45033})
_SAME_WITHIN_SECONDS = 1_800
_LONGEST = 2_048
"""Bytes of a text; the service cuts off the rest."""


class WecomSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="HUIYING_WECOM_", frozen=True, hide_input_in_errors=True)

    corp_id: str
    secret: SecretStr
    agent_id: int
    base_url: CalledUrl = "https://qyapi.weixin.qq.com"
    per_minute: int = 200


class Wecom:
    """A person is a member's user id; a group is a department's id."""

    def __init__(self, settings: WecomSettings, http: httpx2.AsyncClient) -> None:
        self._settings = settings
        self._http = http
        self._allowance = Allowance(settings.per_minute)
        self._tokens = Tokens(self._fetch)

    async def send(self, message: Message, to: Contact, now: datetime) -> None:
        self._allowance.take()
        body = {
            "toparty" if to.to == "group" else "touser": to.address,
            "msgtype": "text",
            "agentid": self._settings.agent_id,
            "text": {"content": message.within(_LONGEST)},
            # A message sent again after a lost answer arrives once.
            "enable_duplicate_check": 1,
            "duplicate_check_interval": _SAME_WITHIN_SECONDS,
        }
        answer = await self._tokens.used(partial(self._once, body), now)
        # One receiver was asked for, so it is the one named, in lower case whatever its id looks like. Of a group,
        # members without a licence are named too; the others were reached.
        if answer.get("invalidparty" if to.to == "group" else "invaliduser"):
            raise Rejected("wecom_unknown_receiver")
        if to.to == "person" and answer.get("unlicenseduser"):
            raise Rejected("wecom_unlicensed_receiver")

    async def arrived(self, handle: str, to: Contact, now: datetime) -> bool:
        raise Rejected("wecom_no_handle")

    async def _once(self, body: dict[str, object], token: str) -> Answer:
        url = f"{self._settings.base_url}/cgi-bin/message/send"
        _, answer = await ask(self._http, "POST", url, params={"access_token": token}, json=body)
        return _checked(answer)

    async def _fetch(self) -> tuple[str, int]:
        held = {"corpid": self._settings.corp_id, "corpsecret": self._settings.secret.get_secret_value()}
        _, answer = await ask(self._http, "GET", f"{self._settings.base_url}/cgi-bin/gettoken", params=held)
        answer = _checked(answer)
        return str(answer["access_token"]), int(answer["expires_in"])


def _checked(answer: Answer) -> Answer:
    code = answer.get("errcode")
    if code in _STALE:
        raise StaleToken
    if code != 0:
        raise told("wecom", code, _LIMITS)
    return answer
