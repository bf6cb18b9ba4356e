"""The field's words as types. Every id, level, kind and state that crosses a boundary is one of these."""

from enum import StrEnum
from typing import NewType

IncidentId = NewType("IncidentId", str)
UnitId = NewType("UnitId", str)
OfficerId = NewType("OfficerId", str)
ReleaseId = NewType("ReleaseId", str)
CommandId = NewType("CommandId", str)
Digest = NewType("Digest", str)
"""64 lowercase hexadecimal digits of a SHA-256."""


def process_id(incident: IncidentId) -> str:
    """What the process of an incident is called in Temporal."""
    return f"incident-{incident}"


class Level(StrEnum):
    """事件等级. Only the two highest bring the press conference duty (Art. 14)."""

    ESPECIALLY_MAJOR = "especially_major"
    MAJOR = "major"
    SIGNIFICANT = "significant"
    GENERAL = "general"
    UNGRADED = "ungraded"

    @property
    def grave(self) -> bool:
        """Whether the level is `major` or above."""
        return self in (Level.ESPECIALLY_MAJOR, Level.MAJOR)


class Category(StrEnum):
    """类别: the five kinds that Art. 4 wants answered, rumours (Art. 5) and the rest."""

    MISREAD_POLICY = "misread_policy"
    PUBLIC_INTEREST = "public_interest"
    LIVELIHOOD = "livelihood"
    EMERGENCY = "emergency"
    SUPERIOR_REQUEST = "superior_request"
    RUMOUR = "rumour"
    OTHER = "other"


class Source(StrEnum):
    """Where an incident was noticed."""

    UNIT_REPORT = "unit_report"
    SOCIAL = "social"
    HOTLINE = "hotline"
    MAILBOX = "mailbox"
    PATROL = "patrol"
    SUPERIOR = "superior"
    MEDIA = "media"


class UnitKind(StrEnum):
    COUNTY_OFFICE = "county_office"
    CYBERSPACE_OFFICE = "cyberspace_office"
    DEPARTMENT = "department"
    LEADING_GROUP = "leading_group"
    PRESS_OFFICE = "press_office"
    PUBLICITY = "publicity"
    TOWNSHIP = "township"


class Role(StrEnum):
    """What a post entitles its officer to."""

    EDITOR = "editor"
    UNIT_HEAD = "unit_head"
    CONFIDENTIALITY_REVIEWER = "confidentiality_reviewer"
    COUNTY_OFFICE = "county_office"
    PRESS_OFFICE = "press_office"
    LEADING_GROUP = "leading_group"
    SPOKESPERSON = "spokesperson"
    OPS = "ops"
    AUDITOR = "auditor"


class Rank(StrEnum):
    """Whether a post leads its unit or stands in for the one that does."""

    HEAD = "head"
    DEPUTY = "deputy"
    MEMBER = "member"


class Relation(StrEnum):
    """How a post's unit stands to an incident, or its officer to a review step."""

    ANY = "any"
    REPORTER = "reporter"
    LEAD = "lead"
    COORDINATOR = "coordinator"
    COOPERATOR = "cooperator"
    DRAFTER = "drafter"
    HOLDER = "holder"


class Phase(StrEnum):
    REPORTED = "reported"
    RESPONDING = "responding"
    FOLLOWING_UP = "following_up"
    CLOSED = "closed"
    DISMISSED = "dismissed"

    @property
    def ended(self) -> bool:
        return self in (Phase.CLOSED, Phase.DISMISSED)


class ObligationKind(StrEnum):
    FIRST_RELEASE = "first_release"
    PRESS_CONFERENCE = "press_conference"
    RESPONSE = "response"
    ROLLING_UPDATE = "rolling_update"
    RESULT = "result"


class ObligationState(StrEnum):
    PENDING = "pending"
    MET = "met"
    MET_LATE = "met_late"
    WAIVED = "waived"
    SUPERSEDED = "superseded"


class ReleaseKind(StrEnum):
    FIRST = "first"
    UPDATE = "update"
    RESPONSE = "response"
    RESULT = "result"
    INTERPRETATION = "interpretation"
    CORRECTION = "correction"


class ReleaseState(StrEnum):
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    REFUSED = "refused"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    CORRECTED = "corrected"
    CANCELLED = "cancelled"


class StepKind(StrEnum):
    """审签环节."""

    UNIT_APPROVAL = "unit_approval"
    COSIGN = "cosign"
    CONFIDENTIALITY = "confidentiality"
    COUNTY_APPROVAL = "county_approval"


class StepState(StrEnum):
    WAITING = "waiting"
    OPEN = "open"
    UNDECIDED = "undecided"
    APPROVED = "approved"
    CLEARED = "cleared"
    RETURNED = "returned"
    REFUSED = "refused"


class ReviewOutcome(StrEnum):
    """What a confidentiality reviewer found (Art. 11)."""

    CLEARED = "cleared"
    REFUSED = "refused"
    UNDECIDED = "undecided"


class Ground(StrEnum):
    """Why a text may not be made public."""

    STATE_SECRET = "state_secret"
    WORK_SECRET = "work_secret"
    COMMERCIAL_SECRET = "commercial_secret"
    PERSONAL_PRIVACY = "personal_privacy"


class Channel(StrEnum):
    """Where a release can be made public. A policy names those its county uses (Art. 8)."""

    BULLETIN = "bulletin"
    WEBSITE = "website"
    WECHAT = "wechat"
    WEIBO = "weibo"


class ConferenceForm(StrEnum):
    """Only a conference meets the 24 h duty; a briefing (吹风会) does not."""

    CONFERENCE = "conference"
    BRIEFING = "briefing"


class Audience(StrEnum):
    """Whom a reminder goes to; who that is today is looked up in the directory when it is delivered."""

    LEAD = "lead"
    UNIT_HEAD = "unit_head"
    HOLDERS = "holders"
    COUNTY_OFFICE = "county_office"
    PRESS_OFFICE = "press_office"
    LEADING_GROUP = "leading_group"
    OPS = "ops"


class Origin(StrEnum):
    """How a ledger entry came about."""

    UPDATE = "update"
    SIGNAL = "signal"
    TIMER = "timer"
    EFFECT = "effect"


class CommandName(StrEnum):
    SUBMIT = "submit"
    ASSESS = "assess"
    CONFIRM_FACTS = "confirm_facts"
    DRAFT_RELEASE = "draft_release"
    REVISE_RELEASE = "revise_release"
    APPROVE = "approve"
    RETURN_RELEASE = "return_release"
    REVIEW_CONFIDENTIALITY = "review_confidentiality"
    ASSIGN_STEP = "assign_step"
    CANCEL_RELEASE = "cancel_release"
    PAUSE_UPDATES = "pause_updates"
    RESUME_UPDATES = "resume_updates"
    SCHEDULE_CONFERENCE = "schedule_conference"
    RECORD_CONFERENCE = "record_conference"
    WAIVE = "waive"
    CLOSE = "close"
    REOPEN = "reopen"
    NOTE = "note"
    RETRY_BLOCKED = "retry_blocked"


class ReadName(StrEnum):
    """What may be read about an incident, governed by the same table as commands."""

    INCIDENT = "read_incident"
    RELEASE = "read_release"
    TIMELINE = "read_timeline"
