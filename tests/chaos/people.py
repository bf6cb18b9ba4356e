"""Officers who work on many incidents at once over HTTP, and ask again, under the same key, what nobody answered."""

import asyncio
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2

BREATH = 0.5
OFFICE = "office.duty"
SLOTS = 8
"""How many requests are on their way at once. Whoever waits for a slot stands in a line, so that all incidents move on
side by side.
"""
COMES_TO_ITSELF = (429, 500, 502, 503, 504)
REMINDED_AT = (timedelta(hours=3), timedelta(hours=4))
"""At these ages of an incident somebody is reminded of its first release."""


class NotAnswered(Exception):
    """Nobody answered for as long as a person waits."""


class Refused(Exception):
    """An answer that no life below should get."""


@dataclass(frozen=True)
class Accepted:
    """A command that somebody was told of that it is done."""

    incident: str
    name: str
    key: str


@dataclass
class People:
    """`api` is where to ask, `tokens` say who may. Whoever is not answered for `patience` seconds gives up."""

    api: str
    tokens: Mapping[str, str]
    http: httpx2.AsyncClient
    patience: float
    accepted: list[Accepted] = field(default_factory=list)
    asked_again: int = 0
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(SLOTS))

    async def submit(self, officer: str, **body: object) -> str:
        found, key = await self._ask(officer, "/incidents", body)
        self.accepted.append(Accepted(found["id"], "submit", key))
        return str(found["id"])

    async def say(self, officer: str, incident: str, command: str, **body: object) -> None:
        _, key = await self._ask(officer, f"/incidents/{incident}/commands/{command}", body)
        self.accepted.append(Accepted(incident, command, key))

    async def draft(self, officer: str, incident: str, **body: object) -> dict[str, Any]:
        found, key = await self._ask(officer, f"/incidents/{incident}/releases", body)
        self.accepted.append(Accepted(incident, "draft_release", key))
        return {"release": found["release"], "digest": found["digest"]}

    async def state(self, incident: str) -> dict[str, Any]:
        found, _ = await self._ask(OFFICE, f"/incidents/{incident}", None)
        return found

    async def _ask(self, officer: str, path: str, body: Mapping[str, object] | None) -> tuple[dict[str, Any], str]:
        key = uuid4().hex
        headers = {"Authorization": f"Bearer {self.tokens[officer]}", "Idempotency-Key": key}
        until = asyncio.get_running_loop().time() + self.patience
        while asyncio.get_running_loop().time() < until:
            async with self._slots:
                answer = await self._once("GET" if body is None else "POST", path, body, headers)
            if answer is not None:
                return answer, key
            self.asked_again += 1
            await asyncio.sleep(BREATH)
        raise NotAnswered(path)

    async def _once(
        self, method: str, path: str, body: Mapping[str, object] | None, headers: Mapping[str, str]
    ) -> dict[str, Any] | None:
        """The answer; None when there is none that settles it, and the same is to be asked again. Raises Refused."""
        try:
            answer = await self.http.request(
                method, f"{self.api}/api/v1{path}", json=body, headers=dict(headers), timeout=20
            )
        except (httpx2.TransportError, OSError):
            return None
        if answer.status_code in COMES_TO_ITSELF:
            return None
        if not answer.is_success:
            raise Refused(f"{path}: {answer.status_code} {answer.text[:500]}")
        found: dict[str, Any] = answer.json()
        return found


@dataclass(frozen=True)
class Plan:
    """How far an incident is taken, by which unit, and in how long somebody is to be reminded of its first release."""

    number: int
    unit: str
    steps: int
    channels: tuple[str, ...]
    age: timedelta
    """Of the incident when it is reported."""


def plans(
    seed: random.Random, incidents: int, units: Sequence[str], channels: Sequence[str], within: timedelta
) -> Iterator[Plan]:
    """Lives of all lengths, the same for the same seed; reminders fall due `within` that time."""
    for number in range(incidents):
        yield Plan(
            number=number,
            unit=seed.choice(units),
            steps=seed.choice((1, 2, 3, 4, 5, WHOLE, WHOLE, WHOLE)),
            channels=("bulletin", *seed.sample(channels, seed.randint(0, len(channels)))),
            age=seed.choice(REMINDED_AT) - seed.uniform(0.1, 1) * within,
        )


WHOLE = 9


@dataclass
class Life:
    """One incident, from its report to where its plan ends."""

    people: People
    plan: Plan
    incident: str = ""
    about: dict[str, Any] = field(default_factory=dict)
    """The release in hand."""
    released: list[str] = field(default_factory=list)
    """Digests of what every step was decided on."""

    async def run(self) -> None:
        await self._submit()
        steps = (
            self._note,
            self._draft_first,
            self._approve,
            self._clear,
            self._assess,
            self._draft_response,
            self._approve,
            self._clear,
            self._close,
        )
        for step in steps[: self.plan.steps]:
            await step()

    async def _submit(self) -> None:
        self.incident = await self.people.submit(
            self._post("editor"),
            title=f"集镇路段积水{self.plan.number}",
            summary="网民发布现场视频，无人员伤亡。",
            category="livelihood",
            level="general",
            townships=[self.plan.unit],
            detected_at=(datetime.now(UTC) - self.plan.age).isoformat(),
            source="social",
        )

    async def _note(self) -> None:
        await self._say("editor", "note", text="已派人到现场核查。")

    async def _draft_first(self) -> None:
        await self._draft("first", "情况通报", "现场已设置警戒，抢修人员正在作业。")

    async def _draft_response(self) -> None:
        await self._draft("response", "处置结果", "积水已排除，道路恢复通行。")

    async def _approve(self) -> None:
        await self._say("head", "approve", step="unit_approval", **self.about)

    async def _clear(self) -> None:
        await self._say("reviewer", "review_confidentiality", outcome="cleared", **self.about)
        self.released.append(self.about["digest"])

    async def _assess(self) -> None:
        await self.people.say(OFFICE, self.incident, "assess", respond=True)
        await self._say("editor", "confirm_facts", summary="经核实，无人员伤亡。")

    async def _close(self) -> None:
        """Nothing may be under way any more."""
        until = asyncio.get_running_loop().time() + self.people.patience
        while not await self.is_public():
            if asyncio.get_running_loop().time() > until:
                raise NotAnswered(f"{self.incident} is not public")
            await asyncio.sleep(BREATH)
        await self.people.say(OFFICE, self.incident, "close", summary="办结。")

    async def is_public(self) -> bool:
        """Whether everything that was cleared has arrived everywhere, as the county office sees it."""
        shown = (await self.people.state(self.incident))["releases"]
        return all(
            {receipt["channel"] for receipt in release["receipts"]} == set(self.plan.channels)
            for release in shown
            if release["digest"] in self.released
        )

    async def _say(self, post: str, command: str, **body: object) -> None:
        await self.people.say(self._post(post), self.incident, command, **body)

    async def _draft(self, kind: str, what: str, body: str) -> None:
        # Weibo takes no words twice.
        title = f"关于集镇路段积水{self.plan.number}的{what}"
        draft = {"kind": kind, "title": title, "body": f"{title}。{body}", "channels": list(self.plan.channels)}
        self.about = await self.people.draft(self._post("editor"), self.incident, **draft)

    def _post(self, post: str) -> str:
        return f"{self.plan.unit}.{post}"
