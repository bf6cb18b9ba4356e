"""Which documents there are: their names, what they may be read as, and what each is made of."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from documents.conference import conference_approval
from documents.confidentiality import confidentiality_review
from documents.dossier import Dossier
from documents.flash_report import flash_report
from documents.ledger import ledger
from documents.paper import Paper
from documents.sign_off import sign_off
from documents.special_report import special_report
from domain.proceedings import Conference
from domain.releases import Release, Version
from domain.vocabulary import ReadName


class Format(StrEnum):
    DOCX = "docx"
    PDF = "pdf"
    XLSX = "xlsx"


class Name(StrEnum):
    FLASH_REPORT = "flash_report"
    SPECIAL_REPORT = "special_report"
    SIGN_OFF = "sign_off"
    CONFIDENTIALITY_REVIEW = "confidentiality_review"
    CONFERENCE_APPROVAL = "conference_approval"
    LEDGER = "ledger"


TITLES: Mapping[Name, str] = {
    Name.FLASH_REPORT: "舆情快报",
    Name.SPECIAL_REPORT: "舆情专报",
    Name.SIGN_OFF: "审签单",
    Name.CONFIDENTIALITY_REVIEW: "保密审查表",
    Name.CONFERENCE_APPROVAL: "新闻发布会审批表",
    Name.LEDGER: "台账",
}

READS: Mapping[Name, frozenset[ReadName]] = {
    Name.FLASH_REPORT: frozenset({ReadName.INCIDENT}),
    Name.SPECIAL_REPORT: frozenset({ReadName.INCIDENT, ReadName.TIMELINE, ReadName.RELEASE}),
    Name.SIGN_OFF: frozenset({ReadName.INCIDENT, ReadName.RELEASE}),
    Name.CONFIDENTIALITY_REVIEW: frozenset({ReadName.INCIDENT, ReadName.RELEASE}),
    Name.CONFERENCE_APPROVAL: frozenset({ReadName.INCIDENT, ReadName.TIMELINE, ReadName.RELEASE}),
    Name.LEDGER: frozenset({ReadName.INCIDENT, ReadName.TIMELINE}),
}
"""What somebody must be allowed to read to have the document: all that it tells."""

OF_INCIDENT: Mapping[Name, Callable[[Dossier], Paper]] = {
    Name.FLASH_REPORT: flash_report,
    Name.SPECIAL_REPORT: special_report,
    Name.LEDGER: ledger,
}
OF_RELEASE: Mapping[Name, Callable[[Dossier, Release, Version], Paper]] = {
    Name.SIGN_OFF: sign_off,
    Name.CONFIDENTIALITY_REVIEW: confidentiality_review,
}
OF_CONFERENCE: Mapping[Name, Callable[[Dossier, Conference], Paper]] = {
    Name.CONFERENCE_APPROVAL: conference_approval,
}


def formats(name: Name) -> tuple[Format, ...]:
    """Only a ledger is a sheet as well."""
    return tuple(Format) if name is Name.LEDGER else (Format.DOCX, Format.PDF)
