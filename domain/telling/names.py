"""How officers and units are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class Post(Protocol):
    @property
    def unit(self) -> str: ...

    @property
    def title(self) -> str: ...


class Unit(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


class Officer(Unit, Protocol):
    @property
    def posts(self) -> Sequence[Post]: ...


@dataclass(frozen=True)
class Names:
    """The directory, in the order the county lists it."""

    officers: Sequence[Officer]
    units: Sequence[Unit]

    @property
    def people(self) -> dict[str, str]:
        """Names of officers and units by id."""
        return {known.id: known.name for known in (*self.officers, *self.units)}

    def unit(self, unit: str) -> str:
        return self.people.get(unit, unit)

    def unit_list(self, units: Sequence[str], joint: str) -> str:
        return joint.join(self.unit(unit) for unit in units)

    def who(self, officer: str, unit: str | None = None) -> str:
        """Name and post, the post in `unit` when there is one: 褚明轩（县应急管理局 主要负责人）."""
        found = next((known for known in self.officers if known.id == officer), None)
        if found is None or not found.posts:
            return self.people.get(officer, officer)
        post = next((post for post in found.posts if post.unit == unit), found.posts[0])
        return f"{found.name}（{self.unit(post.unit)} {post.title}）"
