"""The standard incident: a major one from report to result, each step by the officer whose step it is, over HTTP."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.http import Http

EDITOR, HEAD, REVIEWER = "emergency.editor", "emergency.head", "emergency.reviewer"
OFFICE, PRESS = "office.duty", "press.desk"
OFFICERS = (EDITOR, HEAD, REVIEWER, OFFICE, PRESS)
CHANNELS = ("bulletin", "wechat", "weibo")
RELEASES = ("first", "response", "update", "result")
STEPS = ("unit_approval", "confidentiality", "county_approval")
"""Of each release at this level: three decisions, each by another person."""
_PATIENCE_SECONDS = 60.0
_GLANCE_SECONDS = 0.02
_WORDS = "经核实，现场已设置警戒，无人员伤亡，道路预计今晚恢复通行。后续情况将及时发布。" * 4


def report(detected_at: datetime | None = None) -> dict[str, Any]:
    """A drill on the clock of natural hours: all channels are recording adapters, and no duty falls due."""
    return {
        "title": "测量用事件",
        "summary": "仅用于测量：" + _WORDS[:80],
        "category": "emergency",
        "level": "major",
        "townships": ["liuba"],
        "departments": ["emergency"],
        "detected_at": (detected_at or datetime.now(UTC)).isoformat(),
        "source": "unit_report",
        "drill": True,
        "hour_seconds": 3600,
    }


class Course:
    """One incident on its way. Every method is what an officer does; a refusal ends the benchmark."""

    def __init__(self, http: Http, tokens: Mapping[str, str]) -> None:
        self._http = http
        self._tokens = tokens
        self.id = ""

    async def play(self) -> str:
        """From report to closing; its id."""
        self.id = (await self._post("", EDITOR, report()))["id"]
        await self.command("assess", OFFICE, investigation=True)
        await self.command("confirm_facts", EDITOR, summary=_WORDS[:60])
        statement = ""
        for kind in RELEASES:
            statement = await self._release(kind)
        await self._hold_conference(statement)
        await self._published()
        await self.command("close", OFFICE, summary="办结。")
        return self.id

    async def command(self, name: str, officer: str, **fields: object) -> dict[str, Any]:
        return await self._post(f"/{self.id}/commands/{name}", officer, fields)

    async def _post(self, path: str, officer: str, body: dict[str, Any]) -> dict[str, Any]:
        return (await self._http.post(f"/api/v1/incidents{path}", self._tokens[officer], body)).body

    async def _release(self, kind: str) -> str:
        draft = {"kind": kind, "title": f"情况通报（{kind}）", "body": _WORDS, "channels": list(CHANNELS)}
        drafted = await self._post(f"/{self.id}/releases", EDITOR, draft)
        version = {"release": drafted["release"], "digest": drafted["digest"]}
        await self.command("approve", HEAD, step="unit_approval", **version)
        await self.command("review_confidentiality", REVIEWER, outcome="cleared", **version)
        await self.command("approve", OFFICE, step="county_approval", **version)
        return str(drafted["release"])

    async def _hold_conference(self, statement: str) -> None:
        soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        plan = {"at": soon, "venue": "县政务中心", "attendees": [HEAD], "form": "conference", "statement": statement}
        await self.command("schedule_conference", PRESS, **plan)
        await self.command("approve_conference", OFFICE)
        held = {"held_at": datetime.now(UTC).isoformat(), "attendees": [HEAD], "form": "conference"}
        await self.command("record_conference", PRESS, **held)

    async def _published(self) -> None:
        """Until every release has its receipt from every channel."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                state = (await self._http.get(f"/api/v1/incidents/{self.id}", self._tokens[OFFICE])).body
                if all(len(release["receipts"]) == len(CHANNELS) for release in state["releases"]):
                    return
                await asyncio.sleep(_GLANCE_SECONDS)
