"""Plays a drill: each scene in its time, by the officer whose step it is, through the public API only.

Every scene may be played again: requests carry the key of their scene, and steps are taken only while
the incident's state says that they are open. So a run that broke off goes on where it stopped.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from domain.releases import Document
from domain.vocabulary import CommandName, IncidentId, ReleaseId, ReviewOutcome, StepKind, StepState
from runtime.drill import script as s
from runtime.drill.board import Board
from runtime.drill.client import PATIENCE_SECONDS, Answer, Client, DrillError
from runtime.drill.views import Incident, Release, Step
from runtime.drill.voice import Voice
from runtime.drill.watch import Watch

_BETWEEN_DECISIONS = 0.2
"""Hours between two decisions of one scene, so that they can be read one by one."""
_GLANCE_SECONDS = 0.5
_REPORTS = "/api/v1/incidents"


class Player:
    """One run. `capture` is called at the moment that makes the picture."""

    def __init__(
        self, script: s.Script, client: Client, watch: Watch, board: Board, voice: Voice, capture: Callable[[], None]
    ) -> None:
        self._script = script
        self._client = client
        self._watch = watch
        self._board = board
        self._run = board.run
        self._voice = voice
        self._capture = capture
        self._releases: dict[str, str] = {}

    async def play(self) -> Incident:
        """The incident as it stands after the last scene. Raises DrillError."""
        began = self._board.hours
        for number, scene in enumerate(self._script.scenes, start=1):
            await self._reach(scene.at)
            # What lies behind when a run is resumed has been told before.
            if scene.at >= began - 1:
                self._voice.say(scene.say)
            if scene.picture:
                self._capture()
            await self._perform(number, scene)
        return await self._watch.look()

    async def _reach(self, at: float) -> None:
        """Let the drill's clock come to `at`; the board is true then, and kept so meanwhile."""
        while True:
            left = (self._run.instant(at) - self._board.now()).total_seconds()
            if left > 0:
                await asyncio.sleep(min(left, _GLANCE_SECONDS))
            if self._watch.begun:
                await self._watch.look()
            if left <= _GLANCE_SECONDS:
                return

    async def _perform(self, number: int, scene: s.AnyScene) -> None:
        match scene:
            case s.Report():
                await self._report(number)
            case s.Act():
                await self._act(number, scene)
            case s.Write():
                await self._write(number, scene)
            case s.Decide():
                await self._decide(number, scene)
            case s.Lesson():
                await self._try_step(number, scene)
            case s.Refused():
                await self._try_command(number, scene)
            case s.Await():
                await self._await(scene)

    # -- scenes -----------------------------------------------------------------------------------

    async def _report(self, number: int) -> None:
        clock = {"detected_at": self._run.detected_at.isoformat(), "hour_seconds": self._run.hour_seconds}
        body = {**self._script.incident, **clock, "drill": True}
        key = self._run.step_key(number)
        answer = accepted(await self._client.send("POST", _REPORTS, self._script.reporter, key, body))
        self._watch.begin(str(answer.body["id"]))

    async def _act(self, number: int, scene: s.Act) -> None:
        body = dict(scene.body)
        body |= {field: self._run.instant(hours).isoformat() for field, hours in scene.instants.items()}
        body |= {field: [self._find(part) for part in parts] for field, parts in scene.officers.items()}
        officer = self._find(scene.by)
        answer = await self._command(number, scene.command, officer, body)
        if answer.refused and answer.code in scene.tolerates:
            self._refused(officer, answer)
        else:
            accepted(answer)

    async def _write(self, number: int, scene: s.Write) -> None:
        """The same request again is the same version; one that has been revised since stays as it is."""
        known = self._release(scene.release) if scene.release in self._releases else None
        if known is not None and known.version >= scene.version:
            return
        officer = known.author if known and scene.by == "author" else self._find(scene.by)
        path, text = f"{self._watch.path}/releases", self._script.releases[scene.release]
        words = text.versions[scene.version - 1]
        body: dict[str, Any] = {"kind": text.kind, "title": words.title, "body": words.body, "channels": text.channels}
        if text.corrects is not None:
            body["corrects"] = self._releases[text.corrects]
        method, path = ("POST", path) if known is None else ("PUT", f"{path}/{known.release}")
        answer = accepted(await self._client.send(method, path, officer, self._run.step_key(number), body))
        release = self._releases[scene.release] = str(answer.body["release"])
        self._board.titles[release] = words.title

    async def _decide(self, number: int, scene: s.Decide) -> None:
        release = self._release(scene.release)
        states = (StepState.OPEN,) if scene.outcome == "undecided" else (StepState.OPEN, StepState.UNDECIDED)
        while release.version == scene.version:
            asked = [step for step in release.steps if step.step in scene.steps]
            step = next((step for step in asked if step.state in states), None)
            if step is None:
                break
            await self._take(number, scene, release, step)
            if scene.outcome != "pass":
                return
            await self._reach(self._board.hours + _BETWEEN_DECISIONS)
            release = self._release(scene.release)
        if scene.outcome == "pass" and release.waits_for(scene.steps):
            raise DrillError(f"{scene.release}: {', '.join(scene.steps)} cannot be decided yet")

    async def _take(self, number: int, scene: s.Decide, release: Release, step: Step) -> None:
        """One decision by the first of those who hold the step."""
        body: dict[str, Any] = {"release": release.release, "digest": release.digest}
        if scene.outcome == "return":
            name, more = CommandName.RETURN_RELEASE, {"step": step.step, "reason": scene.words}
        elif step.step is StepKind.CONFIDENTIALITY:
            undecided = scene.outcome == "undecided"
            outcome = ReviewOutcome.UNDECIDED if undecided else ReviewOutcome.CLEARED
            name, more = CommandName.REVIEW_CONFIDENTIALITY, {"outcome": outcome, "comment": scene.words}
        else:
            name, more = CommandName.APPROVE, {"step": step.step, "comment": scene.words}
        body |= {field: value for field, value in more.items() if value is not None}
        part = f"{step.step}.{step.unit}"
        accepted(await self._command(number, name, self._holder(step), body, part))

    async def _try_step(self, number: int, scene: s.Lesson) -> None:
        release = self._release(scene.release)
        step = next((step for step in release.steps if step.step is scene.step), None)
        if step is None or not step.open:
            # The run was resumed after this step had been decided: the lesson was given before.
            return
        parts = {"author": release.author, "holder": step.holders[0] if step.holders else ""}
        officer = parts.get(scene.by) or self._find(scene.by)
        body: dict[str, Any] = {"release": release.release, "digest": self._digest(scene.release, scene.version)}
        if scene.step is StepKind.CONFIDENTIALITY:
            name, more = CommandName.REVIEW_CONFIDENTIALITY, {"outcome": ReviewOutcome.CLEARED.value}
        else:
            name, more = CommandName.APPROVE, {"step": scene.step.value}
        self._learn(officer, await self._command(number, name, officer, body | more), scene.expect)

    async def _try_command(self, number: int, scene: s.Refused) -> None:
        officer = self._find(scene.by)
        self._learn(officer, await self._command(number, scene.command, officer, scene.body), scene.expect)

    async def _await(self, scene: s.Await) -> None:
        began = time.monotonic()
        while not self._release(scene.release).public:
            if time.monotonic() - began > PATIENCE_SECONDS:
                raise DrillError(f"{scene.release} was not published within {PATIENCE_SECONDS:.0f} s")
            await asyncio.sleep(_GLANCE_SECONDS / 2)
            await self._watch.look()

    # -- who, what, and what came of it -----------------------------------------------------------

    async def _command(
        self, number: int, name: CommandName, officer: str, body: Mapping[str, Any], part: str = ""
    ) -> Answer:
        path = f"{self._watch.path}/commands/{name}"
        return await self._client.send("POST", path, officer, self._run.step_key(number, part), body)

    @property
    def _incident(self) -> Incident:
        """The incident as it was seen last."""
        if self._board.incident is None:
            raise DrillError("the incident is not reported yet")
        return self._board.incident

    def _find(self, part: str) -> str:
        """The officer a `role@unit` stands for now."""
        role, _, unit = part.partition("@")
        return self._board.cast.with_role(role, self._incident.lead if unit == "lead" else unit)

    def _release(self, name: str) -> Release:
        release = self._incident.release(self._releases[name])
        if release is None:
            raise DrillError(f"the release {name!r} is not there")
        return release

    def _holder(self, step: Step) -> str:
        if not step.holders:
            raise DrillError(f"nobody holds {step.step} of {step.unit}")
        return step.holders[0]

    def _digest(self, name: str, version: int) -> str:
        """The digest of a version, computed from its words as everybody can."""
        text = self._script.releases[name]
        words = text.versions[version - 1]
        corrected = ReleaseId(self._releases[text.corrects]) if text.corrects else None
        document = Document(
            incident=IncidentId(self._incident.id),
            release=ReleaseId(self._releases[name]),
            kind=text.kind,
            title=words.title,
            body=words.body,
            channels=text.channels,
            corrects=corrected,
        )
        return document.digest()

    def _learn(self, officer: str, answer: Answer, expected: str) -> None:
        if not answer.refused or answer.code != expected:
            came = answer.code if answer.refused else "no refusal"
            raise DrillError(f"expected {expected}, and there came {came}")
        self._refused(officer, answer)

    def _refused(self, officer: str, answer: Answer) -> None:
        self._voice.refuse(self._board.hours, self._board.cast.who(officer), answer.detail)


def accepted(answer: Answer) -> Answer:
    """The answer, if it is no refusal. Raises DrillError with the reason."""
    if answer.refused:
        raise DrillError(f"{answer.code}: {answer.detail}")
    return answer
