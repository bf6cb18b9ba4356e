"""Text messages through Tencent Cloud: a template approved beforehand, filled with what happened and by when.

Taken is not arrived: the carrier's report is asked for until it says so.
"""

import asyncio
from datetime import datetime
from typing import Any, Literal

import httpx2
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20210111 import models
from tencentcloud.sms.v20210111.sms_client import SmsClient

from channels import NotYet, Throttled
from channels.asking import Allowance, LostAnswer
from channels.messengers import Message, Rejected
from domain.delivering import Contact

_TIMEOUT_SECONDS = 10
_REPORTS = 20
_LIMITS = ("RequestLimitExceeded", "LimitExceeded.DeliveryFrequencyLimit", "LimitExceeded.GlobalSmsSendingRateLimit")
_TRANSIENT = ("LimitExceeded.PhoneNumberThirtySecondLimit", "InternalError")
"""Any other limit holds for an hour or a day: another address is quicker."""


class SmsSettings(BaseSettings):
    """`template`: the id of the one in docs/channels.md; its parameters are a `Brief`."""

    model_config = SettingsConfigDict(env_prefix="HUIYING_SMS_", frozen=True, hide_input_in_errors=True)

    secret_id: str
    secret_key: SecretStr
    app_id: str = Field(pattern=r"^\d+$")
    sign_name: str = Field(pattern=r"^[^【】]+$")
    template: str = Field(pattern=r"^\d+$")
    region: str = "ap-guangzhou"
    endpoint: str = "sms.tencentcloudapi.com"
    scheme: Literal["https", "http"] = "https"
    per_minute: int = 60


class Sms:
    """A person is a mobile number with its country: +8613…; there are no groups."""

    def __init__(self, settings: SmsSettings, _http: httpx2.AsyncClient) -> None:
        self._settings = settings
        self._allowance = Allowance(settings.per_minute)
        profile = HttpProfile(protocol=settings.scheme, endpoint=settings.endpoint, reqTimeout=_TIMEOUT_SECONDS)
        held = Credential(settings.secret_id, settings.secret_key.get_secret_value())
        self._client = SmsClient(held, settings.region, ClientProfile(httpProfile=profile))

    async def send(self, message: Message, to: Contact, now: datetime) -> str:
        request = models.SendSmsRequest()
        request.PhoneNumberSet = [to.address]
        request.SmsSdkAppId = self._settings.app_id
        request.SignName = self._settings.sign_name
        request.TemplateId = self._settings.template
        request.TemplateParamSet = list(message.brief)
        request.SessionContext = message.key
        answer = await self._ask("SendSms", request)
        status = answer.SendStatusSet[0]
        # A refusal stands inside a success.
        if status.Code != "Ok":
            raise _told(status.Code)
        return f"{int(now.timestamp())}/{status.SerialNo}"

    async def arrived(self, handle: str, to: Contact, now: datetime) -> bool:
        began, _, serial = handle.partition("/")
        request = models.PullSmsSendStatusByPhoneNumberRequest()
        request.BeginTime = int(began)
        request.Offset, request.Limit = 0, _REPORTS
        request.PhoneNumber = to.address
        request.SmsSdkAppId = self._settings.app_id
        answer = await self._ask("PullSmsSendStatusByPhoneNumber", request)
        for report in answer.PullSmsSendStatusSet or ():
            if report.SerialNo == serial:
                if report.ReportStatus != "SUCCESS":
                    raise Rejected("sms_not_delivered")
                return True
        return False

    async def _ask(self, method: str, request: object) -> Any:  # noqa: ANN401  # The library's own, without types.
        self._allowance.take()
        try:
            return await asyncio.to_thread(getattr(self._client, method), request)
        except TencentCloudSDKException as error:
            code = str(error.get_code())
            if code in ("ClientNetworkError", "ServerNetworkError", "ClientParamsError"):
                raise LostAnswer(code) from None
            raise _told(code) from None


def _told(code: str) -> NotYet | Rejected:
    """Its codes are words with dots; none quotes a number."""
    if code.startswith(_LIMITS):
        return Throttled(60)
    return NotYet(f"sms_{code}", 30) if code.startswith(_TRANSIENT) else Rejected(f"sms_{code}")
