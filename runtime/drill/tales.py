"""What a ledger entry says to a reader of the drill: a word, a sentence and a colour in two languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from domain import events as e
from domain.labels import label
from domain.refusals import Language
from domain.vocabulary import Audience, Level, ObligationKind, Phase
from runtime.drill.cast import Cast

ZH, EN = Language.ZH, Language.EN

_AUDIENCES = {
    Audience.LEAD: ("责任主体", "the lead"),
    Audience.UNIT: ("承办单位", "the unit"),
    Audience.UNIT_HEAD: ("单位负责人", "the unit's head"),
    Audience.HOLDERS: ("经办人", "whoever holds it"),
    Audience.COUNTY_OFFICE: ("县政府办公室", "the county office"),
    Audience.PRESS_OFFICE: ("新闻办", "the press office"),
    Audience.LEADING_GROUP: ("领导小组", "the leading group"),
    Audience.OPS: ("运维", "operations"),
}
# Word, sentence, in both languages, and style.
_PLAIN: dict[type[e.Fact], tuple[str, str, str, str, str]] = {
    e.Submitted: ("报送", "report", "{who}：{number}", "{who}: {number}", "bold"),
    e.Assessed: ("研判", "assess", "{who}：事件等级“{level}”", "{who}: graded {level}", "bold"),
    e.FactsConfirmed: ("事实", "facts", "{who}：事实基本清楚", "{who}: facts confirmed", "bold"),
    e.PhaseChanged: ("阶段", "phase", "进入“{phase}”", "now {phase}", "magenta"),
    e.ConferenceScheduled: ("发布会", "meeting", "{who}：排定新闻发布会", "{who}: conference scheduled", ""),
    e.ConferenceRecorded: ("发布会", "meeting", "{who}：新闻发布会已召开", "{who}: conference held", "bold"),
    e.EffectParked: ("受阻", "blocked", "发布受阻（{code}）", "publication blocked: {code}", "red"),
    e.Closed: ("办结", "closed", "{who}", "{who}", "bold green"),
}
_PLAIN_FACTS = tuple(_PLAIN)
_SUBJECTS = {
    "assessment": ("研判", "the assessment"),
    "parked": ("受阻的发布", "a blocked publication"),
    "acknowledgement": ("时限签收", "signing for a duty"),
    "remedy": ("更正或说明", "a correction or explanation"),
    "conference": ("新闻发布会", "the conference"),
    "consultation": ("会商结论", "a consultation"),
    "task": ("交办事项", "a task"),
    "referral": ("线索移交", "a referral"),
}


class Tale(NamedTuple):
    """`word` names the kind of event in a few letters; `style` is a rich style; `link` is where to read on."""

    word: str
    text: str
    style: str = ""
    link: str = ""


class Teller:
    """Tells entries of one incident in order; remembers what later entries only name by id."""

    def __init__(self, cast: Cast, language: Language, titles: Mapping[str, str]) -> None:
        """`titles` holds those of releases by id; it may grow."""
        self._cast = cast
        self._language = language
        self._titles = titles
        self._duties: dict[str, ObligationKind] = {}
        self._kinds: dict[str, str] = {}

    def say(self, zh: str, en: str) -> str:
        return zh if self._language is ZH else en

    def tell(self, fact: e.Fact, actor: str | None, unit: str | None) -> Tale | None:
        """None for a fact that another line tells already."""
        who = self._cast.who(actor, unit) if actor else ""
        if isinstance(fact, _PLAIN_FACTS):
            return self._plain(fact, who)
        match fact:
            case e.Routed():
                return self._route(fact)
            case e.ObligationOpened() | e.ObligationMoved() | e.ObligationMet() | e.ObligationSuperseded():
                return self._duty(fact)
            case e.Reminded() | e.Chased():
                return self._nudge(fact)
            case e.VersionDrafted() | e.StepDecided() | e.Published():
                return self._release(fact, who)
            case _:
                return None

    def _plain(self, fact: e.Fact, who: str) -> Tale:
        """A fact that one template tells. Codes among its fields stand as words."""
        words = {name: self._word(getattr(fact, name)) for name in type(fact).model_fields}
        zh_word, en_word, zh, en, style = _PLAIN[type(fact)]
        return self._tale(zh_word, en_word, zh.format(who=who, **words), en.format(who=who, **words), style)

    def _word(self, value: object) -> str:
        return label(value, self._language) if isinstance(value, Level | Phase) else str(value)

    def _tale(self, zh_word: str, en_word: str, zh: str, en: str, style: str = "") -> Tale:
        return Tale(self.say(zh_word, en_word), self.say(zh, en), style)

    def _route(self, fact: e.Routed) -> Tale:
        route, cast = fact.route, self._cast
        lead = cast.unit(route.lead)
        zh = f"责任主体 {lead}；组织协调 {cast.unit_list(route.coordinators, '、')}"
        en = f"lead {lead}; coordination {cast.unit_list(route.coordinators, ', ')}"
        return self._tale("分办", "route", f"{zh}（第{route.article}条）", f"{en} (Art. {route.article})")

    def _duty(
        self, fact: e.ObligationOpened | e.ObligationMoved | e.ObligationMet | e.ObligationSuperseded
    ) -> Tale | None:
        if isinstance(fact, e.ObligationOpened):
            self._duties[fact.id] = fact.kind
        kind = self._duties.get(fact.id)
        if kind is None:
            return None
        duty = label(kind, self._language)
        match fact:
            case e.ObligationOpened():
                firm = self.say("硬性", "hard") if fact.hard else self.say("目标", "target")
                hours = self.say(f" {fact.hours:g} 小时", f", {fact.hours:g} h") if fact.hours else ""
                zh = f"{duty}{hours}（{firm}，第{fact.article}条）"
                return self._tale("计时", "clock", zh, f"{duty}{hours} ({firm}, Art. {fact.article})", "cyan")
            case e.ObligationMoved():
                return self._tale("计时", "clock", f"{duty} 重新起算", f"{duty} counts anew", "cyan")
            case e.ObligationMet() if fact.late:
                return self._tale("逾期", "late", f"{duty} 逾期完成", f"{duty} met late", "red")
            case e.ObligationMet():
                return self._tale("完成", "met", f"{duty} 按时完成", f"{duty} met in time", "green")
            case e.ObligationSuperseded():
                return self._tale("替代", "dropped", f"{duty} 不再适用", f"{duty} no longer owed", "dim")

    def _nudge(self, fact: e.Reminded | e.Chased) -> Tale:
        audiences = [_AUDIENCES[audience][self._language is EN] for audience in fact.to]
        to = self.say("、", ", ").join(audiences)
        if isinstance(fact, e.Chased):
            return self._tale("催办", "chase", *self._chase(fact, to), "yellow")
        duty = label(fact.kind, self._language)
        if fact.fraction >= 1:
            return self._tale("超时", "overdue", f"{duty}已超时，告知 {to}", f"{duty} is overdue: telling {to}", "red")
        used = f"{fact.fraction:.0%}"
        zh = f"{duty}时限已用 {used}，提醒 {to}"
        return self._tale("提醒", "remind", zh, f"{duty}: {used} of the time is gone, reminding {to}", "yellow")

    def _chase(self, fact: e.Chased, to: str) -> tuple[str, str]:
        if fact.step is None:
            zh, en = _SUBJECTS[fact.subject]
        else:
            step, unit = label(fact.step, self._language), self._cast.unit(fact.unit or "")
            zh, en = f"{unit}{step}", f"{step} of {unit}"
        return f"{zh}迟迟未办，催 {to}", f"{en} idles: asking {to}"

    def _release(self, fact: e.VersionDrafted | e.StepDecided | e.Published, who: str) -> Tale:
        if isinstance(fact, e.VersionDrafted):
            self._kinds[fact.release] = label(fact.kind, self._language)
        kind = self._kinds.get(fact.release, "")
        version = self.say(f"“{kind}”第 {fact.version} 版", f"{kind} v{fact.version}")
        digest = fact.digest[:12]
        match fact:
            case e.VersionDrafted():
                words = ("起草", "draft") if fact.version == 1 else ("修改", "edit")
                return self._tale(*words, f"{who}：{version}，摘要 {digest}", f"{who}: {version}, digest {digest}")
            case e.StepDecided():
                step = label(fact.step, self._language)
                outcome = self._outcome(fact)
                style = "" if fact.outcome in ("approved", "cleared") else "yellow"
                return self._tale("审签", "decide", f"{who}：{step}，{outcome}", f"{who}: {step}, {outcome}", style)
            case e.Published():
                title = self._titles.get(fact.release, kind)
                return Tale(self.say("发布", "public"), f"《{title}》{digest}", "bold green", fact.url)

    def _outcome(self, fact: e.StepDecided) -> str:
        said = {
            "approved": ("同意", "approved"),
            "returned": ("退回", "returned"),
            "cleared": ("可以公开", "cleared"),
            "refused": ("不予公开", "refused"),
            "undecided": ("暂不能确定", "undecided"),
        }[str(fact.outcome)][self._language is EN]
        joint = self.say("：", ": ")
        return f"{said}{joint}{fact.words}" if fact.words and fact.outcome in ("returned", "undecided") else said
