"""What a ledger entry says to a reader of the drill: a word, a sentence and a colour in two languages."""

from __future__ import annotations

from typing import NamedTuple

from domain import events as e
from domain.labels import label
from domain.refusals import Language
from domain.vocabulary import Audience, ObligationKind
from runtime.drill.cast import Cast

ZH, EN = Language.ZH, Language.EN

_AUDIENCES = {
    Audience.LEAD: ("责任主体", "the lead"),
    Audience.UNIT_HEAD: ("单位负责人", "the unit's head"),
    Audience.HOLDERS: ("经办人", "those asked"),
    Audience.COUNTY_OFFICE: ("县政府办公室", "the county office"),
    Audience.PRESS_OFFICE: ("新闻办", "the press office"),
    Audience.LEADING_GROUP: ("领导小组", "the leading group"),
    Audience.OPS: ("运维", "operations"),
}
_SUBJECTS = {"assessment": ("研判", "the assessment"), "parked": ("受阻的发布", "a blocked publication")}


class Tale(NamedTuple):
    """`word` names the kind of event in a few letters; `style` is a rich style."""

    word: str
    text: str
    style: str = ""


class Teller:
    """Tells entries of one incident in order; remembers what later entries only name by id."""

    def __init__(self, cast: Cast, language: Language) -> None:
        self._cast = cast
        self._language = language
        self._duties: dict[str, ObligationKind] = {}
        self._titles: dict[str, str] = {}
        self._kinds: dict[str, str] = {}

    def entitle(self, release: str, title: str) -> None:
        self._titles[release] = title

    def say(self, zh: str, en: str) -> str:
        return zh if self._language is ZH else en

    def tell(self, fact: e.Fact, actor: str | None, unit: str | None) -> Tale | None:
        """None for a fact that another line tells already."""
        who = self._cast.who(actor, unit) if actor else ""
        match fact:
            case e.Submitted():
                return self._tale("报送", "report", f"{who}:{fact.number}", f"{who}: {fact.number}", "bold")
            case e.Routed():
                return self._tale("分办", "route", *self._route(fact))
            case e.Assessed():
                level = label(fact.level, self._language)
                return self._tale("研判", "assess", f"{who}:事件等级“{level}”", f"{who}: graded {level}", "bold")
            case e.FactsConfirmed():
                return self._tale("事实", "facts", f"{who}:事实基本清楚", f"{who}: facts confirmed")
            case e.PhaseChanged():
                phase = label(fact.phase, self._language)
                return self._tale("阶段", "phase", f"进入“{phase}”", f"now {phase}", "magenta")
            case e.ObligationOpened() | e.ObligationMoved() | e.ObligationMet() | e.ObligationSuperseded():
                return self._duty(fact)
            case e.Reminded() | e.Chased():
                return self._nudge(fact)
            case e.VersionDrafted() | e.StepDecided() | e.Published():
                return self._release(fact, who)
            case e.ConferenceScheduled():
                return self._tale("发布会", "meeting", f"{who}:已排定新闻发布会", f"{who}: conference scheduled")
            case e.ConferenceRecorded():
                return self._tale("发布会", "meeting", f"{who}:新闻发布会已召开", f"{who}: conference held", "bold")
            case e.EffectParked():
                return self._tale("受阻", "blocked", f"发布受阻({fact.code})", f"blocked: {fact.code}", "red")
            case e.Closed():
                return self._tale("办结", "closed", who, who, "bold green")
            case _:
                return None

    def _tale(self, zh_word: str, en_word: str, zh: str, en: str, style: str = "") -> Tale:
        return Tale(self.say(zh_word, en_word), self.say(zh, en), style)

    def _route(self, fact: e.Routed) -> tuple[str, str]:
        route, cast = fact.route, self._cast
        lead = cast.unit(route.lead)
        zh = f"责任主体 {lead};组织协调 {cast.unit_list(route.coordinators, '、')}"
        en = f"lead {lead}; coordination {cast.unit_list(route.coordinators, ', ')}"
        return zh + f"(第{route.article}条)", en + f" (Art. {route.article})"

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
                hours = self.say(f"{fact.hours:g} 小时", f"{fact.hours:g} h") if fact.hours else ""
                zh = f"{duty} {hours}({firm},第{fact.article}条)"
                return self._tale("计时", "clock", zh, f"{duty} {hours} ({firm}, Art. {fact.article})", "cyan")
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
            what = label(fact.step, self._language) if fact.step else _SUBJECTS[fact.subject][self._language is EN]
            return self._tale("催办", "chase", f"{what}迟迟未办,催 {to}", f"{what} idles: asking {to}", "yellow")
        duty = label(fact.kind, self._language)
        if fact.fraction >= 1:
            return self._tale("超时", "overdue", f"{duty}已超时,告知 {to}", f"{duty} is overdue: telling {to}", "red")
        used = f"{fact.fraction:.0%}"
        zh = f"{duty}时限已用 {used},提醒 {to}"
        return self._tale("提醒", "remind", zh, f"{duty}: {used} of the time is gone, reminding {to}", "yellow")

    def _release(self, fact: e.VersionDrafted | e.StepDecided | e.Published, who: str) -> Tale:
        if isinstance(fact, e.VersionDrafted):
            self._kinds[fact.release] = label(fact.kind, self._language)
        kind = self._kinds.get(fact.release, "")
        version = self.say(f"“{kind}”第 {fact.version} 版", f"{kind} v{fact.version}")
        digest = fact.digest[:12]
        match fact:
            case e.VersionDrafted():
                words = ("起草", "draft") if fact.version == 1 else ("修改", "edit")
                return self._tale(*words, f"{who}:{version},摘要 {digest}", f"{who}: {version}, digest {digest}")
            case e.StepDecided():
                step = label(fact.step, self._language)
                outcome = self._outcome(fact)
                style = "" if fact.outcome in ("approved", "cleared") else "yellow"
                return self._tale("审签", "decide", f"{who}:{step},{outcome}", f"{who}: {step}, {outcome}", style)
            case e.Published():
                title = self._titles.get(fact.release, kind)
                text = f"《{title}》{digest} {fact.url}"
                return self._tale("发布", "public", text, text, "bold green")

    def _outcome(self, fact: e.StepDecided) -> str:
        said = {
            "approved": ("同意", "approved"),
            "returned": ("退回", "returned"),
            "cleared": ("可以公开", "cleared"),
            "refused": ("不予公开", "refused"),
            "undecided": ("暂不能确定,已请示", "undecided, authority asked"),
        }[str(fact.outcome)][self._language is EN]
        return f"{said}:{fact.words}" if fact.words and fact.outcome in ("returned", "undecided") else said
