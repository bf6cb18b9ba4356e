"""Sessions and tokens as their owners see them: never what they are made of."""

from typing import Self

from pydantic import BaseModel

from db.console_sessions import ConsoleSession
from db.directory import ApiToken
from domain.access import Means
from domain.instants import Instant
from domain.vocabulary import OfficerId


class SessionShown(BaseModel):
    """Somebody signed in to the console; `address` and `agent` are what they came from."""

    id: int
    officer: OfficerId
    means: Means
    address: str
    agent: str
    created_at: Instant
    seen_at: Instant
    expires_at: Instant

    @classmethod
    def of(cls, one: ConsoleSession) -> Self:
        return cls(
            id=one.id,
            officer=one.officer,
            means=one.means,
            address=one.origin.address,
            agent=one.origin.agent,
            created_at=one.created_at,
            seen_at=one.seen_at,
            expires_at=one.expires_at,
        )


class TokenShown(BaseModel):
    """An API token. `scopes`: what it is good for; `last_used_at` to the minute."""

    id: int
    officer: OfficerId
    label: str
    scopes: tuple[str, ...]
    created_at: Instant
    expires_at: Instant | None
    last_used_at: Instant | None

    @classmethod
    def of(cls, one: ApiToken) -> Self:
        return cls(
            id=one.id,
            officer=one.officer,
            label=one.label,
            scopes=tuple(sorted(one.scopes)),
            created_at=one.created_at,
            expires_at=one.expires_at,
            last_used_at=one.last_used_at,
        )
