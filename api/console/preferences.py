"""The reader's language. It needs no login: the page to sign in on speaks both as well."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api import sessions
from api.console.language import COOKIE
from api.console.session import page_of_ours
from api.parts import AppParts
from domain.refusals import Language

router = APIRouter(prefix="/console", include_in_schema=False)

_A_YEAR = 365 * 24 * 3600


@router.post("/preferences")
async def save_preferences(
    request: Request, parts: AppParts, language: Annotated[Language, Form()], back: Annotated[str, Form()] = ""
) -> Response:
    """Keep the language in a cookie and go back to the page."""
    sessions.check_origin(request)
    response = RedirectResponse(page_of_ours(back), status_code=303)
    secure = parts.settings.public_url.startswith("https://")
    response.set_cookie(COOKIE, language, max_age=_A_YEAR, path="/", httponly=True, samesite="lax", secure=secure)
    return response
