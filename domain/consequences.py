"""What follows by itself from a state: duties opened and met, phases, publications. Pure, to a fixpoint."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from domain import events as e
from domain.incident import Incident
from domain.obligations import MET_BY, Duty, Obligation, earliest, result, rolling_update, timed_duties
from domain.releases import Release, Stages, all_passed, required_stages
from domain.vocabulary import ConferenceForm, ObligationKind, ObligationState, Phase, ReleaseKind


def consequences(incident: Incident, now: datetime) -> tuple[e.Fact, ...]:
    """The facts owed right now. Empty once everything that follows has been recorded."""
    if incident.phase.ended:
        return tuple(_wind_up(incident, now))
    # One kind of fact at a time, each judged on the state that the ones before it left: a duty just
    # met is neither moved nor dropped, and publication waits until duties stand.
    return tuple(_met(incident)) or tuple(_duties(incident, now)) or (*_phase(incident), *_publications(incident, now))


def stages_of(incident: Incident, release: Release) -> Stages:
    """The stages `release` must pass at the incident's present level and route."""
    return required_stages(
        incident.policy,
        _kind_reviewed(incident, release),
        incident.level,
        release.unit,
        incident.route.lead,
        incident.office,
        incident.concerned_departments,
    )


def _kind_reviewed(incident: Incident, release: Release) -> ReleaseKind:
    """A correction passes what the release it corrects passed, and so does a correction of a correction."""
    while release.corrects is not None:
        release = incident.releases[release.corrects]
    return release.kind


def publications(incident: Incident, kinds: Iterable[ReleaseKind]) -> list[tuple[datetime, Release]]:
    """The round's published releases of `kinds` with their instants, earliest first."""
    wanted = frozenset(kinds)
    found = [(incident.published_at(r), r) for r in incident.this_round() if r.kind in wanted]
    return sorted(((at, release) for at, release in found if at is not None), key=lambda pair: pair[0])


def _current(incident: Incident, kind: ObligationKind) -> Obligation | None:
    """The latest obligation of `kind` in this round that was not superseded."""
    standing = (
        o
        for o in reversed(incident.obligations)
        if o.round == incident.round and o.kind is kind and o.state is not ObligationState.SUPERSEDED
    )
    return next(standing, None)


def _wanted(incident: Incident) -> list[Duty]:
    policy, level = incident.policy, incident.level
    duties = timed_duties(policy, level, incident.detected_at, incident.due_by)
    released = publications(incident, ReleaseKind)
    first = publications(incident, MET_BY[ObligationKind.FIRST_RELEASE])
    done = publications(incident, [ReleaseKind.RESULT])
    if first and not done and (level in policy.rolling_updates.levels or incident.rolling_updates):
        restarts = publications(incident, MET_BY[ObligationKind.ROLLING_UPDATE])
        last = max([first[0][0], *(at for at, _ in restarts)])
        duties.append(rolling_update(policy, first[0][0], last, paused=incident.paused))
    # Before the assessment nobody has said that something is being investigated.
    if incident.assessed_at and (level in policy.result.levels or incident.investigation):
        duties.append(result(policy, released[-1][0] if released else None))
    return duties


def _duties(incident: Incident, now: datetime) -> Iterator[e.Fact]:
    wanted = _wanted(incident)
    for obligation in incident.pending:
        if obligation.kind not in {duty.kind for duty in wanted}:
            yield e.ObligationSuperseded(id=obligation.id, was_overdue=obligation.overdue(now))
    number = len(incident.obligations)
    for duty in wanted:
        current = _current(incident, duty.kind)
        if current is not None and current.pending:
            if duty.restates(current):
                continue
            # One that is overdue ends instead of moving, so that its lateness stays visible.
            if duty.basis == "last_release" and duty.due_at and duty.counted_from and not current.overdue(now):
                yield e.ObligationMoved(
                    id=current.id, due_at=duty.due_at, counted_from=duty.counted_from, hours=duty.hours
                )
                continue
            yield e.ObligationSuperseded(id=current.id, was_overdue=current.overdue(now))
        elif current is not None and not _owed_again(current, duty):
            continue
        number += 1
        yield e.ObligationOpened(id=f"o{number}", **duty.model_dump())


def _owed_again(ended: Obligation, duty: Duty) -> bool:
    """A met duty stays met, but each update owes the next, and waiving a target waives no hard duty."""
    if ended.state is ObligationState.WAIVED:
        return duty.hard and not ended.hard
    return duty.kind is ObligationKind.ROLLING_UPDATE


def _met(incident: Incident) -> Iterator[e.Fact]:
    for obligation in incident.pending:
        met = _met_at(incident, obligation)
        if met is not None:
            at, release = met
            late = obligation.due_at is not None and at > obligation.due_at
            yield e.ObligationMet(id=obligation.id, at=at, late=late, release=release.id if release else None)


def _met_at(incident: Incident, obligation: Obligation) -> tuple[datetime, Release | None] | None:
    if obligation.kind is ObligationKind.PRESS_CONFERENCE:
        held = earliest(
            c.held_at
            for c in incident.conferences
            if c.held_at and c.round == incident.round and c.form is ConferenceForm.CONFERENCE
        )
        return (held, None) if held else None
    rolling = obligation.kind is ObligationKind.ROLLING_UPDATE
    for at, release in publications(incident, MET_BY[obligation.kind]):
        if not rolling or (obligation.counted_from and at > obligation.counted_from):
            return at, release
    return None


def _phase(incident: Incident) -> Iterator[e.Fact]:
    """Once assessed, an incident is followed up as soon as its response has been made, and not before."""
    if incident.phase not in (Phase.RESPONDING, Phase.FOLLOWING_UP):
        return
    answering = {ObligationKind.RESPONSE, ObligationKind.PRESS_CONFERENCE}
    if incident.level.grave:
        answering.add(ObligationKind.FIRST_RELEASE)
    owed = any(obligation.kind in answering for obligation in incident.pending)
    phase = Phase.RESPONDING if owed else Phase.FOLLOWING_UP
    if phase is not incident.phase:
        yield e.PhaseChanged(phase=phase)


def ready(incident: Incident, release: Release) -> bool:
    """Whether every required step passed on the current version and only its embargo may hold it."""
    return release.open_to_decisions and all_passed(release, stages_of(incident, release))


def _publications(incident: Incident, now: datetime) -> Iterator[e.Fact]:
    for release in incident.releases.values():
        version = release.version
        if not ready(incident, release) or (version.embargo_until and now < version.embargo_until):
            continue
        for index, channel in enumerate(version.channels):
            yield e.PublicationIntended(
                release=release.id,
                version=version.number,
                digest=version.digest,
                channel=channel,
                attempt=release.attempts + index + 1,
            )


def _wind_up(incident: Incident, now: datetime) -> Iterator[e.Fact]:
    """Ending cancels what is not public and supersedes what is owed; lateness already run stays visible."""
    for release in incident.releases.values():
        if not release.frozen and not release.cancelled:
            yield e.ReleaseCancelled(release=release.id, reason=None)
    for obligation in incident.pending:
        yield e.ObligationSuperseded(id=obligation.id, was_overdue=obligation.overdue(now))
