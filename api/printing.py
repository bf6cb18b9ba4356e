"""Prints documents: gathers what one is made of, then makes the file in a thread, for that keeps a processor busy."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated
from urllib.parse import quote

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import Caller
from api.faults import NEEDED
from api.listing import Wanted
from api.problems import Fault, Problem, Refused, Trouble
from api.reading import find_release, may_read
from api.views.incident import references_of
from api.views.timeline import references_of as references_in
from db import chain, ledger, reads, texts
from documents import catalogue, county_ledger, manuscript, pdf, sheet, word
from documents.catalogue import Format, Name
from documents.dossier import Dossier, Recorded
from documents.ledger import ledger_sheet
from documents.paper import Paper
from documents.sheet import Cell, Sheet
from domain import naming
from domain.incident import Incident
from domain.proceedings import Conference
from domain.refusals import Code, Language, RefusalRecord
from domain.releases import Release, Version
from domain.standing import may_read_words, sight_of
from domain.vocabulary import Digest, ReadName, ReleaseId

MEDIA_TYPES = {
    Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Format.PDF: "application/pdf",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
LONGEST_LIST = 5000
_AT_ONCE = 200


class Chosen(BaseModel):
    """Which release (and which of its versions; the current one when left out), or which conference."""

    model_config = ConfigDict(extra="forbid")

    release: Annotated[str | None, Field(max_length=64)] = None
    version: Annotated[int | None, Field(ge=1, le=100_000)] = None
    conference: Annotated[str | None, Field(max_length=64)] = None


def may_have(caller: Caller, incident: Incident, name: Name, release: str | None = None) -> bool:
    """Whether the caller may read all that the document tells."""
    return may_read_words(caller.actor, incident, caller.roster) and all(
        may_read(caller, incident, read, release if read is ReadName.RELEASE else None)
        for read in catalogue.READS[name]
    )


async def gather(session: AsyncSession, caller: Caller, incident: Incident, name: Name, now: datetime) -> Dossier:
    """What the document is made from; no word of a release unless the document tells it."""
    links = await ledger.links(session, incident.id)
    entries = tuple(Recorded(chain.read(link), link.hash) for link in links)
    references, digests = references_of(incident), set[Digest]()
    if ReadName.RELEASE in catalogue.READS[name]:
        references |= {reference for recorded in entries for reference in references_in(recorded.entry)}
        digests = {version.digest for release in incident.releases.values() for version in release.versions}
    words = await texts.read(session, incident.id, references | digests)
    stored = {digest: texts.read_document(words.get(digest)) for digest in digests}
    return Dossier(
        incident=incident,
        entries=entries,
        words={reference: text for reference, text in words.items() if reference in references},
        manuscripts={digest: document for digest, document in stored.items() if document},
        county=caller.county,
        roster=caller.roster,
        printed_by=caller.officer.name,
        now=now,
    )


def composed(name: Name, dossier: Dossier, chosen: Chosen) -> Callable[[], Paper]:
    """How to make the document. Raises a Problem, or a refusal, where what it is about is not named or not there."""
    if make := catalogue.OF_RELEASE.get(name):
        release, version = _version(dossier.incident, chosen)
        return partial(make, dossier, release, version)
    if about := catalogue.OF_CONFERENCE.get(name):
        return partial(about, dossier, _conference(dossier.incident, chosen))
    return partial(catalogue.OF_INCIDENT[name], dossier)


def _version(incident: Incident, chosen: Chosen) -> tuple[Release, Version]:
    if chosen.release is None:
        raise Problem(Trouble.INVALID, [Fault("release", NEEDED)])
    release = find_release(incident, chosen.release)
    number = chosen.version or release.version.number
    version = next((version for version in release.versions if version.number == number), None)
    if version is None:
        raise Problem(Trouble.NOT_FOUND)
    return release, version


def _conference(incident: Incident, chosen: Chosen) -> Conference:
    if chosen.conference is None:
        raise Problem(Trouble.INVALID, [Fault("conference", NEEDED)])
    found = next((conference for conference in incident.conferences if conference.id == chosen.conference), None)
    if found is None:
        raise Refused(RefusalRecord(code=Code.NO_CONFERENCE), {})
    return found


def made(format_: Format, make: Callable[[], Paper], dossier: Dossier) -> bytes:
    """The file's bytes; to be called in a thread."""
    match format_:
        case Format.DOCX:
            return word.render(make())
        case Format.PDF:
            return pdf.render(make())
        case Format.XLSX:
            return sheet.render(ledger_sheet(dossier), dossier.now)


def called(name: Name, incident: Incident, chosen: Chosen) -> str:
    """A file's name, without its ending."""
    release = incident.releases.get(ReleaseId(chosen.release or ""))
    version = next((v for v in release.versions if v.number == chosen.version), release.version) if release else None
    about = manuscript.name(release, version).replace(" ", "") if release and version else ""
    drill = "演练" if incident.drill else ""
    held = next((c for c in incident.conferences if c.id == chosen.conference), None)
    which = naming.called("conference", held.id, Language.ZH, held.form) if held else ""
    return "-".join(filter(None, (drill, incident.number, catalogue.TITLES[name], about, which)))


def download(body: bytes, format_: Format, plain: str, title: str) -> Response:
    """The file to be kept."""
    headers = to_be_kept(f"{plain}.{format_}", f"{title}.{format_}")
    return Response(body, media_type=MEDIA_TYPES[format_], headers=headers)


def to_be_kept(plain: str, title: str) -> dict[str, str]:
    """Has a browser keep the answer as a file, under its Chinese name where it knows how (RFC 6266)."""
    return {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(title, safe='')}"}


async def county_sheet(session: AsyncSession, caller: Caller, wanted: Wanted, now: datetime) -> Sheet:
    """The sheet of all incidents that the caller's list would show, the newest first, up to LONGEST_LIST."""
    filters, seen = reads.Filters(**wanted.model_dump()), sight_of(caller.actor)
    lines: list[tuple[Cell, ...]] = []
    after: reads.Place | None = None
    while len(lines) <= LONGEST_LIST:
        found = await reads.list_incidents(session, filters, after, _AT_ONCE, seen, now)
        states = await reads.states(session, [line.id for line in found])
        titled = ((states[line.id], line.title) for line in found if line.id in states)
        lines += [county_ledger.line(state, title, caller.county, now) for state, title in titled]
        if len(found) < _AT_ONCE:
            break
        after = found[-1].place
    cut = len(lines) > LONGEST_LIST
    return county_ledger.county_sheet(lines[:LONGEST_LIST], caller.county, now, cut=cut)
