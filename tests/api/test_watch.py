"""Whatever is logged while a request about an incident is answered names the incident."""

import httpx2
import pytest
import structlog
from starlette.types import Receive, Scope, Send
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from api.watch import Watch
from runtime.log import get_logger

INCIDENT = "ab12cd34ef56ab12cd34ef56ab12cd34"


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    get_logger("tests").info("within")
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.mark.parametrize(
    ("path", "incident"),
    [
        (f"/api/v1/incidents/{INCIDENT}", INCIDENT),
        (f"/console/incidents/{INCIDENT}/do/note", INCIDENT),
        ("/api/v1/incidents", None),
        ("/api/v1/incidents/舆情内容", None),
    ],
)
async def test_lines_within_a_request_name_its_incident(path: str, incident: str | None) -> None:
    transport = httpx2.ASGITransport(app=Watch(answer))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        with capture_logs(processors=[merge_contextvars]) as lines:
            await http.get(path)
    [within] = [line for line in lines if line["event"] == "within"]
    assert within.get("incident") == incident
    assert structlog.contextvars.get_contextvars() == {}
