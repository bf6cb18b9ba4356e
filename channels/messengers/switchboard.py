"""The services of this installation that carry notices: those whose account its environment names."""

import os
from collections.abc import Callable, Mapping

import httpx2
from pydantic_settings import BaseSettings

from channels.messengers import Messenger
from channels.messengers.dingtalk import Dingtalk, DingtalkSettings
from channels.messengers.email import Email, EmailSettings
from channels.messengers.feishu import Feishu, FeishuSettings
from channels.messengers.sms import Sms, SmsSettings
from channels.messengers.webhook import Webhook, WebhookSettings
from channels.messengers.wecom import Wecom, WecomSettings
from channels.outlets import named
from domain.vocabulary import Means

_ADAPTERS: dict[Means, tuple[type[BaseSettings], Callable[..., Messenger]]] = {
    Means.WECOM: (WecomSettings, Wecom),
    Means.DINGTALK: (DingtalkSettings, Dingtalk),
    Means.FEISHU: (FeishuSettings, Feishu),
    Means.EMAIL: (EmailSettings, Email),
    Means.SMS: (SmsSettings, Sms),
    Means.WEBHOOK: (WebhookSettings, Webhook),
}


def messengers(http: httpx2.AsyncClient, environment: Mapping[str, str] = os.environ) -> dict[Means, Messenger]:
    """Raises AccountError for one that is described by halves."""
    found = named({means: settings for means, (settings, _) in _ADAPTERS.items()}, environment)
    return {means: _ADAPTERS[means][1](settings, http) for means, settings in found.items()}
