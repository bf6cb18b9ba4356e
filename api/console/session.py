"""Who looks at a page of the console. Whoever has not signed in is sent to do so, and comes back afterwards."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse

from api import sessions
from api.auth import Caller, known
from api.parts import AppParts
from db.console_sessions import ConsoleSession

HOME = "/console"
LOGIN = "/console/login"
PASSWORD = "/console/password"  # noqa: S105  # A path.
_OURS = re.compile(r"/console(?:[/?][!-~]*)?")
_LEADS_ROUND = re.compile(r"/console/(?:login|logout|oidc)(?:[/?]|$)")


@dataclass(frozen=True)
class Visit:
    """A signed-in person. `csrf` goes into every form of the page, as the field `csrf`."""

    caller: Caller
    csrf: str
    session: ConsoleSession


class SentElsewhere(Exception):
    """Something else comes first: signing in, or choosing a password. Caught by the app, which redirects."""

    def __init__(self, first: str) -> None:
        super().__init__(first)
        self.first = first


class Interrupted(Exception):
    """A form came from nobody signed in (`visit` None), or from a page of an earlier session. Caught by the app,
    which gives its words back.
    """

    def __init__(self, visit: Visit | None) -> None:
        super().__init__()
        self.visit = visit


def page_after(wanted: str) -> str:
    """`wanted`, if it is a page of the console that somebody may be sent to; else the console's first page."""
    return HOME if _LEADS_ROUND.match(wanted) else page_of_ours(wanted)


def page_of_ours(wanted: str) -> str:
    """`wanted`, if it is a page of the console, the login among them; else the console's first page."""
    fits = len(wanted) <= 2000 and _OURS.fullmatch(wanted) and "\\" not in wanted  # noqa: PLR2004  # More than any page's address.
    return wanted if fits else HOME


def redirect_first(request: Request, sent: SentElsewhere) -> Response:
    """To what comes first, with the way back. A part of a page that htmx asks for takes the whole page along."""
    wanted = page_after(f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path)
    back = {"next": wanted} if request.method in sessions.SAFE_METHODS and wanted != HOME else {}
    address = f"{sent.first}?{urlencode(back)}" if back else sent.first
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": sent.first})
    return RedirectResponse(address, status_code=303)


async def _arriving(request: Request, parts: AppParts) -> Visit:
    session = await sessions.session_of(request, parts)
    if session is None:
        raise SentElsewhere(LOGIN)
    caller = await known(parts, session.officer, session.means)
    return Visit(caller, sessions.csrf_token(sessions.secret_of(request)), session)


Arriving = Annotated[Visit, Depends(_arriving)]
"""Signed in, perhaps with a password that was given to them. For the page where they change it."""


async def _visiting(visit: Arriving) -> Visit:
    if visit.session.must_change:
        raise SentElsewhere(PASSWORD)
    return visit


Visiting = Annotated[Visit, Depends(_visiting)]


async def check_form(request: Request) -> None:
    """The request comes from a form (field `csrf`) or script (header) of our own page. Raises a 403."""
    sessions.check_csrf(request, await _presented(request))


async def _presented(request: Request) -> str:
    presented = request.headers.get(sessions.CSRF_HEADER) or (await request.form()).get("csrf")
    return presented if isinstance(presented, str) else ""


async def _posting(request: Request, parts: AppParts) -> AsyncIterator[Visit]:
    # What another site's page sends is looked at no further.
    sessions.check_origin(request)
    try:
        visit = await _visiting(await _arriving(request, parts))
    except SentElsewhere as sent:
        if sent.first == LOGIN:
            raise Interrupted(None) from None
        raise
    if not sessions.fits(request, await _presented(request)):
        raise Interrupted(visit)
    yield visit
    # What came with the form lies on this machine's disk until then.
    await request.close()


Posting = Annotated[Visit, Depends(_posting)]
"""Signed in, and meaning it. For everything that changes something."""
