"""Notices on their way to people. Losing one is the failure here, so one may arrive twice where a service allows it."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import NamedTuple

import policies
from channels import NotYet, Throttled
from channels.asking import LostAnswer, NotSent
from channels.messengers import Message, Messenger, Rejected
from channels.messengers.pauses import Pauses
from db import contacts, deliveries, reads, registers
from db.deliveries import Outgoing
from db.directory import Counties
from db.session import Sessions
from domain.brief import brief
from domain.county import Actor, County
from domain.delivering import (
    BUNDLE,
    MOST_LINES,
    PATIENCE,
    Contact,
    QuietHours,
    address_for,
    of_soft_target,
    urgent,
    wait_after,
)
from domain.incident import Incident
from domain.notices import NoticeKind
from domain.registers import owed_filings
from domain.standing import may_know
from domain.vocabulary import DeliveryState, IncidentId, Means, Role
from domain.wording import sentence
from runtime.clock import Clock
from runtime.log import get_logger
from runtime.metrics import NOTICES

log = get_logger(__name__)

AT_ONCE = 200
"""Notices that one round takes from the outbox."""
_ASK_AGAIN = timedelta(seconds=5)
_REPORTS_WAITED_FOR = 60
"""Times a service is asked what became of a message, before the next address is tried."""


class _Addressed(NamedTuple):
    notice: Outgoing
    contact: Contact


class Notifying:
    """Empties the outbox. `console_url` is where links lead; no drill ever reaches a messenger."""

    def __init__(
        self,
        sessions: Sessions,
        clock: Clock,
        counties: Counties,
        messengers: Mapping[Means, Messenger],
        console_url: str,
        quiet: QuietHours | None,
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._counties = counties
        self._messengers = messengers
        self._console_url = console_url
        self._quiet = quiet
        self._sending, self._asking = Pauses(), Pauses()

    async def deliver(self) -> int:
        """One round: how many notices it took up. A round that breaks off is made good when its lease is over."""
        now = await self._clock.now()
        async with self._sessions.begin() as session:
            notices = await deliveries.claim(session, now, AT_ONCE)
        if not notices:
            return 0
        outgoing = await self._without_drills(notices)
        outgoing = await self._to_whom_it_may_be_known(outgoing)
        outgoing = await self._outside_quiet_hours(outgoing, now)
        addressed = await self._addressed(outgoing)
        bundles: dict[Contact, list[_Addressed]] = defaultdict(list)
        taken: list[_Addressed] = []
        for one in addressed:
            (taken if one.notice.state is DeliveryState.HANDED_OVER else bundles[one.contact]).append(one)
        put_off: dict[datetime, list[int]] = defaultdict(list)
        for contact, bundle in bundles.items():
            if until := self._sending.until(contact.means, now):
                put_off[until] += _ids(bundle)
            else:
                await self._deliver(contact, bundle, now)
        # What a service allows is for those who wait; what it took already is asked after with the rest.
        for one in taken:
            if until := self._asking.until(one.contact.means, now):
                put_off[until] += _ids([one])
            else:
                await self._follow(one, now)
        for until, ids in put_off.items():
            await self._settle(ids, next_at=until)
        return len(notices)

    async def chase_filings(self) -> None:
        """Tell each unit that owes a spokesperson, and the press office, once in the policy's days (Art. 7)."""
        now = await self._clock.now()
        async with self._sessions.begin() as session:
            county = (await self._counties.current(session)).on(now)
            press = county.with_role(Role.PRESS_OFFICE)
            period = now.date().toordinal() // policies.load(county.policy).spokesperson_days
            for owed in owed_filings(county, await registers.register(session)):
                officers = tuple(dict.fromkeys((*county.with_role(Role.UNIT_HEAD, owed.unit), *press)))
                unit = {"unit": owed.unit}
                await deliveries.tell(session, NoticeKind.SPOKESPERSON_OWED, officers, owed.unit, period, unit, now)

    async def _without_drills(self, notices: Sequence[Outgoing]) -> list[Outgoing]:
        drills = [notice.id for notice in notices if notice.drill]
        await self._settle(drills, delivery=DeliveryState.RECORDED, next_at=None)
        return [notice for notice in notices if not notice.drill]

    async def _to_whom_it_may_be_known(self, notices: Sequence[Outgoing]) -> list[Outgoing]:
        """An incident may have been restricted after somebody was to be told of it."""
        restricted = {IncidentId(notice.incident) for notice in notices if notice.restricted}
        if not restricted:
            return list(notices)
        async with self._sessions() as session:
            county = (await self._counties.current(session)).on(await self._clock.now())
            states = await reads.states(session, restricted)
        kept = [notice for notice in notices if not notice.restricted or _may_know(notice, states, county)]
        held = {notice.id for notice in notices} - {notice.id for notice in kept}
        await self._settle(sorted(held), delivery=DeliveryState.INBOX_ONLY, next_at=None)
        return kept

    async def _outside_quiet_hours(self, notices: Sequence[Outgoing], now: datetime) -> list[Outgoing]:
        """Those that go now; a reminder of a soft target waits for the morning."""
        morning = self._quiet.over_at(now) if self._quiet else now
        held = [n.id for n in notices if morning > now and of_soft_target(n.kind, n.data)]
        await self._settle(held, next_at=morning)
        return [notice for notice in notices if notice.id not in held]

    async def _addressed(self, notices: Sequence[Outgoing]) -> list[_Addressed]:
        """Each with the address whose turn it is; those without any end here."""
        async with self._sessions() as session:
            county = await self._counties.current(session)
            owners = {owner for notice in notices for owner in _owners(notice, county)}
            book = await contacts.of(session, owners)
        found: list[_Addressed] = []
        for notice in notices:
            reachable = self._reachable(notice, book, county)
            contact = address_for(reachable, notice.kind, notice.data, notice.turn)
            if contact is not None:
                found.append(_Addressed(notice, contact))
            else:
                state = DeliveryState.UNDELIVERED if notice.turn else DeliveryState.INBOX_ONLY
                await self._settle([notice.id], delivery=state, next_at=None)
                if state is DeliveryState.UNDELIVERED:
                    NOTICES.labels(notice.means or "none", "undelivered").inc()
                    log.warning("notice_undelivered", notice=notice.id, officer=notice.officer)
        return found

    def _reachable(self, notice: Outgoing, book: Mapping[str, Sequence[Contact]], county: County) -> list[Contact]:
        """The officer's own addresses that this installation reaches, else those of a unit they serve in."""
        for owner in _owners(notice, county):
            if found := [contact for contact in book.get(owner, ()) if contact.means in self._messengers]:
                return found
        return []

    async def _deliver(self, contact: Contact, bundle: list[_Addressed], now: datetime) -> None:
        """One message for what came together, unless this person had one a moment ago and nothing is urgent."""
        if not any(urgent(one.notice.kind, one.notice.data) for one in bundle):
            async with self._sessions() as session:
                officers = {one.notice.officer for one in bundle}
                sent = await deliveries.last_sent(session, officers, now - BUNDLE)
            if sent:
                await self._settle(_ids(bundle), next_at=max(sent.values()) + BUNDLE)
                return
        message = await self._worded(bundle, now)
        messenger = self._messengers[contact.means]
        try:
            handle = await messenger.send(message, contact, now)
        except Throttled as throttled:
            await self._put_back(bundle, throttled, now)
            return
        except (Rejected, NotYet, NotSent, LostAnswer) as trouble:
            for one in bundle:
                await self._troubled(one, trouble, now)
            return
        self._sending.end(contact.means)
        NOTICES.labels(contact.means, "taken").inc(len(bundle))
        taken = {"means": contact.means, "handle": handle, "attempts": 0, "code": None, "sent_at": now}
        if handle is None:
            await self._settle(_ids(bundle), delivery=DeliveryState.DELIVERED, next_at=None, **taken)
        else:
            after = now + _ASK_AGAIN
            await self._settle(_ids(bundle), delivery=DeliveryState.HANDED_OVER, next_at=after, **taken)

    async def _follow(self, one: _Addressed, now: datetime) -> None:
        """Ask what became of a message that a service took."""
        notice, contact = one
        if contact.means != notice.means or notice.attempts >= _REPORTS_WAITED_FOR:
            await self._troubled(one, Rejected("no_report"), now)
            return
        try:
            arrived = await self._messengers[contact.means].arrived(notice.handle or "", contact, now)
        except Rejected as rejected:
            await self._troubled(one, rejected, now)
            return
        except Throttled as throttled:
            if until := self._asking.begin(contact.means, throttled, now):
                await self._settle([notice.id], next_at=until)
                return
            arrived = False
        except (NotYet, NotSent, LostAnswer):
            arrived = False
        else:
            self._asking.end(contact.means)
        if arrived:
            await self._settle([notice.id], delivery=DeliveryState.DELIVERED, next_at=None)
        else:
            await self._settle([notice.id], attempts=notice.attempts + 1, next_at=now + _ASK_AGAIN)

    async def _put_back(self, bundle: list[_Addressed], throttled: Throttled, now: datetime) -> None:
        """Until the service lets somebody in again: no attempt in vain. One that never does is followed by the next."""
        means = bundle[0].contact.means
        if until := self._sending.begin(means, throttled, now):
            NOTICES.labels(means, "put_off").inc(len(bundle))
            await self._settle(_ids(bundle), next_at=until, means=means, code=throttled.code)
            return
        for one in bundle:
            await self._troubled(one, Rejected(throttled.code), now)

    async def _troubled(self, one: _Addressed, trouble: Exception, now: datetime) -> None:
        """Again after a while, or at once at the next address."""
        notice, attempts = one.notice, one.notice.attempts + 1
        code = trouble.code if isinstance(trouble, Rejected | NotYet) else "unreachable"
        if isinstance(trouble, Rejected) or attempts >= PATIENCE:
            change = {"turn": notice.turn + 1, "attempts": 0, "next_at": now}
        else:
            wait = wait_after(attempts)
            if isinstance(trouble, NotYet):
                wait = max(wait, timedelta(seconds=trouble.seconds))
            change = {"attempts": attempts, "next_at": now + wait}
        change |= {"delivery": DeliveryState.WAITING, "handle": None, "sent_at": None}
        await self._settle([notice.id], means=one.contact.means, code=code, **change)
        NOTICES.labels(one.contact.means, "refused").inc()
        log.warning("notice_not_taken", notice=notice.id, means=one.contact.means, code=code)

    async def _worded(self, bundle: Sequence[_Addressed], now: datetime) -> Message:
        async with self._sessions() as session:
            county = await self._counties.current(session)
        names = {str(unit.id): unit.name for unit in county.units}
        said = (sentence(one.notice.kind, one.notice.data, one.notice.number, names) for one in bundle)
        # Several officers at one address are told the same thing once.
        lines = tuple(dict.fromkeys(said))
        if len(lines) > MOST_LINES:
            lines = (*lines[:MOST_LINES], f"……共 {len(lines)} 条")
        incidents = {one.notice.incident for one in bundle}
        only = incidents.pop() if len(incidents) == 1 else ""
        place = f"/incidents/{only}" if only else "/tasks"
        key = hashlib.sha256(",".join(map(str, sorted(_ids(bundle)))).encode()).hexdigest()[:32]
        foremost = min((one.notice for one in bundle), key=lambda notice: not urgent(notice.kind, notice.data))
        short = brief(len(bundle), foremost.kind, foremost.data, foremost.number, now)
        return Message(key, lines, self._console_url + place, short)

    async def _settle(self, ids: Sequence[int], **values: object) -> None:
        if ids:
            async with self._sessions.begin() as session:
                await deliveries.settle(session, ids, **values)


def _ids(bundle: Sequence[_Addressed]) -> list[int]:
    return [one.notice.id for one in bundle]


def _may_know(notice: Outgoing, states: Mapping[IncidentId, Incident], county: County) -> bool:
    officer, incident = county.officer(notice.officer), states.get(IncidentId(notice.incident))
    if officer is None or incident is None:
        return False
    return may_know(Actor.of(officer), incident, county.roster(incident.units))


def _owners(notice: Outgoing, county: County) -> list[str]:
    """Whose addresses may be used: the officer's own first, then the units they serve in."""
    officer = county.officer(notice.officer)
    units = (post.unit for post in officer.posts) if officer else ()
    return list(dict.fromkeys(chain([str(notice.officer)], map(str, units))))
