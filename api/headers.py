"""Headers that every answer carries, whatever it answers."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    # Pages are text with a stylesheet and files of their own: no script, no form, nothing from elsewhere.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
_CONSOLE = {
    # With no referrer at all, browsers send their forms with `Origin: null`.
    "Referrer-Policy": "same-origin",
    # Scripts and styles come from files of ours; data: is Tabler's own pictures inside its stylesheet.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}
_HSTS = {"Strict-Transport-Security": "max-age=31536000"}


class StandingHeaders:
    """Adds the headers an answer does not set itself. What the API and the console say is kept in no cache.

    `encrypted`: whether the public reaches all of it over https.
    """

    def __init__(self, app: ASGIApp, *, encrypted: bool) -> None:
        self._app = app
        self._always = _ALWAYS | (_HSTS if encrypted else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                console = scope["path"].startswith("/console")
                for name, value in (self._always | (_CONSOLE if console else {})).items():
                    headers.setdefault(name, value)
                kept = not console and not scope["path"].startswith("/api/")
                headers.setdefault("Cache-Control", "no-cache" if kept else "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)
