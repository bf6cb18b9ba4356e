"""Makes again what is computed from a ledger: the incident's row, its inbox, which texts and files are adopted."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import anchors, ledger, projections
from db.audit import anchored_problems, chain_problems, head_problems
from db.chain import read
from db.directory import Counties
from db.forgetting import last_erasure
from db.tables import AttachmentRow, IncidentRow, NoticeRow, TextRow
from db.writing import attachments, digests, inbox_rows
from domain import events as e
from domain.county import County
from domain.folding import evolve
from domain.incident import Incident
from domain.notices import notices
from domain.vocabulary import IncidentId


class LedgerBroken(Exception):
    """Nothing is computed from a ledger that is not whole: that would hide what is wrong with it."""


async def rebuild(session: AsyncSession, incident: IncidentId, counties: Counties) -> None:
    """Compute everything anew. What officers were told stays; only entries that told nobody tell today's officers.

    Raises LedgerBroken with what `verify` found.
    """
    columns = select(IncidentRow.head_seq, IncidentRow.head_hash).where(IncidentRow.id == incident)
    row = (await session.execute(columns.with_for_update())).one_or_none()
    links = await ledger.links(session, incident)
    anchored = anchored_problems(links, await anchors.anchored(session, incident))
    problems = [*chain_problems(links), *(head_problems(links, (row[0], row[1])) if row else ()), *anchored]
    if problems or not links:
        raise LedgerBroken("; ".join(problems) or "there are no entries")
    entries = [read(link) for link in links]
    steps = list(_steps(entries, incident))
    await _tell_what_was_lost(session, steps, await counties.current(session))
    values = projections.row(steps[-1].after, links[-1].hash, entries[-1].at)
    upsert = insert(IncidentRow).values(**values).on_conflict_do_update(index_elements=["id"], set_=values)
    await session.execute(upsert)
    mine = (TextRow.incident == incident, TextRow.digest.in_(digests(entries)))
    await session.execute(update(TextRow).where(*mine).values(adopted=True))
    files = (AttachmentRow.incident == incident, AttachmentRow.digest.in_(attachments(entries)))
    await session.execute(update(AttachmentRow).where(*files).values(adopted=True))


class _Step(NamedTuple):
    """A batch and the states around it."""

    before: Incident | None
    after: Incident
    entries: Sequence[e.RecordedEntry]


def _steps(entries: Sequence[e.RecordedEntry], incident: IncidentId) -> Iterator[_Step]:
    state: Incident | None = None
    for batch in batches(entries):
        before = state
        for entry in batch:
            state = evolve(state, entry, incident)
        if state is not None:
            yield _Step(before, state, batch)


def batches(entries: Sequence[e.RecordedEntry]) -> Iterator[list[e.RecordedEntry]]:
    """The entries as they were appended: all of one command, alarm or result together."""
    batch: list[e.RecordedEntry] = []
    for entry in entries:
        if batch and entry.key != f"{batch[0].key}/{len(batch)}":
            yield batch
            batch = []
        batch.append(entry)
    if batch:
        yield batch


async def _tell_what_was_lost(session: AsyncSession, steps: Sequence[_Step], county: County) -> None:
    incident = steps[-1].after.id
    known = select(NoticeRow.seq, NoticeRow.kind).where(NoticeRow.incident == incident)
    told = {(seq, kind) for seq, kind in await session.execute(known)}
    # Whoever was told of what has been erased since is not told again.
    erased_at = await last_erasure(session, incident)
    rows = [
        {"incident": incident, "created_at": step.entries[0].at, **row}
        for step in steps
        if erased_at is None or step.entries[0].at > erased_at
        for notice in notices(*step, county)
        if (notice.seq, notice.kind) not in told
        for row in inbox_rows(notice)
    ]
    if rows:
        await session.execute(insert(NoticeRow), rows)
