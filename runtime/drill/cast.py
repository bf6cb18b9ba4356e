"""Who is who: officers with their posts and units with their names, as the API lists them."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from domain.telling.names import Names
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
class Cast(Names):
    """Those of whom a drill knows the roles as well."""

    officers: tuple[Officer, ...]
    units: tuple[Unit, ...]

    def with_role(self, role: str, unit: str) -> str:
        """The first officer of `unit` with `role`, as the county lists them. Raises DrillError."""
        for officer in self.officers:
            if any(post.unit == unit and role in post.roles for post in officer.posts):
                return officer.id
        raise DrillError(f"nobody in {self.unit(unit)} has the role {role}")
