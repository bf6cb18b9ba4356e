"""Signing in and out."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api import sessions
from api.console.rendering import page
from api.console.session import PASSWORD, Arriving, check_form, page_after
from api.console.signing_in import sign_in
from api.parts import AppParts, Parts
from db import console_sessions
from domain.access import Means
from runtime.log import get_logger

router = APIRouter(prefix="/console", include_in_schema=False)
log = get_logger(__name__)

Typed = Annotated[str, Form()]


@router.get("/login", response_class=HTMLResponse)
async def show_login(
    request: Request,
    parts: AppParts,
    next: str = "",  # noqa: A002  # As it stands in the address.
    ended: str = "",
) -> Response:
    return _page(request, parts, page_after(next), ended=ended == Means.PROVIDER)


@router.post("/login")
async def log_in(
    request: Request,
    parts: AppParts,
    name: Typed = "",
    password: Typed = "",
    next: str = "",  # noqa: A002  # As above.
) -> Response:
    # Another site's page could otherwise sign its visitor in as somebody else.
    sessions.check_origin(request)
    wanted = page_after(next)
    signed_in = await sign_in(request, parts, name, password)
    if signed_in is None:
        return _page(request, parts, wanted, failed=True)
    response = RedirectResponse(PASSWORD if signed_in.must_change else wanted, status_code=303)
    signed_in.set_cookies(response, parts)
    return response


@router.post("/logout")
async def log_out(request: Request, parts: AppParts, visit: Arriving) -> Response:
    await check_form(request)
    async with parts.sessions.begin() as session:
        await console_sessions.end(session, sessions.secret_of(request))
    log.info("signed_out", officer=visit.caller.officer.id)
    there_too = f"?ended={Means.PROVIDER}" if visit.session.means is Means.PROVIDER else ""
    response = RedirectResponse(f"/console/login{there_too}", status_code=303)
    sessions.drop_cookie(response, parts.settings, sessions.COOKIE)
    return response


def _page(request: Request, parts: Parts, wanted: str, *, failed: bool = False, ended: bool = False) -> HTMLResponse:
    """`ended`: signed out here, and not yet at the provider."""
    title = parts.settings.oidc_title if parts.provider else ""
    shown = {"next": wanted, "failed": failed, "ended": ended, "provider": title}
    return page(request, None, "login.html", 401 if failed else 200, **shown)
