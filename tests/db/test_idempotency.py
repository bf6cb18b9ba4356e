"""A key stands for one request."""

import asyncio
from typing import Any

from db import idempotency
from db.session import Sessions
from domain.vocabulary import CommandId
from tests.clock import START
from tests.scene import INCIDENT


async def claim(sessions: Sessions, **changes: object) -> idempotency.Claim:
    request: dict[str, Any] = {"scope": "unit:baishi", "key": "k1", "route": "submit", "body_hash": ("a",)} | changes
    async with sessions.begin() as session:
        return await idempotency.claim(session, **request, incident=INCIDENT, command_id=CommandId("c1"), now=START)


async def test_a_key_is_new_once_and_then_the_same(sessions: Sessions) -> None:
    assert [await claim(sessions) for _ in range(3)] == ["inserted", "same", "same"]


async def test_a_key_used_for_another_body_or_route_is_told_apart(sessions: Sessions) -> None:
    await claim(sessions)
    assert await claim(sessions, body_hash=("b",)) == "different"
    assert await claim(sessions, route="note") == "different"
    assert await claim(sessions) == "same"


async def test_a_key_means_something_in_its_scope_only(sessions: Sessions) -> None:
    await claim(sessions)
    assert await claim(sessions, scope="officer:baishi.head", body_hash=("b",)) == "inserted"


async def test_of_many_claims_at_once_one_is_the_first(sessions: Sessions) -> None:
    claims = await asyncio.gather(*(claim(sessions) for _ in range(8)))
    assert sorted(claims) == ["inserted"] + ["same"] * 7


async def test_a_claim_that_was_rolled_back_was_never_made(sessions: Sessions) -> None:
    async with sessions() as session:
        request: dict[str, Any] = {"scope": "unit:baishi", "key": "k1", "route": "submit", "body_hash": ("z",)}
        await idempotency.claim(session, **request, incident=INCIDENT, command_id=CommandId("c1"), now=START)
        await session.rollback()
    assert await claim(sessions) == "inserted"


async def test_the_same_body_is_known_again_when_another_key_is_in_use(sessions: Sessions) -> None:
    await claim(sessions, body_hash=("old",))
    assert await claim(sessions, body_hash=("new", "old")) == "same"
    assert await claim(sessions, body_hash=("new", "another")) == "different"
