"""A drill as data: the report, the texts, and the scenes in which officers act on them."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from domain.commands import COMMANDS, Submit
from domain.refusals import Code
from domain.vocabulary import Channel, CommandName, ReleaseKind, StepKind
from runtime.drill.failure import DrillFailed

FOLDER = "drills"

Post = Annotated[str, Field(pattern=r"^[a-z_]+@[a-z-]+$")]
"""Who acts: `role@unit`. `lead` stands for whichever unit leads by then."""
Part = Annotated[str, Field(pattern=r"^(author|holder|[a-z_]+@[a-z-]+)$")]
"""The same, or the release's `author`, or the `holder` of the step, as the API names them."""
Hours = Annotated[float, Field(ge=0, le=24 * 30)]
"""Hours of the drill's clock after the incident was detected."""
ReleaseName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,20}$")]


class ScriptError(DrillFailed):
    """A drill that does not exist or does not make sense; the message says which and why."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Saying(_Part):
    """One sentence of the narrator in both languages."""

    zh: str
    en: str


class Wording(_Part):
    title: str = Field(min_length=1, max_length=200)
    body: str = Field(min_length=1, max_length=20_000)


class ReleaseText(_Part):
    """A release with the wording of each version, the first one first."""

    kind: ReleaseKind
    channels: tuple[Channel, ...] = (Channel.BULLETIN,)
    corrects: ReleaseName | None = None
    versions: tuple[Wording, ...] = Field(min_length=1)


class _Scene(_Part):
    """Something that happens not before `at`. `picture` marks the moment worth a picture."""

    at: Hours
    say: Saying
    picture: bool = False


class Report(_Scene):
    """报送: the incident itself comes into being."""

    do: Literal["report"]


class Act(_Scene):
    """A command with its fields. `instants` and `officers` are filled in when it is sent.

    A refusal among `tolerates` is told and passed over: after a long outage an instant may lie behind.
    """

    do: Literal["act"]
    command: CommandName
    by: Post
    body: dict[str, Any] = {}
    instants: dict[str, Hours] = {}
    officers: dict[str, tuple[Post, ...]] = {}
    tolerates: tuple[Code, ...] = ()


class Write(_Scene):
    """Draft version 1 of a release, or revise it to a later `version`."""

    do: Literal["write"]
    release: ReleaseName
    by: Part
    version: int = Field(default=1, ge=1)


class Decide(_Scene):
    """Every open step of `steps` (all when left out) on `version`, each by its holder, one after the other."""

    do: Literal["decide"]
    release: ReleaseName
    version: int = Field(default=1, ge=1)
    steps: tuple[StepKind, ...] = tuple(StepKind)
    outcome: Literal["pass", "return", "undecided"] = "pass"
    words: str | None = None
    """The reason of a return, or the authority that was asked."""


class Lesson(_Scene):
    """An attempt on a step that must be refused with the code `expect`. `version` is the one it names."""

    do: Literal["lesson"]
    release: ReleaseName
    version: int = Field(default=1, ge=1)
    step: StepKind
    by: Part
    expect: Code


class Refused(_Scene):
    """A command to the incident as a whole that must be refused with the code `expect`."""

    do: Literal["refused"]
    command: CommandName
    by: Post
    body: dict[str, Any] = {}
    expect: Code


class Await(_Scene):
    """Go on once the release is public."""

    do: Literal["await"]
    release: ReleaseName


AnyScene = Annotated[Report | Act | Write | Decide | Lesson | Refused | Await, Field(discriminator="do")]


class Script(_Part):
    """One drill. `reporter` is the officer who reports; all others are found through the API."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{1,30}$")
    title: Saying
    opening: Saying
    reporter: str
    incident: dict[str, Any]
    releases: dict[ReleaseName, ReleaseText] = {}
    scenes: tuple[AnyScene, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not isinstance(self.scenes[0], Report) or sum(isinstance(s, Report) for s in self.scenes) != 1:
            raise ValueError("a drill begins with its one report")
        if [scene.at for scene in self.scenes] != sorted(scene.at for scene in self.scenes):
            raise ValueError("scenes must follow each other in time")
        Submit.model_validate({**self.incident, "detected_at": "2026-01-01T00:00:00Z", "drill": True})
        drafted: dict[str, int] = {}
        for scene in self.scenes:
            self._check(scene, drafted)
        return self

    def _check(self, scene: AnyScene, drafted: dict[str, int]) -> None:
        if isinstance(scene, Act | Refused):
            fields = {*scene.body, *getattr(scene, "instants", ()), *getattr(scene, "officers", ())}
            if unknown := fields - set(COMMANDS[scene.command].model_fields):
                raise ValueError(f"{scene.command} has no {sorted(unknown)}")
        if not isinstance(scene, Write | Decide | Lesson | Await):
            return
        text = self.releases.get(scene.release)
        if text is None or (text.corrects is not None and text.corrects not in drafted):
            raise ValueError(f"release {scene.release!r} is not written yet")
        if isinstance(scene, Write):
            if scene.version != drafted.get(scene.release, 0) + 1 or scene.version > len(text.versions):
                raise ValueError(f"release {scene.release!r} has no version {scene.version} to write now")
            if scene.by == "holder" or (scene.by == "author" and scene.version == 1):
                raise ValueError(f"version {scene.version} of {scene.release!r} needs another who writes it")
            drafted[scene.release] = scene.version
        elif isinstance(scene, Decide | Lesson) and scene.version > drafted.get(scene.release, 0):
            raise ValueError(f"version {scene.version} of {scene.release!r} is not written yet")
        if isinstance(scene, Decide) and scene.outcome != "pass" and not scene.words:
            raise ValueError(f"{scene.outcome} needs its words")

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
