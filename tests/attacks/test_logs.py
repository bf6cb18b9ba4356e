"""What is sent must not write lines of its own into the log, nor leave words there."""

import json
import logging
from urllib.parse import quote

import pytest

from runtime.log import configure_logging
from tests.api.office import Office
from tests.scene import Scene

FORGED = 'x\r\n{"event": "signed_in", "officer": "office.head"}\n\x1b[2J\u2028舆情内容'


async def test_no_request_writes_a_line_of_its_own(
    office: Office, scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    await scene.submit()
    configure_logging("debug")
    headers = await office.headers("office.duty")
    odd = {"User-Agent": "\x1b[31m", "Accept-Language": "zh;q=\x1b[2J"}
    for path in ("/incidents/{}", "/incidents/{}/evidence", "/policies/{}", "/incidents?q={}", "/incidents/{}/seals/x"):
        await office.http.get("/api/v1" + path.replace("{}", quote(FORGED, safe="")), headers=headers | odd)
    await office.http.post(f"/api/v1/incidents/{scene.id}/commands/{quote(FORGED, safe='')}", headers=headers)
    await office.http.post("/console/login", data={"name": FORGED, "password": FORGED}, headers={"Origin": "x"})
    written = capsys.readouterr().err
    assert "舆情内容" not in written
    assert "\x1b" not in written
    assert all(line.startswith("{") for line in written.splitlines() if line.strip()), written[:300]
    lines = [json.loads(line) for line in written.splitlines() if line.strip()]
    assert {line["event"] for line in lines} <= {"request_answered", "sign_in_failed"}
    assert sum(line["event"] == "request_answered" for line in lines) >= 6
    assert not any(line.get("incident") not in (None, scene.id) for line in lines)
    logging.getLogger().handlers.clear()
