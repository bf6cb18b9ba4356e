"""The channels of this installation: those whose account its environment names, and the drill's in their place."""

import os
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

import httpx2
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from channels import Publisher
from channels.bulletin import Bulletin
from channels.rehearsal import Rehearsal
from channels.website import Website, WebsiteSettings
from channels.wechat import Wechat, WechatSettings
from channels.weibo import Weibo, WeiboSettings
from domain.vocabulary import Channel

_ADAPTERS: dict[Channel, tuple[type[BaseSettings], Callable[..., Publisher]]] = {
    Channel.WEBSITE: (WebsiteSettings, Website),
    Channel.WECHAT: (WechatSettings, Wechat),
    Channel.WEIBO: (WeiboSettings, Weibo),
}


class AccountError(Exception):
    """An account is described by halves; names what is missing or wrong, never its value."""


_Place = TypeVar("_Place", bound=StrEnum)


def accounts(environment: Mapping[str, str] = os.environ) -> dict[Channel, BaseSettings]:
    """The accounts of the environment. A channel of which nothing is said is none. Raises AccountError."""
    return named({channel: settings for channel, (settings, _) in _ADAPTERS.items()}, environment)


def named(kinds: Mapping[_Place, type[BaseSettings]], environment: Mapping[str, str]) -> dict[_Place, BaseSettings]:
    """The settings of every place of which the environment says anything. Raises AccountError."""
    found: dict[_Place, BaseSettings] = {}
    for place, settings in kinds.items():
        prefix = str(settings.model_config["env_prefix"])
        if any(name.startswith(prefix) and value for name, value in environment.items()):
            found[place] = _read(settings, prefix, environment)
    return found


def _read(settings: type[BaseSettings], prefix: str, environment: Mapping[str, str]) -> BaseSettings:
    names = {field: f"{prefix}{field.upper()}" for field in settings.model_fields}
    given: dict[str, Any] = {field: environment[name] for field, name in names.items() if name in environment}
    try:
        return settings(**given)
    except ValidationError as error:
        told = (f"{prefix}{str(one['loc'][0]).upper()}: {one['msg']}" for one in error.errors(include_input=False))
        raise AccountError("; ".join(told)) from None


def outlets(of: Mapping[Channel, Any], http: httpx2.AsyncClient) -> dict[Channel, Publisher]:
    """Where real releases go: our own bulletin, and every place there is an account for."""
    places: dict[Channel, Publisher] = {Channel.BULLETIN: Bulletin()}
    for channel, settings in of.items():
        places[channel] = _ADAPTERS[channel][1](settings, http)
    return places


def rehearsals() -> dict[Channel, Publisher]:
    """Where a drill's releases go: the bulletin, which keeps them apart, and nothing that could open a socket."""
    return {channel: Bulletin() if channel is Channel.BULLETIN else Rehearsal(channel) for channel in Channel}
