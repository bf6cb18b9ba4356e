"""Whether this process lives, and whether it can work."""

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from api.parts import AppParts, Stale
from db.readiness import OUTAGES, is_migrated, is_outage
from db.session import Sessions

router = APIRouter(tags=["operations"])


class Health(BaseModel):
    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """Ready means that the database answers and has every table this version needs.

    Temporal is told for information: reads do not need it, and writes may be sent again.
    """

    ready: bool
    database: Literal["ready", "migrations_missing", "away"]
    temporal: Literal["up", "down"]


@router.get("/healthz")
async def read_health() -> Health:
    """The process answers."""
    return Health()


@router.get("/readyz", responses={503: {"model": Readiness, "description": "Not ready"}})
async def read_readiness(parts: AppParts, stale: Stale, response: Response) -> Readiness:
    """The process can work."""
    database = await _database(parts.sessions)
    ready = database == "ready"
    response.status_code = 200 if ready else 503
    return Readiness(ready=ready, database=database, temporal="down" if stale else "up")


async def _database(sessions: Sessions) -> Literal["ready", "migrations_missing", "away"]:
    try:
        async with sessions() as session:
            return "ready" if await is_migrated(session) else "migrations_missing"
    except OUTAGES as error:
        if not is_outage(error):
            raise
        return "away"
