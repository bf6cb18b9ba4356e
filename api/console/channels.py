"""发布渠道: what went out last on each, and what waits there for a person. No account, no secret."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

import policies
from api.auth import Caller
from api.console.language import N_, chosen
from api.console.rendering import page, say
from api.console.session import Visiting
from api.parts import Reading
from api.reading import may_read
from db import reads
from domain.incident import Incident
from domain.instants import Instant
from domain.permissions import seat_for
from domain.releases import BY_HAND, LOST
from domain.standing import sight_of
from domain.vocabulary import Channel, CommandName, Means, ReadName, ReleaseId, ReleaseKind

router = APIRouter(prefix="/console/channels", include_in_schema=False)


_WHY = {
    LOST: N_("已发出，但没有收到回执，系统不会自行重发。请到该渠道查看后登记结果。"),
    BY_HAND: N_("草稿已送达该渠道，须由人工点击发布，之后登记结果。"),
    "channel_unavailable": N_("运行环境中没有该渠道的账号。配置后重试，或放弃该渠道。"),
}
_OTHERWISE = N_("该渠道拒绝或无法完成。排除原因后重试，或到该渠道核实后登记结果。")


class Parked(NamedTuple):
    """A call on a channel that waits for a person, and what that person can do."""

    incident: Incident
    release: ReleaseId
    kind: ReleaseKind
    channel: Channel
    action: str
    why: str
    code: str
    since: Instant
    resolvable: bool


@router.get("", response_class=HTMLResponse)
async def show_channels(request: Request, visit: Visiting, session: Reading) -> HTMLResponse:
    caller = visit.caller
    policy = policies.load(caller.county.policy)
    waiting = await reads.waiting_for_a_person(session, sight_of(caller.actor))
    readable = [incident for incident in waiting if may_read(caller, incident, ReadName.INCIDENT)]
    outlets, services = await reads.outlets(session), await reads.services(session)
    return page(
        request,
        visit,
        "channels.html",
        channels=[(one, outlets.get(one, reads.Outlet())) for one in policy.channels],
        mandatory=policy.mandatory_channel,
        services=[(one, services.get(one, reads.Service())) for one in Means],
        parked=[one for incident in readable for one in _parked(incident, caller, say(chosen(request)))],
    )


def _parked(incident: Incident, caller: Caller, translated: Callable[[str], str]) -> Iterator[Parked]:
    resolvable = seat_for(CommandName.RESOLVE_PUBLICATION, caller.actor, incident) is not None
    for release in incident.releases.values():
        for call in release.pending:
            if call.parked is not None:
                why = translated(_WHY.get(call.parked, _OTHERWISE))
                about = (release.id, release.kind, call.channel, call.action, why, call.parked, call.since)
                yield Parked(incident, *about, resolvable)
