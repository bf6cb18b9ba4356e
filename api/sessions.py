"""Sessions of the console as requests carry them: the cookie, its CSRF token, and where a request comes from."""

import hashlib
import hmac
from datetime import timedelta
from urllib.parse import urlsplit

from fastapi import Request, Response

from api.parts import Parts
from api.problems import Problem, Trouble
from db import console_sessions
from db.console_sessions import ConsoleSession
from runtime.settings import Settings

COOKIE = "huiying_session"
CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK_NAMES = ("127.0.0.1", "localhost")


def secret_of(request: Request) -> str:
    return request.cookies.get(COOKIE, "")


async def session_of(request: Request, parts: Parts) -> ConsoleSession | None:
    """The session whose cookie came with the request. Looking at something keeps it from running out."""
    return await session_with(parts, secret_of(request))


async def session_with(parts: Parts, secret: str) -> ConsoleSession | None:
    """The session with this secret."""
    if not secret:
        return None
    now, idle = await parts.clock.now(), timedelta(minutes=parts.settings.session_idle_minutes)
    async with parts.sessions() as session:
        found = await console_sessions.find(session, secret, now, idle)
    if found is not None and found.seen_at <= now - console_sessions.PRECISION:
        async with parts.sessions.begin() as session:
            await console_sessions.touch(session, secret, now)
    return found


def csrf_token(secret: str) -> str:
    """Only who knows the cookie's secret can say it, and it does not give the secret away."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()


def check_csrf(request: Request, presented: str) -> None:
    """Raises a 403 for what another site's page, or no page of ours, has sent."""
    check_origin(request)
    if not fits(request, presented):
        raise Problem(Trouble.FORGED)


def fits(request: Request, presented: str) -> bool:
    """Whether it is the token of the request's own session."""
    expected = csrf_token(secret_of(request))
    return hmac.compare_digest(expected.encode(), presented.encode("utf-8", "replace"))


def check_origin(request: Request) -> None:
    """Browsers say on every change which site's page asks for it. Raises a 403 when it is not ours."""
    settings: Settings = request.app.state.parts.settings
    if request.headers.get("origin", "") not in _origins(settings.public_url):
        raise Problem(Trouble.FORGED)


def _origins(public_url: str) -> frozenset[str]:
    """Of the console's pages. A browser on the same machine may call it by either name."""
    at = urlsplit(public_url)
    port = f":{at.port}" if at.port else ""
    hosts = _LOOPBACK_NAMES if at.hostname in _LOOPBACK_NAMES else (at.hostname,)
    return frozenset(f"{at.scheme}://{host}{port}" for host in hosts)


def set_cookie(
    response: Response, settings: Settings, name: str, secret: str, *, lasts: timedelta | None = None
) -> None:
    """A cookie that no script reads, and no other site's form sends; kept until the browser closes, or so long."""
    response.set_cookie(
        name,
        secret,
        max_age=int(lasts.total_seconds()) if lasts else None,
        path="/",
        httponly=True,
        samesite="lax",
        secure=settings.public_url.startswith("https://"),
    )


def drop_cookie(response: Response, settings: Settings, name: str) -> None:
    secure = settings.public_url.startswith("https://")
    response.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=secure)
