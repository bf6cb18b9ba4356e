"""All that the documents of one incident are made from, and how they call things."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from documents.paper import Block, Paper
from domain.commands import is_reference
from domain.county import County, Roster
from domain.events import Authorship, RecordedEntry
from domain.incident import Incident
from domain.labels import label, local_time
from domain.naming import called
from domain.refusals import Language
from domain.releases import Document
from domain.vocabulary import Digest, Origin, Phase

NOTHING, ERASED = "—", "（文字已删除）"
_SYSTEM = {Origin.TIMER: "系统（到时）", Origin.EFFECT: "系统（渠道回执）"}


class Recorded(NamedTuple):
    """A ledger entry with the hash that chains it."""

    entry: RecordedEntry
    hash: str


def said(value: StrEnum | None) -> str:
    """The Chinese word for a code."""
    return NOTHING if value is None else label(value, Language.ZH)


def at(instant: datetime | None) -> str:
    return NOTHING if instant is None else local_time(instant)


def listed(names: Iterable[str]) -> str:
    return "、".join(names) or NOTHING


def short(digest: str) -> str:
    """Enough of a digest or a hash to tell it from any other by eye."""
    return digest[:16]


@dataclass(frozen=True)
class Dossier:
    """`words` are the texts behind the references that may be shown; `manuscripts` the release versions' by digest."""

    incident: Incident
    entries: tuple[Recorded, ...]
    words: Mapping[str, str]
    manuscripts: Mapping[Digest, Document]
    county: County
    roster: Roster
    printed_by: str
    now: datetime

    def text(self, value: str | None) -> str:
        """The words behind a reference; what is none stands for itself."""
        if value is None:
            return NOTHING
        return self.words.get(value, ERASED) if is_reference(value) else value

    def unit(self, unit: str | None) -> str:
        return NOTHING if unit is None else next((u.name for u in self.county.units if u.id == unit), unit)

    def units(self, units: Iterable[str]) -> str:
        return listed(self.unit(unit) for unit in units)

    def person(self, officer: str | None) -> str:
        """The name; an officer who has left the county keeps the id."""
        return NOTHING if officer is None else next((o.name for o in self.county.officers if o.id == officer), officer)

    def people(self, officers: Iterable[str]) -> str:
        return listed(self.person(officer) for officer in officers)

    def introduced(self, officer: str) -> str:
        """The name with unit and title."""
        found = next((o for o in self.county.officers if o.id == officer), None)
        own = [f"{self.unit(post.unit)}{post.title}" for post in found.posts if not post.on_behalf_of] if found else []
        return f"{self.person(officer)}（{'，'.join(own)}）" if own else self.person(officer)

    def proceeding(self, kind: str, id_: str) -> str:
        """口径2, 会商1, 新闻发布会1 and the like, in place of ids."""
        form = next((c.form for c in self.incident.conferences if c.id == id_), None) if kind == "conference" else None
        return called(kind, id_, Language.ZH, form)

    def actor(self, by: Authorship) -> str:
        return _SYSTEM.get(by.origin, "系统") if by.actor is None else self.person(by.actor)

    def post(self, by: Authorship) -> str:
        """The unit and what its post is; the county office's officers need not be told twice."""
        if by.seat is None:
            return NOTHING
        unit, role = self.unit(by.seat.unit), said(by.seat.role)
        return unit if unit.endswith(role) else f"{unit} {role}"

    def principal(self, by: Authorship) -> str:
        """On whose behalf it was done."""
        return self.person(by.on_behalf_of or (by.seat.on_behalf_of if by.seat else None))

    def paper(
        self,
        title: str,
        blocks: Iterable[Block],
        marks: Iterable[str] = (),
        *,
        red_head: bool = False,
        landscape: bool = False,
    ) -> Paper:
        """A paper about the incident. That it is a drill, or did not go on, is said on each."""
        return Paper(
            title=title,
            county=self.county.name,
            number=self.incident.number,
            subject=self.text(self.incident.title),
            marks=(*self._standing(), *marks),
            drill=self.incident.drill,
            blocks=tuple(blocks),
            printed_by=self.printed_by,
            printed_at=self.now,
            red_head=red_head,
            landscape=landscape,
        )

    def _standing(self) -> Iterable[str]:
        incident = self.incident
        if incident.drill:
            yield "演练：内容均为演练所设，不作为正式文件"
        if incident.phase in (Phase.DISMISSED, Phase.MERGED):
            yield f"本事件已终止：{said(incident.phase)}"
