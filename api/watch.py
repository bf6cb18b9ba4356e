"""One log event for every request; for what nobody expected, an answer and an event without its words."""

import re
import time

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem, Trouble, render
from runtime.log import get_logger

_GONE = 499
"""In the log alone, where it is customary for whoever went away before the end."""
_ID = re.compile(r"[0-9a-f]{12,32}")
log = get_logger(__name__)


class Watch:
    """Logs method, route, status and milliseconds; never a query, a body or the message of an exception."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 0

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except ClientDisconnect:
            # A page that was left while it sent something: nobody is there to be answered.
            status = _GONE
        except Exception:
            # The last resort. It is logged by its type and place; its message may quote what was sent.
            log.exception("request_failed", **_where(scope))
            if status:
                raise RuntimeError("the answer broke off") from None
            await render(Request(scope), Problem(Trouble.INTERNAL))(scope, receive, send_noted)
        finally:
            elapsed = round((time.perf_counter() - began) * 1000, 1)
            log.info("request_answered", **_where(scope), status=status, ms=elapsed)


def _where(scope: Scope) -> dict[str, str]:
    """Method, route pattern and incident. The path itself could hold anything."""
    route = getattr(scope.get("route"), "path", "")
    found = {"method": scope["method"], "route": route}
    incident = scope.get("path_params", {}).get("incident", "")
    return found | ({"incident": incident} if _ID.fullmatch(incident) else {})
