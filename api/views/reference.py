"""Officers and policies as the API shows them."""

from datetime import date
from typing import Self

from pydantic import BaseModel

from domain.county import Officer, Post
from domain.policy import Policy
from domain.vocabulary import OfficerId


class OfficerShown(BaseModel):
    id: OfficerId
    name: str
    posts: tuple[Post, ...]

    @classmethod
    def of(cls, officer: Officer) -> Self:
        return cls(id=officer.id, name=officer.name, posts=officer.posts)


class PolicyLine(BaseModel):
    id: str
    title: str
    title_en: str
    source: str
    effective: date

    @classmethod
    def of(cls, policy: Policy) -> Self:
        return cls.model_validate({name: getattr(policy, name) for name in cls.model_fields})
