"""An incident's course on the drawn timeline: its duties' windows, and what happened when."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from api.console.chart import Chart, Happening, MarkKind, Window, draw
from api.console.clocks import Clock
from api.console.history import Told
from api.console.rendering import say
from domain import events as e
from domain.incident import Incident
from domain.labels import label, local_time
from domain.obligations import Obligation
from domain.refusals import Language
from domain.vocabulary import ObligationState

_STEPS = (e.Submitted, e.Assessed, e.FactsConfirmed, e.LeadDesignated, e.Merged, e.Absorbed, e.Closed, e.Reopened)
_KINDS: dict[MarkKind, tuple[type[e.Fact], ...]] = {
    MarkKind.STEP: _STEPS,
    MarkKind.RELEASE: (e.Published, e.ReleaseWithdrawn, e.Retracted, e.SuperiorReleaseRecorded),
    MarkKind.DECISION: (e.VersionDrafted, e.StepDecided, e.DisagreementSettled, e.EmergencyOrdered),
    MarkKind.CONFERENCE: (
        e.ConferenceScheduled,
        e.ConferenceApproved,
        e.ConferencePostponed,
        e.ConferenceCancelled,
        e.ConferenceRecorded,
        e.ConsultationConvened,
        e.ConsultationConcluded,
    ),
    MarkKind.REMINDER: (e.Reminded, e.Chased),
}


def lane_names(language: Language) -> dict[MarkKind, str]:
    _ = say(language)
    return {
        MarkKind.STEP: _("办理"),
        MarkKind.RELEASE: _("发布"),
        MarkKind.DECISION: _("起草审签"),
        MarkKind.CONFERENCE: _("会商发布会"),
        MarkKind.REMINDER: _("提醒催办"),
    }


def chart_of(incident: Incident, told: Sequence[Told], now: datetime, language: Language) -> Chart:
    """`told` is the history, as far as the reader may see it; without one the duties alone are drawn."""
    windows = list(_windows(incident, now, language))
    happenings, hour = list(_happenings(told, language)), incident.policy.hours(1)
    return draw(windows, happenings, incident.detected_at, now, hour, ended=incident.phase.ended)


def _windows(incident: Incident, now: datetime, language: Language) -> Iterator[Window]:
    for duty in incident.obligations:
        if duty.due_at is None:
            continue
        late = duty.met_at if duty.met_at and duty.met_at > duty.due_at else now if duty.overdue(now) else None
        start = duty.counted_from or duty.opened_at or incident.round_started_at
        style = Clock.of(duty, incident, now).urgency if duty.pending else duty.state
        words = window_words(duty, now, language)
        yield Window(label(duty.kind, language), start, duty.due_at, style, words, duty.met_at, late)


def window_words(duty: Obligation, now: datetime, language: Language) -> str:
    """`首次发布：3月18日15:20起，时限19:20，按时完成`."""
    _ = say(language)
    state = _("已逾期") if duty.overdue(now) else label(duty.state, language)
    if duty.state in (ObligationState.WAIVED, ObligationState.SUPERSEDED) and duty.ran_late:
        state += _("（此前已逾期）")
    parts = [label(duty.kind, language)]
    if duty.due_at:
        parts.append(_("时限 {at}").format(at=local_time(duty.due_at)))
    if duty.met_at:
        parts.append(_("完成 {at}").format(at=local_time(duty.met_at)))
    return _("，").join([*parts, state])


def _happenings(told: Iterable[Told], language: Language) -> Iterator[Happening]:
    names = lane_names(language)
    told = list(told)
    for kind, facts in _KINDS.items():
        for one in told:
            if isinstance(one.fact, facts):
                at = _instant(one)
                yield Happening(names[kind], kind, at, f"{local_time(at)} {one.word} {one.text}")


def _instant(one: Told) -> datetime:
    """When it was so, which may be before it was recorded."""
    match one.fact:
        case e.Published() | e.Retracted():
            return one.fact.at
        case e.ConferenceRecorded():
            return one.fact.held_at
    return one.at
