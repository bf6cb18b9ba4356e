"""The documents that can be had of an incident."""

from collections.abc import Callable, Iterator

from pydantic import BaseModel

from documents import catalogue
from documents.catalogue import Format, Name
from domain.incident import Incident
from domain.vocabulary import ReleaseId


class DocumentOffered(BaseModel):
    """`name` and one of `formats` make the address; what else is named goes into its query."""

    name: Name
    title: str
    formats: tuple[Format, ...]
    release: ReleaseId | None = None
    version: int | None = None
    conference: str | None = None


class Documents(BaseModel):
    items: tuple[DocumentOffered, ...]

    @classmethod
    def of(cls, incident: Incident, may_have: Callable[[Name, ReleaseId | None], bool]) -> "Documents":
        """Those that the reader may have: of each release its current version."""
        offered = (one for one in _all(incident) if may_have(one.name, one.release))
        return cls(items=tuple(offered))


def _all(incident: Incident) -> Iterator[DocumentOffered]:
    for name in catalogue.OF_INCIDENT:
        yield _offered(name)
    for release in incident.releases.values():
        for name in catalogue.OF_RELEASE:
            yield _offered(name).model_copy(update={"release": release.id, "version": release.version.number})
    for conference in incident.conferences:
        for name in catalogue.OF_CONFERENCE:
            yield _offered(name).model_copy(update={"conference": conference.id})


def _offered(name: Name) -> DocumentOffered:
    return DocumentOffered(name=name, title=catalogue.TITLES[name], formats=catalogue.formats(name))
