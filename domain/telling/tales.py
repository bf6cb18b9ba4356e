"""What a ledger entry says to a reader: a word, a sentence and how it is set off, in two languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from domain import events as e
from domain.commands import is_reference
from domain.labels import label
from domain.naming import PROCEEDINGS, called
from domain.refusals import Language
from domain.telling.names import Names
from domain.telling.words import AUDIENCES, DUTIES, FACTS, MET_LATE, OUTCOMES, SILENT, SUBJECTS, Pair
from domain.vocabulary import Channel, ObligationKind

ZH, EN = Language.ZH, Language.EN
_OF_DUTIES = (
    e.ObligationOpened
    | e.ObligationMoved
    | e.ObligationMet
    | e.ObligationSuperseded
    | e.ObligationWaived
    | e.Acknowledged
)


class Tale(NamedTuple):
    """`word` names the kind of event in a few letters; `style` sets it off; `link` is where to read on."""

    word: str
    text: str
    style: str = ""
    link: str = ""


class Teller:
    """Tells entries of one incident in order; remembers what later entries only name by id."""

    def __init__(
        self,
        names: Names,
        language: Language,
        titles: Mapping[str, str],
        when: Callable[[datetime], str],
        *,
        drill: bool,
    ) -> None:
        """`titles` holds those of releases by id; it may grow. Instants are told as `when` says them."""
        self._names = names
        self._language = language
        self._titles = titles
        self._when = when
        self._drill = drill
        self._duties: dict[str, ObligationKind] = {}
        self._kinds: dict[str, str] = {}

    def say(self, zh: str, en: str) -> str:
        return zh if self._language is ZH else en

    def tell(self, fact: e.Fact, actor: str | None, unit: str | None) -> Tale | None:
        """None for a fact that another line tells already."""
        who = self._names.who(actor, unit) if actor else self.say("系统", "the process")
        match fact:
            case _ if type(fact) in FACTS:
                return self._plain(fact, who)
            case e.Routed():
                return self._route(fact)
            case _ if isinstance(fact, _OF_DUTIES):
                return self._duty(fact)
            case e.Reminded() | e.Chased():
                return self._nudge(fact)
            case e.VersionDrafted() | e.StepDecided() | e.Published():
                return self._release(fact, who)
            case _ if type(fact) in SILENT:
                return None
        raise ValueError(f"nobody gave words for {type(fact).__name__}")

    def _plain(self, fact: e.Fact, who: str) -> Tale:
        """A fact that one sentence tells. Codes, ids and instants among its fields stand as words."""
        (zh_word, en_word), (zh, en), style = FACTS[type(fact)]
        fields = {name: self._word(name, getattr(fact, name)) for name in type(fact).model_fields}
        said = self.say(zh, en).format(who=who, **self._added(fact), **fields)
        return Tale(self.say(zh_word, en_word), said.rstrip("，：, :"), style)

    def _added(self, fact: e.Fact) -> dict[str, str]:
        """What truth values among its fields come to."""
        match fact:
            case e.Assessed():
                level = label(fact.level, self._language)
                graded = self.say(f"事件等级“{level}”", f"graded {level}")
                return {"verdict": graded if fact.respond else self.say("不予回应", "not to be answered")}
            case e.ConferenceRecorded():
                without = self.say("（未经审批）", " without approval")
                return {"approval": without if fact.approved is False else ""}
            case e.FigureAgreed():
                checked = self.say("已核实", "checked") if fact.checked else self.say("待核实", "not checked yet")
                may_say = self.say("可以对外", "to be said") if fact.may_say else self.say("不得对外", "not to be said")
                return {"usage": self.say("，", ", ").join([checked, may_say])}
            case e.ReferralConfirmed():
                zh, en = ("同意移交", "confirmed") if fact.confirmed else ("不予移交", "declined")
                return {"verdict": self.say(zh, en)}
            case _:
                return {}

    def _word(self, field: str, value: object) -> str:
        if isinstance(value, StrEnum):
            return label(value, self._language)
        if isinstance(value, datetime):
            return self._when(value)
        if isinstance(value, tuple):
            return self.say("、", ", ").join(self._word(field, part) for part in value)
        text = "" if value is None else str(value)
        if text and field in PROCEEDINGS:
            return called(field, text, self._language)
        if field == "release":
            return self._kinds.get(text, text)
        # Words that were erased, or are not the reader's to see.
        return "…" if is_reference(text) else self._names.people.get(text, text)

    def _tale(self, word: Pair, sentence: Pair, style: str = "") -> Tale:
        return Tale(self.say(*word), self.say(*sentence), style)

    def _route(self, fact: e.Routed) -> Tale:
        route, names = fact.route, self._names
        lead = names.unit(route.lead)
        zh = f"责任主体 {lead}；组织协调 {names.unit_list(route.coordinators, '、')}"
        en = f"lead {lead}; coordination {names.unit_list(route.coordinators, ', ')}"
        return self._tale(("分办", "route"), (f"{zh}（第{route.article}条）", f"{en} (Art. {route.article})"))

    def _duty(self, fact: _OF_DUTIES) -> Tale | None:
        if isinstance(fact, e.ObligationOpened):
            self._duties[fact.id] = fact.kind
        kind = self._duties.get(fact.id)
        if kind is None:
            return None
        duty = label(kind, self._language)
        match fact:
            case e.ObligationOpened():
                return self._opened(fact, duty)
            case e.ObligationWaived():
                return self._waived(fact, duty)
            case e.ObligationMet() if fact.late:
                word, (zh, en), style = MET_LATE
            case _:
                word, (zh, en), style = DUTIES[type(fact)]
        said = self.say(zh, en).format(duty=duty, unit=self._names.unit(getattr(fact, "unit", "")))
        return Tale(self.say(*word), said, style)

    def _opened(self, fact: e.ObligationOpened, duty: str) -> Tale:
        firm = self.say("硬性", "hard") if fact.hard else self.say("目标", "target")
        due = self._word("due_at", fact.due_at)
        by_then = self.say(f" {due}前", f" by {due}") if due else ""
        hours = self.say(f" {fact.hours:g} 小时", f", {fact.hours:g} h") if fact.hours else by_then
        sentence = (f"{duty}{hours}（{firm}，第{fact.article}条）", f"{duty}{hours} ({firm}, Art. {fact.article})")
        return self._tale(("计时", "clock"), sentence, "cyan")

    def _waived(self, fact: e.ObligationWaived, duty: str) -> Tale:
        if fact.because == "superior_release":
            return self._tale(("免除", "waived"), (f"{duty}由上级统一发布", f"{duty}: a superior's release covers it"))
        reason = self._word("reason", fact.reason)
        return self._tale(("免除", "waived"), (f"{duty}，{reason}", f"{duty}, {reason}"), "yellow")

    def _nudge(self, fact: e.Reminded | e.Chased) -> Tale:
        to = self.say("、", ", ").join(self.say(*AUDIENCES[audience]) for audience in fact.to)
        if isinstance(fact, e.Chased):
            return self._tale(("催办", "chase"), self._chase(fact, to), "yellow")
        duty = label(fact.kind, self._language)
        if fact.fraction >= 1:
            overdue = (f"{duty}已超时，告知 {to}", f"{duty} is overdue: telling {to}")
            return self._tale(("超时", "overdue"), overdue, "red")
        used = f"{fact.fraction:.0%}"
        reminder = (f"{duty}时限已用 {used}，提醒 {to}", f"{duty}: {used} of the time is gone, reminding {to}")
        return self._tale(("提醒", "remind"), reminder, "yellow")

    def _chase(self, fact: e.Chased, to: str) -> Pair:
        unit = self._names.unit(fact.unit or "")
        zh, en = SUBJECTS[fact.subject]
        if fact.step is not None:
            step = label(fact.step, self._language)
            zh, en = f"{unit}{step}", f"{step} of {unit}"
        elif unit:
            zh, en = f"{unit}{zh}", f"{en} ({unit})"
        return f"{zh}迟迟未办，催 {to}", f"{en} idles: asking {to}"

    def _release(self, fact: e.VersionDrafted | e.StepDecided | e.Published, who: str) -> Tale:
        if isinstance(fact, e.VersionDrafted):
            kind = label(fact.kind, self._language)
            self._kinds[fact.release] = self.say(f"“{kind}”", kind)
        kind = self._kinds.get(fact.release, "")
        version = self.say(f"{kind}第 {fact.version} 版", f"{kind} v{fact.version}")
        digest = fact.digest[:12]
        match fact:
            case e.VersionDrafted():
                words = ("起草", "draft") if fact.version == 1 else ("修改", "edit")
                until = self._word("embargo_until", fact.embargo_until)
                held = self.say(f"，{until}前不发", f", not before {until}") if until else ""
                sentence = (f"{who}：{version}，摘要 {digest}{held}", f"{who}: {version}, digest {digest}{held}")
                return self._tale(words, sentence)
            case e.StepDecided():
                step, outcome = self._step(fact), self._outcome(fact)
                style = "" if fact.outcome in ("approved", "cleared") else "yellow"
                return self._tale(("审签", "decide"), (f"{who}：{step}，{outcome}", f"{who}: {step}, {outcome}"), style)
            case e.Published() if fact.channel is not Channel.BULLETIN:
                channel = label(fact.channel, self._language)
                recorded = ("（演练只作记录）", " (recorded only)") if self._drill else ("", "")
                sentence = (f"{version}→{channel}{recorded[0]}", f"{version} → {channel}{recorded[1]}")
                return self._tale(("发布", "public"), sentence, "green")
            case e.Published():
                title = self._titles.get(fact.release, kind)
                return Tale(self.say("发布", "public"), f"《{title}》{digest}", "bold green", fact.url)

    def _step(self, fact: e.StepDecided) -> str:
        step = label(fact.step, self._language)
        kind = self._kinds.get(fact.release, "")
        return self.say(f"{kind}{step}", f"{step} of the {kind}")

    def _outcome(self, fact: e.StepDecided) -> str:
        said = self.say(*OUTCOMES[str(fact.outcome)])
        joint = self.say("：", ": ")
        telling = fact.words and fact.outcome not in ("approved", "cleared")
        return f"{said}{joint}{self._word('words', fact.words)}" if telling else said
