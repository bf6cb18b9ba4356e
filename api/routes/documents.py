"""Documents to be printed, sent on and filed: Word, PDF and Excel."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api import documentation, examples, printing
from api.auth import Asking
from api.limits import Costly
from api.listing import Wanted
from api.parts import AppParts, Reading
from api.printing import Chosen
from api.problems import Problem, Trouble
from api.reading import find_incident, read_incident
from api.views.document import Documents
from documents import catalogue, sheet
from documents.catalogue import Format, Name
from domain.vocabulary import ReadName

router = APIRouter(prefix="/api/v1", tags=["documents"])

_SHOWN = {Format.DOCX: "PK…", Format.PDF: "%PDF-1.7…", Format.XLSX: "PK…"}


@router.get(
    "/incidents/{incident}/documents",
    summary="List the documents that can be had of an incident",
    responses=documentation.read(Trouble.NOT_READABLE, missing=True) | {200: documentation.answers(examples.DOCUMENTS)},
)
async def list_documents(caller: Asking, session: Reading, incident: str) -> Documents:
    found = await read_incident(session, caller, incident, ReadName.INCIDENT)
    return Documents.of(found, lambda name, release: printing.may_have(caller, found, name, release))


def _printing(format_: Format) -> Callable[..., Awaitable[Response]]:
    async def print_document(
        parts: AppParts, caller: Asking, incident: str, name: str, chosen: Annotated[Chosen, Query()]
    ) -> Response:
        if name not in list(Name) or format_ not in catalogue.formats(Name(name)):
            raise Problem(Trouble.NOT_FOUND)
        wanted, now = Name(name), await parts.clock.now()
        async with parts.sessions() as session:
            found = await find_incident(session, caller, incident)
            if not printing.may_have(caller, found, wanted, chosen.release):
                raise Problem(Trouble.NOT_READABLE)
            dossier = await printing.gather(session, caller, found, wanted, now)
        make = printing.composed(wanted, dossier, chosen)
        body = await asyncio.to_thread(printing.made, format_, make, dossier)
        return printing.download(body, format_, wanted, printing.called(wanted, found, chosen))

    return print_document


for _format in Format:
    router.add_api_route(
        f"/incidents/{{incident}}/documents/{{name}}.{_format}",
        _printing(_format),
        methods=["GET"],
        dependencies=[Costly],
        response_class=Response,
        name=f"print_{_format}",
        summary=f"Print a document as {_format.upper()}",
        description="`release` is needed for what is about one release, `conference` for what is about a conference.",
        responses=documentation.read(
            Trouble.NOT_READABLE, Trouble.NOT_FOUND, Trouble.INVALID, Trouble.TOO_MANY, missing=True
        )
        | {200: documentation.file(printing.MEDIA_TYPES[_format], _SHOWN[_format])},
    )


@router.get(
    "/documents/ledger.xlsx",
    dependencies=[Costly],
    response_class=Response,
    summary="Print the county's ledger: one line for each incident",
    responses=documentation.read(Trouble.INVALID, Trouble.TOO_MANY)
    | {200: documentation.file(printing.MEDIA_TYPES[Format.XLSX], _SHOWN[Format.XLSX])},
)
async def print_county_ledger(parts: AppParts, caller: Asking, wanted: Annotated[Wanted, Query()]) -> Response:
    now = await parts.clock.now()
    async with parts.sessions() as session:
        made = await printing.county_sheet(session, caller, wanted, now)
    body = await asyncio.to_thread(sheet.render, made, now)
    return printing.download(body, Format.XLSX, "ledger", made.title)
