"""A second, independent reading of an incident's entries: what must hold of them, whoever did what in which order.

It shares no rule with the domain: required steps, holders of words and instants are worked out anew
from the facts and from the figures of the policies.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain import events as e
from domain.commands import is_reference
from domain.policy import Policy
from domain.vocabulary import Level, StepKind

HOURS = {
    "xiangyun-2019-54": {"first_release": 4, "press_conference": 24, "response": 36},
    "national-2016": {"first_release": 5, "press_conference": 24, "response": 48},
    "drill": {"first_release": 4, "press_conference": 24, "response": 36},
}
WORDS = (
    *("title", "summary", "reason", "words", "venue", "transcript_url", "text", "comment", "law", "asked", "scope"),
    *("agenda", "conclusions", "release_plan", "handling_plan", "what", "report", "receipt"),
    *("claim", "falsehood", "intent", "harm", "legal_ground"),
)
LISTS = ("links", "redactions", "invited", "experts")
GRAVE = (Level.MAJOR, Level.ESPECIALLY_MAJOR)
Required = tuple[str, str]
_OnWords = e.StepDecided | e.DisagreementSettled | e.EmergencyOrdered | e.PublicationIntended | e.Published
PASSING = {
    StepKind.UNIT_APPROVAL: ("approved",),
    StepKind.COSIGN: ("approved", "settled"),
    StepKind.CONFIDENTIALITY: ("cleared",),
    StepKind.COUNTY_APPROVAL: ("approved",),
}


@dataclass
class Draft:
    """A release as the witness remembers it: decisions on the current version only."""

    kind: str
    unit: str
    corrects: str | None
    authors: set[str] = field(default_factory=set)
    number: int = 0
    digest: str = ""
    embargo: datetime | None = None
    decisions: dict[Required, tuple[set[str], str]] = field(default_factory=dict)
    """By step: whose decision the latest is (whoever acted for somebody else is two), and its outcome."""
    ordered: bool = False
    public: bool = False
    over: bool = False


class Witness:
    """Observes every entry and raises AssertionError at the first that may not be."""

    def __init__(self) -> None:
        self.drafts: dict[str, Draft] = {}
        self.referrals: dict[str, tuple[set[str], str]] = {}
        self.duties: dict[str, str] = {}
        self.keys: set[str] = set()
        self.level: str = ""
        self.lead: str = ""
        self.office: str = ""
        self.departments: list[str] = []
        self.detected_at: datetime | None = None
        self.policy: Policy | None = None

    def observe(self, entry: e.RecordedEntry) -> None:
        assert entry.key not in self.keys, "a key is used once"
        self.keys.add(entry.key)
        assert e.RecordedEntry.model_validate_json(entry.model_dump_json()) == entry
        assert list(words_in(entry.fact)) == [], "words never enter the ledger"
        self._course(entry.fact)
        self._release(entry)
        self._referral(entry)
        self._duty(entry.fact)

    def _course(self, fact: e.Fact) -> None:
        match fact:
            case e.Submitted():
                self.policy, self.office = fact.policy, fact.office
                self._graded(fact)
                self.lead = fact.route.lead
            case e.Assessed():
                self._graded(fact)
            case e.Routed():
                self.lead = fact.route.lead
            case e.Reopened():
                self.detected_at = fact.detected_at
            case e.Absorbed():
                self._joined(fact)

    # -- releases

    def _release(self, entry: e.RecordedEntry) -> None:
        match entry.fact:
            case e.VersionDrafted() as fact:
                self._drafted(fact, entry)
            case e.StepDecided() as fact:
                self._check_words(fact)
                self._decided(self.drafts[fact.release], (fact.step, fact.unit), str(fact.outcome), entry)
            case e.DisagreementSettled() as fact:
                self._check_words(fact)
                self._decided(self.drafts[fact.release], (StepKind.COSIGN, fact.unit), "settled", entry)
            case e.EmergencyOrdered() as fact:
                self._check_words(fact)
                assert not persons(entry) & self.drafts[fact.release].authors, "no author orders it out"
                self.drafts[fact.release].ordered = True
            case e.ReleaseCancelled() | e.ReleaseWithdrawn() as fact:
                self.drafts[fact.release].over = True
            case e.PublicationIntended() as fact:
                self._check_words(fact)
                self._intended(self.drafts[fact.release], entry.at)
            case e.Published() as fact:
                self._check_words(fact)
                self.drafts[fact.release].public = True

    def _check_words(self, fact: _OnWords) -> None:
        """Whatever is decided, intended or public is so on the current words."""
        draft = self.drafts[fact.release]
        assert (fact.version, fact.digest) == (draft.number, draft.digest), fact.type

    def _drafted(self, fact: e.VersionDrafted, entry: e.RecordedEntry) -> None:
        assert entry.by.actor is not None
        draft = self.drafts.setdefault(fact.release, Draft(fact.kind, fact.unit, fact.corrects))
        assert fact.version == draft.number + 1
        assert not draft.over
        draft.authors |= persons(entry)
        draft.number, draft.digest, draft.embargo, draft.decisions = fact.version, fact.digest, fact.embargo_until, {}
        draft.ordered = False

    def _decided(self, draft: Draft, step: Required, outcome: str, entry: e.RecordedEntry) -> None:
        by = persons(entry)
        assert not by & draft.authors, "no author decides, nor has it decided"
        others = [people for other, (people, _) in draft.decisions.items() if other != step]
        assert not any(by & people for people in others), "no person takes two steps of one version"
        draft.decisions[step] = (by, outcome)

    def _intended(self, draft: Draft, now: datetime) -> None:
        assert draft.public or draft.embargo is None or draft.embargo <= now
        assert self.may_go(draft), draft

    def may_go(self, draft: Draft) -> bool:
        """Every required step passed, by as many persons; or ordered out, cleared and not returned by anybody."""
        stopped = [step for step, (_, outcome) in draft.decisions.items() if outcome in ("returned", "refused")]
        if draft.over or (draft.ordered and stopped):
            return False
        if draft.public:
            return True
        wanted = self.required(draft)
        if draft.ordered:
            wanted = {step for step in wanted if step[0] == StepKind.CONFIDENTIALITY}
        passed = {
            step: people for step, (people, outcome) in draft.decisions.items() if outcome in PASSING[StepKind(step[0])]
        }
        return wanted <= set(passed) and not any(people & draft.authors for people in passed.values())

    def required(self, draft: Draft) -> set[Required]:
        """The steps of a release, read off the policy's table."""
        assert self.policy is not None
        reviewed = draft
        while reviewed.corrects:
            reviewed = self.drafts[reviewed.corrects]
        kinds = {
            str(step)
            for rule in self.policy.review
            if reviewed.kind in rule.kinds and self.level in rule.levels
            for stage in rule.stages
            for step in stage
        }
        found = {("unit_approval", draft.unit), ("unit_approval", self.lead), ("confidentiality", draft.unit)}
        assert {"unit_approval", "confidentiality"} <= kinds
        if "county_approval" in kinds:
            found.add(("county_approval", self.office))
        if "cosign" in kinds and len(self.departments) > 1:
            found |= {("cosign", unit) for unit in self.departments if unit not in (draft.unit, self.lead)}
        return found

    # -- referrals

    def _referral(self, entry: e.RecordedEntry) -> None:
        """Proposed by one, confirmed by another, and only then received."""
        match entry.fact:
            case e.RumourReferred():
                self.referrals[f"r{len(self.referrals) + 1}"] = persons(entry), "proposed"
            case e.ReferralConfirmed() as fact:
                proposers, state = self.referrals[fact.referral]
                assert state == "proposed"
                assert not proposers & persons(entry)
                self.referrals[fact.referral] = proposers, "confirmed" if fact.confirmed else "declined"
            case e.ReferralAcknowledged() as fact:
                proposers, state = self.referrals[fact.referral]
                assert state == "confirmed"
                self.referrals[fact.referral] = proposers, "received"

    # -- obligations

    def _graded(self, fact: e.Submitted | e.Assessed) -> None:
        superior = [fact.superior_department] if fact.superior_department else []
        self.level, self.detected_at = fact.level, fact.detected_at
        self.departments = sorted({*fact.departments, *superior})

    def _joined(self, fact: e.Absorbed) -> None:
        assert self.detected_at is not None
        order = list(Level)
        self.level = min(Level(self.level), fact.level, key=order.index)
        self.detected_at = min(self.detected_at, fact.detected_at)
        superior = [fact.superior_department] if fact.superior_department else []
        self.departments = sorted({*self.departments, *fact.departments, *superior})

    def _duty(self, fact: e.Fact) -> None:
        match fact:
            case e.ObligationOpened():
                assert fact.id not in self.duties, "an id is given once"
                self.duties[fact.id] = "pending"
                self._check_instant(fact)
            case e.ObligationMoved():
                assert self.duties[fact.id] == "pending"
            case e.ObligationMet() | e.ObligationSuperseded() | e.ObligationWaived():
                assert self.duties[fact.id] == "pending", "what ended stays ended"
                self.duties[fact.id] = type(fact).__name__

    def _check_instant(self, fact: e.ObligationOpened) -> None:
        """Instants follow from detection, level and policy, and from a superior's order where there is one."""
        assert self.policy is not None
        assert self.detected_at is not None
        if fact.basis == "last_release":
            assert fact.kind in ("rolling_update", "result")
            return
        by_rule = self.detected_at + HOURS[self.policy.id][fact.kind] * timedelta(seconds=self.policy.hour_seconds)
        allowed = ("first_release", "press_conference") if self.level in GRAVE else ("first_release", "response")
        assert fact.kind in allowed
        assert fact.due_at is not None
        if fact.basis == "superior_order":
            assert fact.due_at < by_rule
            assert fact.hard
        else:
            assert fact.due_at == by_rule
            assert fact.hard == (fact.kind != "first_release" or self.level in GRAVE)


def persons(entry: e.RecordedEntry) -> set[str]:
    """Who did it, and for whom."""
    assert entry.by.actor is not None
    return {entry.by.actor, entry.by.on_behalf_of or entry.by.actor}


def words_in(fact: e.Fact) -> Iterator[str]:
    """Texts that are not references, and Chinese anywhere but in the policy's own words and the number."""
    fields = fact.model_dump(mode="json")
    for name in WORDS:
        value = fields.get(name)
        if value is not None and not is_reference(value):
            yield f"{name}: {value}"
    yield from (text for name in LISTS for text in fields.get(name, ()) if not is_reference(text))
    own = {name: value for name, value in fields.items() if name not in ("policy", "number", "article")}
    if not json.dumps(own, ensure_ascii=False).isascii():
        yield json.dumps(own, ensure_ascii=False)
