"""How often somebody may try to sign in, or submit. Raises a 429 that says when to come again."""

from fastapi import Depends, Request

from api.auth import Asking, Caller
from api.parts import AppParts, Parts
from api.problems import Problem, Trouble
from domain.vocabulary import UnitId

UNIT_FACTOR = 4
"""A unit may submit as often as so many of its officers."""
ADDRESS_FACTOR = 6
"""Behind one address there may be a whole office."""


async def check_login_rate(request: Request, parts: Parts) -> None:
    """Of an address."""
    address = request.client.host if request.client else ""
    await _take(parts, "login from", address, parts.settings.logins_per_minute * ADDRESS_FACTOR)


async def check_account_rate(parts: Parts, name_hash: str, device: str) -> None:
    """Of an account: known devices apart, so that strangers use up nobody's own."""
    await _take(parts, "login as", f"{name_hash} {device}", parts.settings.logins_per_minute)


async def check_submission_rate(parts: Parts, caller: Caller, unit: UnitId) -> None:
    most = parts.settings.submissions_per_minute
    await _take(parts, "submissions by", caller.officer.id, most)
    await _take(parts, "submissions of", unit, most * UNIT_FACTOR)


async def check_upload_rate(parts: Parts, caller: Caller) -> None:
    await _take(parts, "uploads by", caller.officer.id, parts.settings.uploads_per_minute)


async def check_costly_rate(parts: AppParts, caller: Asking) -> None:
    await _take(parts, "costly reads by", caller.officer.id, parts.settings.documents_per_minute)


Costly = Depends(check_costly_rate)
"""For what takes seconds to make or reads the whole of something: documents, evidence, searches."""


async def _take(parts: Parts, what: str, whose: str, per_minute: int) -> None:
    if seconds := await parts.limits.take(what, whose, per_minute):
        raise Problem(Trouble.TOO_MANY, headers={"Retry-After": str(seconds)})
