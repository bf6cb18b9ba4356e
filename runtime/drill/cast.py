"""Who is who: officers with their posts and units with their names, as the API lists them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from domain.vocabulary import Role
from runtime.drill.client import DrillError


class _Listed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    name: str


class Post(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    unit: str
    title: str
    roles: tuple[Role, ...]


class Unit(_Listed):
    """A unit's name is all a drill needs of it."""


class Officer(_Listed):
    posts: tuple[Post, ...]


@dataclass(frozen=True)
class Cast:
    """The directory, in the order the county lists it."""

    officers: tuple[Officer, ...]
    units: tuple[Unit, ...]

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

    def with_role(self, role: str, unit: str) -> str:
        """The first officer of `unit` with `role`, as the county lists them. Raises DrillError."""
        for officer in self.officers:
            if any(post.unit == unit and role in post.roles for post in officer.posts):
                return officer.id
        raise DrillError(f"nobody in {self.unit(unit)} has the role {role}")
