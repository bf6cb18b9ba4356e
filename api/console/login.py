"""Signing in and out."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api import pages, sessions
from api.console.session import PASSWORD, Arriving, check_form, page_after
from api.console.signing_in import sign_in
from api.language import PageLanguage
from api.parts import AppParts
from db import console_sessions
from domain.refusals import Language
from runtime.log import get_logger

router = APIRouter(prefix="/console", include_in_schema=False)
log = get_logger(__name__)

Typed = Annotated[str, Form()]


@router.get("/login", response_class=HTMLResponse)
async def show_login(language: PageLanguage, next: str = "") -> Response:  # noqa: A002  # As it stands in the address.
    return _page(language, page_after(next))


@router.post("/login")
async def log_in(
    request: Request,
    parts: AppParts,
    language: PageLanguage,
    name: Typed = "",
    password: Typed = "",
    next: str = "",  # noqa: A002  # As above.
) -> Response:
    # Another site's page could otherwise sign its visitor in as somebody else.
    sessions.check_origin(request)
    wanted = page_after(next)
    signed_in = await sign_in(request, parts, name, password)
    if signed_in is None:
        return _page(language, wanted, failed=True)
    response = RedirectResponse(PASSWORD if signed_in.must_change else wanted, status_code=303)
    signed_in.set_cookies(response, parts)
    return response


@router.post("/logout")
async def log_out(request: Request, parts: AppParts, visit: Arriving) -> Response:
    await check_form(request)
    async with parts.sessions.begin() as session:
        await console_sessions.end(session, sessions.secret_of(request))
    log.info("signed_out", officer=visit.caller.officer.id)
    response = RedirectResponse("/console/login", status_code=303)
    sessions.drop_cookie(response, parts.settings, sessions.COOKIE)
    return response


def _page(language: Language, wanted: str, *, failed: bool = False) -> HTMLResponse:
    status = 401 if failed else 200
    return pages.page("console/login.html", status, language=language, next=wanted, failed=failed)
