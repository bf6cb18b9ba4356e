"""Everything of an incident that proves what happened, to be verified without Huiying."""

from fastapi import APIRouter, Response

from api import documentation, printing
from api.auth import Asking
from api.limits import Costly
from api.parts import AppParts
from api.problems import Trouble
from api.reading import read_incident
from domain.vocabulary import ReadName
from evidence.gathering import export

router = APIRouter(prefix="/api/v1/incidents/{incident}/evidence", tags=["incidents"])

_ZIP = "application/zip"


@router.get(
    "",
    dependencies=[Costly],
    response_class=Response,
    summary="Export the evidence: a zip with a script that verifies it",
    description="Ledger, release versions, texts, receipts, frozen policy, anchors. Its README says how to verify it.",
    responses=documentation.read(Trouble.NOT_READABLE, Trouble.STORE_AWAY, Trouble.TOO_MANY, missing=True)
    | {200: documentation.file(_ZIP, "PK…")},
)
async def read_evidence(parts: AppParts, caller: Asking, incident: str) -> Response:
    async with parts.sessions() as session:
        found = await read_incident(session, caller, incident, ReadName.EVIDENCE)
    body = await export(parts.sessions, parts.store, found.id)
    title = f"{'演练-' if found.drill else ''}{found.number}-证据包"
    return Response(body, media_type=_ZIP, headers=printing.to_be_kept("evidence.zip", f"{title}.zip"))
