"""Templates of releases: every version is kept, the latest of a kind is in force."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import TemplateRow
from domain.templates import SavedTemplate, Template
from domain.vocabulary import OfficerId, ReleaseKind


async def in_force(session: AsyncSession) -> dict[ReleaseKind, SavedTemplate]:
    """The latest of each kind."""
    latest = select(func.max(TemplateRow.id)).group_by(TemplateRow.kind)
    rows = select(TemplateRow).where(TemplateRow.id.in_(latest))
    return {ReleaseKind(row.kind): _saved(row) for row in await session.scalars(rows)}


async def history(session: AsyncSession, kind: ReleaseKind) -> list[SavedTemplate]:
    """All versions of one kind, the newest first."""
    rows = select(TemplateRow).where(TemplateRow.kind == kind).order_by(TemplateRow.id.desc())
    return [_saved(row) for row in await session.scalars(rows)]


async def save(session: AsyncSession, template: Template, by: OfficerId, now: datetime, key: str) -> None:
    """A new version; none when `key` was used before."""
    row = insert(TemplateRow).values(**template.model_dump(), saved_by=by, saved_at=now, key=key)
    await session.execute(row.on_conflict_do_nothing(index_elements=["key"]))


def _saved(row: TemplateRow) -> SavedTemplate:
    template = Template(kind=ReleaseKind(row.kind), title=row.title, body=row.body)
    by = OfficerId(row.saved_by) if row.saved_by else None
    return SavedTemplate(id=row.id, template=template, saved_by=by, saved_at=row.saved_at)
