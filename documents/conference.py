"""新闻发布会审批表: the plan of one conference, its approval and what became of it (Art. 14, 15)."""

from collections.abc import Iterator

from documents import manuscript
from documents.dossier import NOTHING, Dossier, Recorded, at, listed, said
from documents.paper import Form, Paper, field, pairs, table
from domain import events as e
from domain.conferring import approval_stands
from domain.folding import evolve
from domain.incident import Incident
from domain.labels import fact_label
from domain.proceedings import Conference
from domain.refusals import Language
from domain.vocabulary import ConferenceForm


def conference_approval(dossier: Dossier, conference: Conference) -> Paper:
    lead = dossier.incident.route.lead
    speakers = [officer for officer in dossier.roster.spokespersons.get(lead, ()) if officer in conference.attendees]
    rows = (
        (field("事件", dossier.text(dossier.incident.title)),),
        *pairs(
            field("形式", said(conference.form)),
            field("当前状态", state(dossier, conference)),
            field("计划时间", at(conference.at)),
            field("举行时间", at(conference.held_at)),
            field("地点", dossier.text(conference.venue)),
            field("责任主体", dossier.unit(lead)),
        ),
        (field("出席人员", "\n".join(map(dossier.introduced, conference.attendees)) or NOTHING),),
        (field("新闻发言人", listed(map(dossier.introduced, speakers))),),
        (field("邀请媒体", listed(map(dossier.text, conference.invited))),),
        (field("发布稿", _statement(dossier, conference)),),
        (field("批准稿件指纹", conference.approved_digest or NOTHING),),
        *pairs(
            field("拟制人", dossier.person(conference.postponed_by or conference.planned_by)),
            field("拟制时间", at(conference.planned_at)),
            field("批准人", dossier.person(conference.approved_by)),
            field("批准时间", at(conference.approved_at)),
        ),
        (field("实录网址", dossier.text(conference.transcript_url)),),
    )
    course = [_step(dossier, recorded) for recorded in _course(dossier, conference.id)]
    columns = {"时间": 10, "事项": 9, "经办人": 13, "代谁办理": 8, "内容": 18, "台账号": 6}
    title = f"{said(conference.form)}审批表"
    return dossier.paper(title, [Form(rows=rows), table("办理经过", columns, course)], _marks(dossier, conference))


def state(dossier: Dossier, conference: Conference) -> str:
    """How it stands, in a word."""
    if conference.cancelled_at:
        return "已取消"
    if conference.held_at:
        return "已举行（未经审批）" if conference.unapproved else "已举行"
    approval = "已批准" if approval_stands(dossier.incident, conference) else "待批准"
    return approval + (f"（已改期 {conference.postponements} 次）" if conference.postponements else "")


def _marks(dossier: Dossier, conference: Conference) -> Iterator[str]:
    if conference.cancelled_at:
        yield f"已于 {at(conference.cancelled_at)} 取消"
    elif conference.held_at:
        if conference.unapproved:
            yield "未经审批而举行"
    elif conference.approved_at is None:
        yield "改期后尚未批准" if conference.postponements else "尚未批准，不得举行"
    elif not approval_stands(dossier.incident, conference):
        yield "发布稿在批准后已有变化，原批准失效"


def _statement(dossier: Dossier, conference: Conference) -> str:
    if conference.statement is None:
        return "未附发布稿" if conference.form is ConferenceForm.CONFERENCE else NOTHING
    release = dossier.incident.releases[conference.statement]
    approved = next((v for v in release.versions if v.digest == conference.approved_digest), release.version)
    return f"{manuscript.name(release, approved)}《{manuscript.title(dossier, approved)}》"


def _course(dossier: Dossier, conference: str) -> Iterator[Recorded]:
    """The entries that changed this conference: which one an entry means is told by folding it."""
    before: Incident | None = None
    for recorded in dossier.entries:
        after = evolve(before, recorded.entry, dossier.incident.id)
        if _found(after, conference) != _found(before, conference):
            yield recorded
        before = after


def _found(incident: Incident | None, conference: str) -> Conference | None:
    return next((c for c in incident.conferences if c.id == conference), None) if incident else None


def _step(dossier: Dossier, recorded: Recorded) -> tuple[str, ...]:
    entry, fact = recorded.entry, recorded.entry.fact
    match fact:
        case e.ConferenceScheduled():
            told = f"{at(fact.at)}　{dossier.text(fact.venue)}"
        case e.ConferencePostponed():
            told = f"改至 {at(fact.at)}\n{dossier.text(fact.reason)}"
        case e.ConferenceCancelled():
            told = dossier.text(fact.reason)
        case e.ConferenceApproved():
            told = dossier.text(fact.comment)
        case e.ConferenceRecorded():
            told = f"{at(fact.held_at)} 举行" + ("（未经审批）" if fact.approved is False else "")
        case _:
            told = NOTHING
    who = f"{dossier.actor(entry.by)}\n{dossier.post(entry.by)}"
    named = fact_label(fact.type, Language.ZH)
    return (at(entry.at), named, who, dossier.principal(entry.by), told, str(entry.seq))
