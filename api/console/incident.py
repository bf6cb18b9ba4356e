"""The page of an incident: what it is, where it stands, what happened, and what one may do now."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from api import printing
from api.auth import Caller
from api.console.chart import MarkKind
from api.console.clocks import clocks
from api.console.course import chart_of, lane_names, window_words
from api.console.doing import buttons
from api.console.history import Told, history
from api.console.language import chosen
from api.console.readable import manuscripts, readable
from api.console.rendering import moment_in, page
from api.console.session import Visiting
from api.console.waits import waits
from api.parts import AppParts, Reading, Stale
from api.reading import may_read, show
from api.views.document import Documents
from api.views.timeline import references_of
from db import ledger, texts
from domain.incident import Incident
from domain.offering import offers
from domain.refusals import Language
from domain.standing import tasks
from domain.vocabulary import CommandName, ReadName, ReleaseId

router = APIRouter(prefix="/console/incidents", include_in_schema=False)


@router.get("/{incident}", response_class=HTMLResponse)
async def show_incident(
    request: Request,
    parts: AppParts,
    visit: Visiting,
    stale: Stale,
    session: Reading,
    incident: str,
    done: str = "",
) -> Response:
    """`done` tells which command the visitor has just given."""
    caller, language, now = visit.caller, chosen(request), await parts.clock.now()
    found = await readable(session, caller, incident)
    state = await show(parts, session, caller, found, language, stale=stale)
    documents = await manuscripts(session, caller, found)
    titles = {id_: document.title for id_, document in documents.items()}
    told = await _history(session, caller, found, titles, language)
    mine = tasks(found, caller.actor, caller.roster)
    return page(
        request,
        visit,
        "incident.html",
        200,
        incident=state,
        policy=found.policy,
        done=CommandName(done) if done in list(CommandName) else None,
        now=now,
        clocks={clock.id: clock for clock in clocks(found, now)},
        windows=[(duty, window_words(duty, now, language)) for duty in found.obligations],
        waits=waits(found, caller.county, caller.roster, language, now),
        buttons=buttons(
            offers(found, caller.actor, caller.roster, now), found, caller, [task.command for task in mine], language
        ),
        titles=titles,
        manuscripts=documents,
        may_read_release={r: may_read(caller, found, ReadName.RELEASE, r) for r in found.releases},
        told=told,
        chart=chart_of(found, told or (), now, language),
        lanes=lane_names(language),
        kinds=tuple(MarkKind),
        documents=Documents.of(found, lambda name, release: printing.may_have(caller, found, name, release)).items,
    )


async def _history(
    session: AsyncSession, caller: Caller, incident: Incident, titles: Mapping[ReleaseId, str], language: Language
) -> Sequence[Told] | None:
    """What the ledger tells, the oldest first; None where the visitor may not read it."""
    if not may_read(caller, incident, ReadName.TIMELINE):
        return None
    entries = await ledger.entries(session, incident.id, 0, incident.seq)
    worded = may_read(caller, incident, ReadName.RELEASE)
    references = {reference for entry in entries for reference in references_of(entry)}
    words = await texts.read(session, incident.id, references) if worded else {}
    when = moment_in(language)
    return history(entries, words, titles, caller.county, language, drill=incident.drill, when=when)
