"""Filings: written once, read as registers."""

from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import FilingRow
from domain.registers import DelegationEnd, DelegationFiling, DutyFiling, Filed, Filing, Register, SpokespersonFiling
from domain.vocabulary import OfficerId, UnitId

_FILING: TypeAdapter[Filing] = TypeAdapter(Filing)
Written = SpokespersonFiling | DutyFiling | DelegationFiling | DelegationEnd


async def file(session: AsyncSession, filing: Written, by: OfficerId, now: datetime, key: str) -> Filed:
    """File it; the filing that stands when `key` was used before."""
    row = insert(FilingRow).values(
        kind=filing.kind,
        unit=filing.unit,
        data=filing.model_dump(mode="json", exclude={"kind", "unit"}),
        filed_by=by,
        filed_at=now,
        key=key,
    )
    await session.execute(row.on_conflict_do_nothing(index_elements=["key"]))
    return (await _read(session, FilingRow.key == key))[0]


async def history(session: AsyncSession, kind: str, unit: UnitId | None = None) -> list[Filed]:
    """All filings of a kind, the oldest first."""
    of_unit = [FilingRow.unit == unit] if unit else []
    return await _read(session, FilingRow.kind == kind, *of_unit)


async def register(session: AsyncSession) -> Register:
    """The registers as they stand."""
    return Register.of(await _read(session))


async def _read(session: AsyncSession, *conditions: object) -> list[Filed]:
    columns = select(
        FilingRow.id, FilingRow.kind, FilingRow.unit, FilingRow.data, FilingRow.filed_by, FilingRow.filed_at
    )
    found = await session.execute(columns.where(*conditions).order_by(FilingRow.id))  # type: ignore[arg-type]  # Column conditions.
    return [
        Filed(
            id=row.id,
            filed_by=OfficerId(row.filed_by),
            filed_at=row.filed_at,
            filing=_FILING.validate_python({"kind": row.kind, "unit": row.unit, **row.data}),
        )
        for row in found
    ]
