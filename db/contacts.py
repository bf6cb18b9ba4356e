"""How people are reached: an address book of officers and units."""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import ContactRow
from domain.delivering import Contact


async def of(session: AsyncSession, owners: Iterable[str]) -> dict[str, tuple[Contact, ...]]:
    """The contacts of officers and units by id, each in the order they are tried."""
    row = ContactRow
    columns = select(row.owner, row.means, row.address, row.to).where(row.owner.in_(list(owners)))
    found: dict[str, tuple[Contact, ...]] = {}
    for owner, means, address, to in await session.execute(columns.order_by(row.owner, row.position)):
        contact = Contact.model_validate({"means": means, "address": address, "to": to})
        found[owner] = (*found.get(owner, ()), contact)
    return found


async def save(session: AsyncSession, owner: str, contacts: Sequence[Contact]) -> None:
    """These and no others from now on."""
    await session.execute(delete(ContactRow).where(ContactRow.owner == owner))
    rows = [contact.model_dump() | {"owner": owner, "position": n} for n, contact in enumerate(contacts)]
    if rows:
        await session.execute(insert(ContactRow), rows)
