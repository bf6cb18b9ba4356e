"""Other incidents that somebody may know of: what may be the same matter, and what one may be merged into."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import Caller
from api.console.forms import Option
from api.console.language import translations
from db import reads
from db.reads import Filters, Listed
from domain.incident import Incident
from domain.labels import label
from domain.refusals import Language
from domain.resemblance import resembling
from domain.standing import sight_of
from domain.vocabulary import IncidentId

_RECENT = timedelta(hours=72)
_LOOKED_THROUGH = 500
_SHOWN = 5
_TO_CHOOSE_FROM = 30


async def alike(session: AsyncSession, caller: Caller, title: str, now: datetime) -> list[Listed]:
    """Those reported in the last 72 hours whose titles say much the same, the most alike first."""
    found = await reads.list_incidents(session, Filters(), None, _LOOKED_THROUGH, sight_of(caller.actor), now)
    recent: dict[IncidentId, Listed] = {one.id: one for one in found if now - one.submitted_at <= _RECENT}
    like = resembling(title, {id_: one.title for id_, one in recent.items() if one.title})
    return [recent[id_] for id_ in like[:_SHOWN]]


async def survivors(
    session: AsyncSession, caller: Caller, incident: Incident, looked_for: str, now: datetime, language: Language
) -> tuple[Option, ...]:
    """Open incidents, the newest first, that this one might go on within."""
    filters = Filters(drill=incident.drill, q=looked_for.replace("\x00", "") or None)
    found = await reads.list_incidents(session, filters, None, _TO_CHOOSE_FROM, sight_of(caller.actor), now)
    say = translations(language).gettext
    opens, comma, closes = say("（"), say("，"), say("）")
    return tuple(
        Option(
            one.id,
            f"{one.number} {one.title}{opens}{label(one.level, language)}{comma}{label(one.phase, language)}{closes}",
        )
        for one in found
        if one.id != incident.id and not one.phase.ended
    )
