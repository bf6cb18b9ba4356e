"""The console's menu: the places a person has a use for."""

from collections.abc import Iterable
from typing import NamedTuple

from domain.county import Actor
from domain.permissions import PERMISSIONS
from domain.vocabulary import CommandName, ReadName


class Place(NamedTuple):
    """`name` is a message to translate; `needs` the action a person must be able to take somewhere."""

    path: str
    name: str
    icon: str
    needs: CommandName | ReadName | None = None


PLACES = (
    Place("/console", "值班看板", "board", ReadName.INCIDENT),
    Place("/console/tasks", "我的待办", "tasks"),
    Place("/console/report", "舆情报送", "report", CommandName.SUBMIT),
    Place("/console/notices", "通知", "notices"),
    Place("/console/registers", "名册", "registers"),
    Place("/console/channels", "发布渠道", "channels", ReadName.INCIDENT),
    Place("/console/statistics", "统计", "statistics", ReadName.INCIDENT),
    Place("/console/policies", "规则", "policies"),
    Place("/console/help", "帮助", "help"),
)


class Entry(NamedTuple):
    place: Place
    here: bool


def menu(actor: Actor, path: str) -> tuple[Entry, ...]:
    """The places for this person; `here` marks the one they are at, or within."""
    shown = [place for place in PLACES if place.needs is None or can(actor, place.needs)]
    inside = [p for p in shown if path == p.path or path.startswith(f"{p.path}/")]
    nearest = max(inside, key=lambda p: len(p.path), default=None)
    return tuple(Entry(place, place is nearest) for place in shown)


def can(actor: Actor, action: CommandName | ReadName) -> bool:
    """Whether it may be theirs to do somewhere."""
    roles = {grant.role for grant in PERMISSIONS[action]}
    return any(role in roles for role in _roles(actor))


def _roles(actor: Actor) -> Iterable[str]:
    return (role for post in actor.posts for role in post.roles)
