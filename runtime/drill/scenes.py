"""The scenes of a drill as data: who does what when, told in both languages."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.refusals import Code
from domain.vocabulary import CommandName, Phase, StepKind

_POST = r"[a-z_]+@[a-z-]+|[a-z-]+\.[a-z0-9]+"
Post = Annotated[str, Field(pattern=f"^({_POST})$")]
"""Who acts: `role@unit`, where `lead` stands for the unit that leads, or an officer by id.

A run that is resumed asks again: `lead` is for scenes after which nobody else takes the lead.
"""
Actor = Annotated[str, Field(pattern=f"^(author|holder|{_POST})$")]
"""The same, or the release's `author`, or the `holder` of the step, as the API names them."""
Hours = Annotated[float, Field(ge=0, le=24 * 30)]
"""Hours of the drill's clock after the incident was detected."""
ReleaseName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,20}$")]
IncidentName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,20}$")]
MAIN = "main"
"""The incident a drill is about; a script may report others beside it."""


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Saying(Part):
    """One sentence of the narrator in both languages."""

    zh: str
    en: str


class _Scene(Part):
    """Something that happens to the incident `on`, not before `at`. `picture` marks the moment worth a picture."""

    at: Hours
    say: Saying
    on: IncidentName = MAIN
    picture: bool = False


class Report(_Scene):
    """报送: the incident itself comes into being, detected at the hour `detected`."""

    do: Literal["report"]
    detected: Hours = 0


class _Command(_Scene):
    """A command with its fields. What only a run knows is filled in when it is sent.

    By field: hours in `instants` (`due_by.response` is a field of a field), posts in `officers`, names of this
    script in `releases` and `incidents`. A digest is that of `version` of the release.
    """

    command: CommandName
    by: Post
    body: dict[str, Any] = {}
    instants: dict[str, Hours] = {}
    officers: dict[str, Post | tuple[Post, ...]] = {}
    releases: dict[str, ReleaseName] = {}
    incidents: dict[str, IncidentName] = {}
    version: int = Field(default=1, ge=1)

    @property
    def fields(self) -> set[str]:
        named = (*self.instants, *self.officers, *self.releases, *self.incidents)
        return {*self.body, *(name.partition(".")[0] for name in named)}


class Act(_Command):
    """An instant that a slow run has left behind is put off by whole days until it lies ahead."""

    do: Literal["act"]


class Write(_Scene):
    """Draft version 1 of a release, or revise it to a later `version`; or be refused with the code `expect`.

    A slow run may find that the version before is public by then; it says so, and what would be done about the later
    one is left out.
    Whoever interprets is named when it is drafted, experts by what they are.
    """

    do: Literal["write"]
    release: ReleaseName
    by: Actor
    version: int = Field(default=1, ge=1)
    interpreters: tuple[Post, ...] = ()
    experts: tuple[str, ...] = ()
    expect: Code | None = None


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
    by: Actor
    expect: Code


class Refused(_Command):
    """A command that must be refused with the code `expect`."""

    do: Literal["refused"]
    expect: Code


class Await(_Scene):
    """Go on once the release is public, or the incident in `phase`."""

    do: Literal["await"]
    release: ReleaseName | None = None
    phase: Phase | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.release is None) == (self.phase is None):
            raise ValueError("await either a release or a phase")
        return self


AnyScene = Annotated[Report | Act | Write | Decide | Lesson | Refused | Await, Field(discriminator="do")]
