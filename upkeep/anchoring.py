"""Makes the anchors that the public sees: now and then, over every ledger's head."""

from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from db import anchors, once
from db.session import Sessions
from domain.anchoring import Anchor, Tree, anchor
from domain.hashing import Algorithm
from runtime.anchor_key import read_key
from runtime.clock import Clock, SystemClock
from runtime.settings import Settings


async def anchor_heads(
    sessions: Sessions, clock: Clock, key: Ed25519PrivateKey, algorithm: Algorithm, every: timedelta = timedelta()
) -> Anchor | None:
    """A new anchor; None when no head has moved, or the newest is younger than `every`.

    Any number of processes may do it at once.
    """
    async with sessions.begin() as session:
        await anchors.lock(session)
        newest, now = await anchors.newest(session), await clock.now()
        if newest is not None and now < newest.at + every:
            return None
        standing = await anchors.standing(session, newest.number + 1 if newest else 1)
        if not standing.moved:
            return None
        made = anchor(newest, Tree(algorithm, standing.heads), now, key)
        await anchors.add(session, made, standing.moved)
    return made


async def anchor_now(settings: Settings) -> Anchor | None:
    """The same at once, with the key that the settings must have."""
    if settings.anchor_key is None:
        raise ValueError("there is no key to sign with")
    key = read_key(settings.anchor_key.get_secret_value())
    async with once.opened(settings.database_url) as sessions:
        return await anchor_heads(sessions, SystemClock(), key, settings.ledger_hash)
