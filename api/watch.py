"""One log event for every request; for what nobody expected, an answer and an event without its words."""

import re
import time

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from api.problems import Problem, Trouble, render
from runtime.log import get_logger
from runtime.metrics import REQUESTS

_GONE = 499
"""In the log alone, where it is customary for whoever went away before the end."""
_ID = re.compile(r"[0-9a-f]{12,32}")
_OF_INCIDENT = re.compile(r".*/incidents/([0-9a-f]{12,32})(?:/|$)")
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
        # Every line logged for the request names its incident, whoever logs it.
        named = _OF_INCIDENT.match(scope["path"])

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            with bound_contextvars(**({"incident": named[1]} if named else {})):
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
            elapsed, where = time.perf_counter() - began, _where(scope)
            method = where["method"] if where["route"] else ""
            REQUESTS.labels(method, where["route"], f"{status // 100}xx").observe(elapsed)
            log.info("request_answered", **where, status=status, ms=round(elapsed * 1000, 1))


def _where(scope: Scope) -> dict[str, str]:
    """Method, route pattern and incident. The path itself could hold anything."""
    route = getattr(scope.get("route"), "path", "")
    found = {"method": scope["method"], "route": route}
    incident = scope.get("path_params", {}).get("incident", "")
    return found | ({"incident": incident} if _ID.fullmatch(incident) else {})
