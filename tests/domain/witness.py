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
WORDS = ("title", "summary", "reason", "words", "venue", "transcript_url", "text")
GRAVE = (Level.MAJOR, Level.ESPECIALLY_MAJOR)
Required = tuple[str, str]


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
    decisions: dict[Required, tuple[str, str]] = field(default_factory=dict)
    over: bool = False


class Witness:
    """Observes every entry and raises AssertionError at the first that may not be."""

    def __init__(self) -> None:
        self.drafts: dict[str, Draft] = {}
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
        match entry.fact:
            case e.Submitted() as fact:
                self.policy, self.office = fact.policy, fact.office
                self._graded(fact)
                self.lead = fact.route.lead
            case e.Assessed() as fact:
                self._graded(fact)
            case e.Routed() as fact:
                self.lead = fact.route.lead
            case e.Reopened() as fact:
                self.detected_at = fact.detected_at
            case e.VersionDrafted() as fact:
                self._drafted(fact, entry)
            case e.StepDecided() as fact:
                self._decided(fact, entry)
            case e.ReleaseCancelled() as fact:
                self.drafts[fact.release].over = True
            case e.PublicationIntended() as fact:
                self._intended(fact, entry.at)
            case e.Published() as fact:
                draft = self.drafts[fact.release]
                assert (fact.version, fact.digest) == (draft.number, draft.digest), (
                    "what is public is what was intended"
                )
            case _:
                self._duty(entry.fact)

    # -- releases

    def _drafted(self, fact: e.VersionDrafted, entry: e.RecordedEntry) -> None:
        assert entry.by.actor is not None
        draft = self.drafts.setdefault(fact.release, Draft(fact.kind, fact.unit, fact.corrects))
        assert fact.version == draft.number + 1
        assert not draft.over
        draft.authors.add(entry.by.actor)
        draft.number, draft.digest, draft.embargo, draft.decisions = fact.version, fact.digest, fact.embargo_until, {}

    def _decided(self, fact: e.StepDecided, entry: e.RecordedEntry) -> None:
        draft, by = self.drafts[fact.release], entry.by.actor
        assert by is not None
        assert (fact.version, fact.digest) == (draft.number, draft.digest), "a decision is on the current words"
        assert by not in draft.authors, "no author decides"
        others = {person for step, (person, _) in draft.decisions.items() if step != (fact.step, fact.unit)}
        assert by not in others, "no person takes two steps of one version"
        draft.decisions[fact.step, fact.unit] = (by, str(fact.outcome))

    def _intended(self, fact: e.PublicationIntended, now: datetime) -> None:
        draft = self.drafts[fact.release]
        assert not draft.over
        assert (fact.version, fact.digest) == (draft.number, draft.digest)
        assert draft.embargo is None or draft.embargo <= now
        passing: set[str] = set()
        for step in self.required(draft):
            person, outcome = draft.decisions.get(step, ("nobody", "missing"))
            assert outcome == ("cleared" if step[0] == StepKind.CONFIDENTIALITY else "approved"), (step, outcome)
            passing.add(person)
        assert len(passing) == len(self.required(draft)), "as many persons as steps"
        assert not passing & draft.authors

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

    # -- obligations

    def _graded(self, fact: e.Submitted | e.Assessed) -> None:
        superior = [fact.superior_department] if fact.superior_department else []
        self.level, self.detected_at = fact.level, fact.detected_at
        self.departments = sorted({*fact.departments, *superior})

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


def words_in(fact: e.Fact) -> Iterator[str]:
    """Texts that are not references, and Chinese anywhere but in the policy's own words and the number."""
    fields = fact.model_dump(mode="json")
    for name in WORDS:
        value = fields.get(name)
        if value is not None and not is_reference(value):
            yield f"{name}: {value}"
    yield from (link for link in fields.get("links", ()) if not is_reference(link))
    own = {name: value for name, value in fields.items() if name not in ("policy", "number", "article")}
    if not json.dumps(own, ensure_ascii=False).isascii():
        yield json.dumps(own, ensure_ascii=False)
