"""What a scene stands for at the moment it is played: officers, releases, digests, instants, words."""

from __future__ import annotations

from typing import Any

from domain.commands import COMMANDS
from domain.releases import Document
from domain.vocabulary import IncidentId, ReleaseId
from runtime.drill import scenes as s
from runtime.drill.board import Board
from runtime.drill.client import DrillError
from runtime.drill.script import Script
from runtime.drill.views import Incident, Release, Step

_DAY = 24


class Prompter:
    """One run. The same scene is asked for in the same words for ever: a request that is repeated must be the same."""

    def __init__(self, script: Script, board: Board) -> None:
        self._script = script
        self._board = board
        self.releases: dict[str, str] = {}
        """Ids of the releases that were drafted, by their names in the script."""
        self.incidents: dict[str, str] = {}
        """Ids of the incidents that were reported, likewise."""

    @property
    def incident(self) -> Incident:
        """The incident of the scene as it was seen last."""
        if self._board.incident is None:
            raise DrillError("the incident is not reported yet")
        return self._board.incident

    def report(self, scene: s.Report) -> dict[str, Any]:
        run = self._board.run
        clock = {"detected_at": run.instant(scene.detected).isoformat(), "hour_seconds": run.hour_seconds}
        return {**self._script.reports[scene.on].incident, **clock, "drill": True}

    def fields(self, scene: s.Act | s.Refused, days: int = 0) -> dict[str, Any]:
        """The fields of a command, its instants put off by `days`."""
        found = dict(scene.body)
        for field, hours in scene.instants.items():
            name, _, part = field.partition(".")
            at = self._board.run.instant(hours + _DAY * days).isoformat()
            found[name] = {**found.get(name, {}), part: at} if part else at
        for field, posts in scene.officers.items():
            found[field] = self.officer(posts) if isinstance(posts, str) else self._officers(posts)
        found |= {field: self.releases[name] for field, name in scene.releases.items()}
        found |= {field: self.incidents[name] for field, name in scene.incidents.items()}
        if "release" in scene.releases and "digest" in COMMANDS[scene.command].model_fields:
            found["digest"] = self.digest(scene.releases["release"], scene.version)
        return found

    def draft(self, scene: s.Write) -> dict[str, Any]:
        """The words of a version and what goes with them."""
        text = self._script.releases[scene.release]
        words = text.versions[scene.version - 1]
        found: dict[str, Any] = {"kind": text.kind, "title": words.title, "body": words.body, "channels": text.channels}
        if text.corrects is not None:
            found["corrects"] = self.releases[text.corrects]
        if words.embargo is not None:
            found["embargo_until"] = self._board.run.instant(words.embargo).isoformat()
        if scene.interpreters:
            found["interpreters"] = self._officers(scene.interpreters)
        if scene.experts:
            found["experts"] = scene.experts
        return found

    def digest(self, name: str, version: int) -> str:
        """The digest of a version, computed from its words as everybody can."""
        text = self._script.releases[name]
        words = text.versions[version - 1]
        document = Document(
            incident=IncidentId(self.incident.id),
            release=ReleaseId(self.releases[name]),
            kind=text.kind,
            title=words.title,
            body=words.body,
            channels=text.channels,
            corrects=ReleaseId(self.releases[text.corrects]) if text.corrects else None,
            embargo_until=None if words.embargo is None else self._board.run.instant(words.embargo),
        )
        return document.digest()

    def officer(self, post: str) -> str:
        """The officer that a post stands for now."""
        role, at, unit = post.partition("@")
        if not at:
            return post
        return self._board.cast.with_role(role, self.incident.lead if unit == "lead" else unit)

    def _officers(self, posts: tuple[str, ...]) -> list[str]:
        return [self.officer(post) for post in posts]

    def release(self, name: str) -> Release:
        """A release as it was seen last. Raises DrillError."""
        found = self.incident.release(self.releases[name])
        if found is None:
            raise DrillError(f"the release {name!r} is not there")
        return found

    def holder(self, step: Step) -> str:
        """The first of those who may take a step. Raises DrillError."""
        if not step.holders:
            raise DrillError(f"nobody holds {step.step} of {step.unit}")
        return step.holders[0]
