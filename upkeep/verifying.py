"""Proves that ledgers are whole, that what is computed from them fits, and that no anchor says otherwise."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from db import anchors, audit, once, reads
from db.session import snapshot
from domain.anchoring import Anchor
from domain.vocabulary import IncidentId

_ANCHORS = TypeAdapter(list[Anchor])


def read_kept(file: Path) -> list[Anchor]:
    """Anchors in a file saved from the bulletin's `anchors.json`. Raises OSError, ValueError."""
    saved = json.loads(file.read_bytes())
    if not isinstance(saved, dict) or "anchors" not in saved:
        raise ValueError(f"{file} is no list of anchors from the bulletin")
    return _ANCHORS.validate_python(saved["anchors"])


async def verify(
    database_url: str, incident: str | None, say: Callable[[str], None], kept: Sequence[Anchor] = ()
) -> bool:
    """Say what is wrong with the ledger of one incident, or with all and the anchors; whether everything is right.

    `kept` are anchors that somebody kept outside: those here must be the same.
    """
    wrong: list[str] = []
    # What is appended meanwhile must not look like a row that does not fit.
    async with once.opened(database_url) as sessions, snapshot(sessions) as session:
        chosen = [IncidentId(incident)] if incident else sorted(await _all(session))
        for one in chosen:
            wrong += [f"{one}: {problem}" for problem in await audit.verify(session, one)]
        if not incident:
            wrong += await audit.verify_anchors(session)
        here = {anchor.number: anchor for anchor in await anchors.page(session)}
        wrong += _differences(here, kept)
        keys = await anchors.keys(session)
    for problem in wrong:
        say(problem)
    for use in keys:
        say(f"anchors {use.first} to {use.last} name the key {use.key}")
    if not keys:
        say("anchors: none was made yet")
    if kept:
        say(f"{len(kept)} anchors from outside compared")
    say(f"{len(chosen)} verified: {'nothing is wrong' if not wrong else 'see above'}")
    return not wrong


async def _all(session: AsyncSession) -> set[IncidentId]:
    """Every incident that the ledger or an anchor knows: one that was removed whole is missed as well."""
    return {*await reads.all_incidents(session), *await anchors.incidents(session)}


def _differences(here: Mapping[int, Anchor], kept: Sequence[Anchor]) -> list[str]:
    found = []
    for anchor in kept:
        if not anchor.is_signed():
            found.append(f"anchor {anchor.number} of the file does not have the signature of its key")
        elif anchor.number not in here:
            found.append(f"anchor {anchor.number} of the file is not here: the past was rewritten or a backup restored")
        elif here[anchor.number] != anchor:
            found.append(f"anchor {anchor.number} here is not that of the file: the past was rewritten")
    return found
