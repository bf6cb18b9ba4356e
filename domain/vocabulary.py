"""The field's words as types. Every id, level, kind and state that crosses a boundary is one of these."""

from enum import StrEnum
from typing import NewType

IncidentId = NewType("IncidentId", str)
UnitId = NewType("UnitId", str)
OfficerId = NewType("OfficerId", str)
UNIT_ID, OFFICER_ID = r"^[a-z][a-z0-9_-]{1,40}$", r"^[a-z][a-z0-9._-]{1,60}$"
ReleaseId = NewType("ReleaseId", str)
CommandId = NewType("CommandId", str)
Digest = NewType("Digest", str)
"""64 lowercase hexadecimal digits of a SHA-256."""


def process_id(incident: IncidentId) -> str:
    """What the process of an incident is called in Temporal."""
    return f"incident-{incident}"


def incident_of(process: str) -> IncidentId:
    """Whose process it is."""
    return IncidentId(process.removeprefix("incident-"))


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
    ADMIN = "admin"
    """系统管理员: sees who is signed in and ends it. Says nothing in any incident."""


class Rank(StrEnum):
    """Whether a post leads its unit or stands in for the one that does."""

    HEAD = "head"
    DEPUTY = "deputy"
    MEMBER = "member"


class Relation(StrEnum):
    """How a post's unit stands to an incident, or its officer to a review step.

    A participant was asked to a consultation or given a task; a receiver was referred a rumour. Named is who may know
    of a restricted incident, by unit or by person; in charge is a head or a deputy, of whichever unit.
    """

    ANY = "any"
    REPORTER = "reporter"
    LEAD = "lead"
    COORDINATOR = "coordinator"
    COOPERATOR = "cooperator"
    DRAFTER = "drafter"
    HOLDER = "holder"
    PARTICIPANT = "participant"
    RECEIVER = "receiver"
    NAMED = "named"
    IN_CHARGE = "in_charge"


class Phase(StrEnum):
    REPORTED = "reported"
    RESPONDING = "responding"
    FOLLOWING_UP = "following_up"
    CLOSED = "closed"
    DISMISSED = "dismissed"
    MERGED = "merged"

    @property
    def ended(self) -> bool:
        return self in (Phase.CLOSED, Phase.DISMISSED, Phase.MERGED)


class Milestone(StrEnum):
    """A step of an incident whose distance from detection is counted."""

    ASSESSED = "assessed"
    FIRST_RELEASE = "first_release"
    RESPONSE = "response"
    CONFERENCE = "conference"
    RESULT = "result"
    CLOSED = "closed"


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
    WITHDRAWN = "withdrawn"
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
    SETTLED = "settled"


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


class Consent(StrEnum):
    """Whether the unit that a piece of information came from agrees to its publication (Art. 11)."""

    GIVEN = "given"
    REFUSED = "refused"
    AWAITED = "awaited"


class ClaimNature(StrEnum):
    """What a claim is found to be. Only a fabrication can be referred (Art. 5)."""

    FABRICATION = "fabrication"
    CRITICISM = "criticism"
    COMPLAINT = "complaint"
    RIGHTS_CLAIM = "rights_claim"
    MISREADING = "misreading"
    UNCHECKED = "unchecked"


class Resolution(StrEnum):
    """What a person found out about a publication, or a retraction, that the process cannot finish alone."""

    PUBLISHED = "published"
    TAKEN_DOWN = "taken_down"
    TRY_AGAIN = "try_again"
    GIVE_UP = "give_up"


class TaskOutcome(StrEnum):
    DONE = "done"
    DROPPED = "dropped"


class Channel(StrEnum):
    """Where a release can be made public. A policy names those its county uses (Art. 8)."""

    BULLETIN = "bulletin"
    WEBSITE = "website"
    WECHAT = "wechat"
    WEIBO = "weibo"


class AttachmentKind(StrEnum):
    """What a file beside a release is (Art. 8: 图表、音频、视频)."""

    IMAGE = "image"
    TABLE = "table"
    AUDIO = "audio"
    VIDEO = "video"


class ConferenceForm(StrEnum):
    """Only a conference meets the 24 h duty; a briefing (吹风会) does not."""

    CONFERENCE = "conference"
    BRIEFING = "briefing"


