"""Where notices are sent: read and kept for the JSON routes and the console alike."""

from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import Caller
from api.errands import refused
from api.parts import Parts
from api.problems import Problem, Trouble
from db import contacts
from domain.delivering import Contact, Contacts, check_keeper
from domain.refusals import Refusal


async def read(session: AsyncSession, caller: Caller, owner: str) -> tuple[Contact, ...]:
    """The addresses of an officer or a unit. Raises Problem."""
    _check_known(caller, owner)
    try:
        check_keeper(caller.actor, owner)
    except Refusal:
        raise Problem(Trouble.NOT_READABLE) from None
    return (await contacts.of(session, [owner])).get(owner, ())


async def save(parts: Parts, caller: Caller, owner: str, given: Contacts) -> None:
    """These and no others from now on. Raises Problem, Refused."""
    _check_known(caller, owner)
    try:
        check_keeper(caller.actor, owner)
    except Refusal as refusal:
        raise await refused(parts, refusal.record) from None
    async with parts.sessions.begin() as session:
        await contacts.save(session, owner, given)


def _check_known(caller: Caller, owner: str) -> None:
    units = {str(unit.id) for unit in caller.county.units}
    officers = {str(officer.id) for officer in caller.county.officers}
    if owner not in units | officers:
        raise Problem(Trouble.NOT_FOUND)
