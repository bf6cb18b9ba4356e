"""Makes the anchors that the public sees: now and then, over every ledger's head."""

from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from db import anchors
from db.session import Sessions
from domain.anchoring import Anchor, Tree, anchor
from domain.hashing import Algorithm
from runtime.clock import Clock


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
        standing = await anchors.standing(session)
        if not standing.moved:
            return None
        made = anchor(newest, Tree(algorithm, standing.heads), now, key)
        await anchors.add(session, made, standing.moved)
    return made