class Audience(StrEnum):
    """Whom a reminder goes to; who that is today is looked up in the directory when it is delivered."""

    LEAD = "lead"
    UNIT = "unit"
    UNIT_HEAD = "unit_head"
    HOLDERS = "holders"
    COUNTY_OFFICE = "county_office"
    PRESS_OFFICE = "press_office"
    LEADING_GROUP = "leading_group"
    OPS = "ops"


class Means(StrEnum):
    """How a notice reaches somebody outside the console."""

    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    EMAIL = "email"
    SMS = "sms"
    WEBHOOK = "webhook"


class DeliveryState(StrEnum):
    """How far a notice came on its way out of the console. In the inbox it stands from the first moment."""

    WAITING = "waiting"
    HANDED_OVER = "handed_over"
    """A service took it and has not said yet whether it arrived."""
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    """Every address was tried as often as is sensible."""
    INBOX_ONLY = "inbox_only"
    """No address is known, or this installation reaches none of them."""
    RECORDED = "recorded"
    """Of a drill: nothing leaves the house."""


class Fault(StrEnum):
    """What the audit of the clocks finds."""

    NO_PROCESS = "no_process"
    """Something is to happen by itself, and there is no process to bring it about."""
    PROCESS_ENDED = "process_ended"
    """The same, and there was one."""
    ALARM_MISSED = "alarm_missed"
    """Its process runs and did not act on a reminder or another instant."""
    ROW_BEHIND = "row_behind"
    """What lists show does not know the ledger's last entries, or is not there."""
    UNKNOWN_PROCESS = "unknown_process"
    """A process runs of which no ledger knows."""


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
    ACKNOWLEDGE = "acknowledge"
    AGREE_FIGURE = "agree_figure"
    WITHDRAW_FIGURE = "withdraw_figure"
    DRAFT_RELEASE = "draft_release"
    REVISE_RELEASE = "revise_release"
    APPROVE = "approve"
    RETURN_RELEASE = "return_release"
    SETTLE_DISAGREEMENT = "settle_disagreement"
    REVIEW_CONFIDENTIALITY = "review_confidentiality"
    ASSIGN_STEP = "assign_step"
    EMERGENCY_RELEASE = "emergency_release"
    CANCEL_RELEASE = "cancel_release"
    WITHDRAW_RELEASE = "withdraw_release"
    RESOLVE_PUBLICATION = "resolve_publication"
    RECORD_SUPERIOR_RELEASE = "record_superior_release"
    PAUSE_UPDATES = "pause_updates"
    RESUME_UPDATES = "resume_updates"
    SCHEDULE_CONFERENCE = "schedule_conference"
    APPROVE_CONFERENCE = "approve_conference"
    POSTPONE_CONFERENCE = "postpone_conference"
    CANCEL_CONFERENCE = "cancel_conference"
    RECORD_CONFERENCE = "record_conference"
    CONVENE_CONSULTATION = "convene_consultation"
    CONCLUDE_CONSULTATION = "conclude_consultation"
    ASSIGN_TASK = "assign_task"
    COMPLETE_TASK = "complete_task"
    DESIGNATE_LEAD = "designate_lead"
    REFER_RUMOUR = "refer_rumour"
    CONFIRM_REFERRAL = "confirm_referral"
    ACKNOWLEDGE_REFERRAL = "acknowledge_referral"
    MERGE_INTO = "merge_into"
    ABSORB = "absorb"
    WAIVE = "waive"
    CLOSE = "close"
    REOPEN = "reopen"
    NOTE = "note"
    RETRY_BLOCKED = "retry_blocked"
    RESTRICT_INCIDENT = "restrict_incident"
    LIFT_RESTRICTION = "lift_restriction"


class ReadName(StrEnum):
    """What may be read, governed by the same table as commands.

    Of a restricted incident nothing at all may be read, or done, without `know_of_restricted` beside it.
    """

    INCIDENT = "read_incident"
    RELEASE = "read_release"
    TIMELINE = "read_timeline"
    EVIDENCE = "read_evidence"
    REFERRAL = "read_referral"
    ACCESS = "read_access"
    """Everybody's sessions and tokens, of no incident; who sees them may end them."""
    PAYLOADS = "read_payloads"
    RESTRICTED = "know_of_restricted"
