"""A drill as data: the report, the texts, and the scenes in which officers act on them."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any, Self

from pydantic import Field, ValidationError, model_validator

from domain.commands import COMMANDS, Submit
from domain.vocabulary import Channel, ReleaseKind
from runtime.drill.failure import DrillFailed
from runtime.drill.scenes import (
    MAIN,
    Act,
    AnyScene,
    Await,
    Decide,
    Hours,
    IncidentName,
    Lesson,
    Part,
    Refused,
    ReleaseName,
    Report,
    Saying,
    Write,
)

FOLDER = "drills"


class ScriptError(DrillFailed):
    """A drill that does not exist or does not make sense; the message says which and why."""


class Wording(Part):
    """A version. `embargo` is the hour before which it does not go out."""

    title: str = Field(min_length=1, max_length=200)
    body: str = Field(min_length=1, max_length=20_000)
    embargo: Hours | None = None


class ReleaseText(Part):
    """A release with the wording of each version, the first one first."""

    kind: ReleaseKind
    channels: tuple[Channel, ...] = (Channel.BULLETIN,)
    corrects: ReleaseName | None = None
    versions: tuple[Wording, ...] = Field(min_length=1)


class Reported(Part):
    """What `reporter`, an officer by id, reports."""

    reporter: str
    incident: dict[str, Any]


class Script(Part):
    """One drill. `reporter` is the officer who reports; all others are found through the API.

    `others` are incidents beside the one it is about, by name.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{1,30}$")
    title: Saying
    opening: Saying
    reporter: str
    incident: dict[str, Any]
    others: dict[IncidentName, Reported] = Field(default={})
    releases: dict[ReleaseName, ReleaseText] = Field(default={})
    scenes: tuple[AnyScene, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        reports = [scene.on for scene in self.scenes if isinstance(scene, Report)]
        if not isinstance(self.scenes[0], Report) or sorted(reports) != sorted(self.reports):
            raise ValueError("a drill begins with a report, and reports each incident once")
        if [scene.at for scene in self.scenes] != sorted(scene.at for scene in self.scenes):
            raise ValueError("scenes must follow each other in time")
        for report in self.reports.values():
            Submit.model_validate({**report.incident, "detected_at": "2026-01-01T00:00:00Z", "drill": True})
        drafted: dict[str, int] = {}
        reported: set[str] = set()
        for scene in self.scenes:
            self._check_incident(scene, reported)
            if isinstance(scene, Act | Refused):
                self._check_command(scene, drafted)
            elif isinstance(scene, Write):
                self._check_writing(scene, drafted)
            elif isinstance(scene, Decide | Lesson):
                self._check_decision(scene, drafted)
            elif isinstance(scene, Await) and scene.release is not None:
                self._check_written(scene.release, 1, drafted)
        return self

    @property
    def reports(self) -> dict[str, Reported]:
        """What is reported, by the name of the incident."""
        return {MAIN: Reported(reporter=self.reporter, incident=self.incident), **self.others}

    def _check_incident(self, scene: AnyScene, reported: set[str]) -> None:
        if isinstance(scene, Report):
            if scene.detected > scene.at:
                raise ValueError(f"{scene.on!r} is reported before it is detected")
            reported.add(scene.on)
        elif scene.on not in reported:
            raise ValueError(f"{scene.on!r} is not reported yet")

    def _check_command(self, scene: Act | Refused, drafted: dict[str, int]) -> None:
        if unknown := scene.fields - set(COMMANDS[scene.command].model_fields):
            raise ValueError(f"{scene.command} has no {sorted(unknown)}")
        if unknown := set(scene.incidents.values()) - set(self.reports):
            raise ValueError(f"there are no incidents {sorted(unknown)}")
        for release in scene.releases.values():
            self._check_written(release, scene.version, drafted)

    def _check_writing(self, scene: Write, drafted: dict[str, int]) -> None:
        name, version = scene.release, scene.version
        text = self.releases.get(name)
        if text is None or (text.corrects is not None and text.corrects not in drafted):
            raise ValueError(f"release {name!r} is not written yet")
        if version != drafted.get(name, 0) + 1 or version > len(text.versions):
            raise ValueError(f"release {name!r} has no version {version} to write now")
        if scene.by == "holder" or (scene.by == "author" and version == 1):
            raise ValueError(f"version {version} of {name!r} needs another who writes it")
        if scene.expect is None:
            drafted[name] = version

    def _check_decision(self, scene: Decide | Lesson, drafted: dict[str, int]) -> None:
        self._check_written(scene.release, scene.version, drafted)
        if isinstance(scene, Decide) and scene.outcome != "pass" and not scene.words:
            raise ValueError(f"{scene.outcome} needs its words")

    @staticmethod
    def _check_written(release: str, version: int, drafted: dict[str, int]) -> None:
        if version > drafted.get(release, 0):
            raise ValueError(f"version {version} of {release!r} is not written yet")

    @property
    def hours(self) -> float:
        """How long the drill lasts on its own clock."""
        return self.scenes[-1].at


def names() -> tuple[str, ...]:
    """The drills of this installation, sorted."""
    folder = resources.files("runtime") / FOLDER
    return tuple(sorted(file.name[:-5] for file in folder.iterdir() if file.name.endswith(".toml")))


def load(name: str) -> Script:
    """The validated drill `name`. Raises ScriptError."""
    if name not in names():
        raise ScriptError(f"there is no drill {name!r}; there are {', '.join(names())}")
    text = (resources.files("runtime") / FOLDER / f"{name}.toml").read_text("utf-8")
    try:
        script = Script.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ScriptError(f"drill {name!r} is not TOML: {error}") from None
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'as a whole'}: {e['msg']}" for e in error.errors())
        raise ScriptError(f"drill {name!r} is not valid: {faults}") from None
    if script.name != name:
        raise ScriptError(f"drill file {name!r} calls itself {script.name!r}")
    return script
