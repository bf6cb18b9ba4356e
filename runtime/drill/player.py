"""Plays a drill: each scene in its time, by the officer whose step it is, through the public API only.

Every scene may be played again: requests carry the key of their scene, and steps are taken only while
the incident's state says that they are open. So a run that broke off goes on where it stopped.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from domain.refusals import Code
from domain.vocabulary import CommandName, ReviewOutcome, StepKind, StepState
from runtime.drill import scenes as s
from runtime.drill.board import Board
from runtime.drill.client import PATIENCE_SECONDS, Answer, Client, DrillError
from runtime.drill.prompter import Prompter
from runtime.drill.script import Script
from runtime.drill.views import Incident, Release, Step
from runtime.drill.voice import Voice
from runtime.drill.watch import Watch

_BETWEEN_DECISIONS = 0.2
"""Hours between two decisions of one scene, so that they can be read one by one."""
_GLANCE_SECONDS = 0.5
_REPORTS = "/api/v1/incidents"
_MOST_DAYS = 30
_TOO_LATE = s.Saying(
    zh="机器跟不上演练的速度：这一步来晚了，稿件已经公开，按公开的版本往下演。",
    en="The machine is slower than the drill: this step came too late, and the drill goes on with what is public.",
)


class Player:
    """One run. `watches` are the incidents by name; `capture` is called at the moment that makes the picture."""

    def __init__(
        self,
        script: Script,
        client: Client,
        watches: Mapping[str, Watch],
        board: Board,
        voice: Voice,
        capture: Callable[[], None],
    ) -> None:
        self._script = script
        self._client = client
        self._watches = watches
        self._watch = watches[s.MAIN]
        self._board = board
        self._run = board.run
        self._voice = voice
        self._capture = capture
        self._prompter = Prompter(script, board)

    async def play(self) -> Incident:
        """The incident as it stands after the last scene. Raises DrillError."""
        began = self._board.hours
        for number, scene in enumerate(self._script.scenes, start=1):
            self._watch = self._watches[scene.on]
            await self._reach(scene.at)
            # What lies behind when a run is resumed has been told before.
            if scene.at >= began - 1:
                self._voice.say(scene.say)
            if scene.picture:
                self._capture()
            await self._perform(number, scene)
        self._watch = self._watches[s.MAIN]
        return await self._look()

    async def _reach(self, at: float) -> None:
        """Let the drill's clock come to `at`; the board is true then, and kept so meanwhile."""
        while True:
            left = (self._run.instant(at) - self._board.now()).total_seconds()
            if left > 0:
                await asyncio.sleep(min(left, _GLANCE_SECONDS))
            if self._watch.begun:
                await self._look()
            if left <= _GLANCE_SECONDS:
                return

    async def _look(self) -> Incident:
        """All incidents as they are now; the board shows that of the scene, so it is looked at last."""
        for other in self._watches.values():
            if other.begun and other is not self._watch:
                await other.look()
        incident = await self._watch.look()
        self._voice.look()
        return incident

    async def _perform(self, number: int, scene: s.AnyScene) -> None:
        match scene:
            case s.Report():
                await self._report(number, scene)
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

    async def _report(self, number: int, scene: s.Report) -> None:
        body, key = self._prompter.report(scene), self._run.step_key(number)
        reporter = self._script.reports[scene.on].reporter
        answer = accepted(await self._client.send("POST", _REPORTS, reporter, key, body))
        incident = self._prompter.incidents[scene.on] = str(answer.body["id"])
        self._watch.begin(incident)

    async def _act(self, number: int, scene: s.Act) -> None:
        officer, days = self._prompter.officer(scene.by), 0
        answer = await self._command(number, scene.command, officer, self._prompter.fields(scene))
        while scene.instants and answer.code == Code.IN_THE_PAST and days < _MOST_DAYS:
            self._refused(officer, answer)
            days += 1
            fields = self._prompter.fields(scene, days)
            answer = await self._command(number, scene.command, officer, fields, f"day{days}")
        accepted(answer)

    async def _write(self, number: int, scene: s.Write) -> None:
        """The same request again is the same version; one that has been revised since stays as it is."""
        known = self._prompter.release(scene.release) if scene.release in self._prompter.releases else None
        if known is not None and known.version >= scene.version:
            return
        officer = known.author if known and scene.by == "author" else self._prompter.officer(scene.by)
        path = f"{self._watch.path}/releases"
        method, path = ("POST", path) if known is None else ("PUT", f"{path}/{known.release}")
        body = self._prompter.draft(scene)
        answer = await self._client.send(method, path, officer, self._run.step_key(number), body)
        if scene.expect is not None:
            self._learn(officer, answer, scene.expect)
            return
        if answer.refused and answer.code == Code.VERSION_FROZEN:
            # A run slower than the embargo that this version was to bring forward: what is public is not revised.
            self._refused(officer, answer)
            self._voice.say(_TOO_LATE, "yellow")
            return
        release = self._prompter.releases[scene.release] = str(accepted(answer).body["release"])
        self._board.titles[release] = body["title"]

    async def _decide(self, number: int, scene: s.Decide) -> None:
        release = self._prompter.release(scene.release)
        states = (StepState.OPEN,) if scene.outcome == "undecided" else (StepState.OPEN, StepState.UNDECIDED)
        while release.version == scene.version:
            asked = [step for step in release.steps if step.step in scene.steps]
            step = next((step for step in asked if step.state in states), None)
            if step is None:
                if scene.outcome == "pass" and release.waits_for(scene.steps):
                    raise DrillError(f"{scene.release}: {', '.join(scene.steps)} cannot be decided yet")
                return
            await self._take(number, scene, release, step)
            if scene.outcome != "pass":
                return
            await self._reach(self._board.hours + _BETWEEN_DECISIONS)
            release = self._prompter.release(scene.release)

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
        accepted(await self._command(number, name, self._prompter.holder(step), body, part))

    async def _try_step(self, number: int, scene: s.Lesson) -> None:
        release = self._prompter.release(scene.release)
        step = next((step for step in release.steps if step.step is scene.step), None)
        if step is None or not step.open:
            # The run was resumed after this step had been decided: the lesson was given before.
            return
        parts = {"author": release.author, "holder": step.holders[0] if step.holders else ""}
        officer = parts.get(scene.by) or self._prompter.officer(scene.by)
        digest = self._prompter.digest(scene.release, scene.version)
        body: dict[str, Any] = {"release": release.release, "digest": digest}
        if scene.step is StepKind.CONFIDENTIALITY:
            name, more = CommandName.REVIEW_CONFIDENTIALITY, {"outcome": ReviewOutcome.CLEARED.value}
        else:
            name, more = CommandName.APPROVE, {"step": scene.step.value}
        self._learn(officer, await self._command(number, name, officer, body | more), scene.expect)

    async def _try_command(self, number: int, scene: s.Refused) -> None:
        officer = self._prompter.officer(scene.by)
        answer = await self._command(number, scene.command, officer, self._prompter.fields(scene))
        self._learn(officer, answer, scene.expect)

    async def _await(self, scene: s.Await) -> None:
        began = time.monotonic()
        while not self._has_come(scene):
            if time.monotonic() - began > PATIENCE_SECONDS:
                raise DrillError(f"{scene.release or scene.phase} did not come within {PATIENCE_SECONDS:.0f} s")
            await asyncio.sleep(_GLANCE_SECONDS / 2)
            await self._look()

    # -- what came of it --------------------------------------------------------------------------

    def _has_come(self, scene: s.Await) -> bool:
        if scene.release is not None:
            return self._prompter.release(scene.release).appeared
        return self._prompter.incident.phase is scene.phase

    async def _command(
        self, number: int, name: CommandName, officer: str, body: Mapping[str, Any], part: str = ""
    ) -> Answer:
        path = f"{self._watch.path}/commands/{name}"
        return await self._client.send("POST", path, officer, self._run.step_key(number, part), body)

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
