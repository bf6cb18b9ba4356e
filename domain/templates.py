"""Templates of releases: how a release of each kind begins, kept by the press office (Art. 14)."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from domain.county import Actor
from domain.instants import Instant
from domain.refusals import Code, Refusal
from domain.vocabulary import OfficerId, ReleaseKind, Role

INCIDENT = "【事件】"
"""Stands for the incident's title in a template."""


class Template(BaseModel):
    """What a new release of the kind begins with. What is to be filled in stands in 【】."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ReleaseKind
    title: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\r\n]*\S[^\r\n]*$")]
    body: Annotated[str, StringConstraints(min_length=1, max_length=20_000, pattern=r"\S")]

    def about(self, incident: str) -> tuple[str, str]:
        """Title and body of a release about the incident."""
        return self.title.replace(INCIDENT, incident), self.body.replace(INCIDENT, incident)


class SavedTemplate(BaseModel):
    """A version of a template; those that came with the program were saved by nobody."""

    model_config = ConfigDict(frozen=True)

    id: int
    template: Template
    saved_by: OfficerId | None
    saved_at: Instant


def check_editor(actor: Actor) -> None:
    """The press office keeps the templates. Raises NOT_PERMITTED."""
    if not actor.has(Role.PRESS_OFFICE):
        raise Refusal(Code.NOT_PERMITTED, actor=actor.officer, command="edit_templates")
