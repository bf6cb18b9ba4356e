"""What follows by itself from a state: duties opened and met, phases, publications. Pure, to a fixpoint."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from domain import events as e
from domain.incident import Incident
from domain.obligations import MET_BY, Duty, Obligation, earliest, result, rolling_update, timed_duties
from domain.releases import Release, Stages, may_go_out, required_stages
from domain.vocabulary import (
    Channel,
    ConferenceForm,
    ObligationKind,
    ObligationState,
    Phase,
    ReleaseId,
    ReleaseKind,
    ReleaseState,
)


def consequences(incident: Incident, now: datetime) -> tuple[e.Fact, ...]:
    """The facts owed right now. Empty once everything that follows has been recorded."""
    if incident.phase.ended:
        return (*_wind_up(incident, now), *_retractions(incident))
    if incident.merged_into:
        return (e.PhaseChanged(phase=Phase.MERGED),)
    # One kind of fact at a time, each judged on the state that the ones before it left: a duty just
    # met is neither moved nor dropped, and publication waits until duties stand.
    return (
        tuple(_met(incident))
        or tuple(_duties(incident, now))
        or (
            *_phase(incident),
            *_publications(incident, now),
            *_retractions(incident),
        )
    )


def stages_of(incident: Incident, release: Release) -> Stages:
    """The stages `release` must pass at the incident's present level and route; once it is public, those it passed."""
    if release.receipts and release.stages:
        return release.stages
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


class Publication(NamedTuple):
    """A published release, of this incident or of one it absorbed."""

    at: datetime
    release: ReleaseId


def publications(incident: Incident, kinds: Iterable[ReleaseKind]) -> list[Publication]:
    """The round's published releases of `kinds` that still stand, earliest first."""
    wanted = frozenset(kinds)
    own = [
        Publication(at, release.id)
        for release in incident.this_round()
        if release.kind in wanted
        if release.withdrawn_at is None and (at := incident.published_at(release)) is not None
    ]
    brought = [
        Publication(release.at, release.release)
        for absorbed in incident.absorbed
        for release in absorbed.releases
        if release.kind in wanted
    ]
    return sorted([*own, *brought])


def _standing(incident: Incident, kind: ObligationKind) -> list[Obligation]:
    """Obligations of `kind` in this round that were not superseded, the latest first."""
    return [
        o
        for o in reversed(incident.obligations)
        if o.round == incident.round and o.kind is kind and o.state is not ObligationState.SUPERSEDED
    ]


def _wanted(incident: Incident) -> list[Duty]:
    policy, level = incident.policy, incident.level
    duties = timed_duties(policy, level, incident.detected_at, incident.due_by)
    released = publications(incident, ReleaseKind)
    first = publications(incident, MET_BY[ObligationKind.FIRST_RELEASE])
    done = publications(incident, [ReleaseKind.RESULT])
    if first and not done and (level in policy.rolling_updates.levels or incident.rolling_updates):
        restarts = publications(incident, MET_BY[ObligationKind.ROLLING_UPDATE])
        last = max([first[0].at, *(restart.at for restart in restarts)])
        duties.append(rolling_update(policy, first[0].at, last, paused=incident.paused))
    # Before the assessment nobody has said that something is being investigated.
    if incident.assessed_at and (level in policy.result.levels or incident.investigation):
        duties.append(result(policy, released[-1].at if released else None))
    return duties


def _duties(incident: Incident, now: datetime) -> Iterator[e.Fact]:
    wanted = _wanted(incident)
    for obligation in incident.pending:
        if obligation.kind not in {duty.kind for duty in wanted}:
            yield e.ObligationSuperseded(id=obligation.id, was_overdue=obligation.overdue(now))
    number = len(incident.obligations)
    for duty in wanted:
        standing = _standing(incident, duty.kind)
        current = next((o for o in standing if o.pending), None)
        ended = next((o for o in standing if not o.pending), None)
        if current is not None:
            if duty.restates(current):
                continue
            # One that is overdue ends instead of moving, so that its lateness stays visible.
            if duty.basis == "last_release" and duty.due_at and duty.counted_from and not current.overdue(now):
                yield e.ObligationMoved(
                    id=current.id, due_at=duty.due_at, counted_from=duty.counted_from, hours=duty.hours
                )
                continue
            yield e.ObligationSuperseded(id=current.id, was_overdue=current.overdue(now))
        if ended is not None and not _owed_again(incident, ended, duty):
            continue
        number += 1
        yield e.ObligationOpened(id=f"o{number}", **duty.model_dump())


def _owed_again(incident: Incident, ended: Obligation, duty: Duty) -> bool:
    """A met duty stays met, but each update owes the next, a withdrawn result is no result, and waiving a target
    waives no hard duty.
    """
    if ended.state is ObligationState.WAIVED:
        return duty.hard and not ended.hard
    if duty.kind is ObligationKind.RESULT:
        return not publications(incident, [ReleaseKind.RESULT])
    return duty.kind is ObligationKind.ROLLING_UPDATE


def _met(incident: Incident) -> Iterator[e.Fact]:
    wanted = {duty.kind: duty for duty in _wanted(incident)}
    for obligation in incident.pending:
        duty = wanted.get(obligation.kind)
        # Merging brings releases and earlier instants at once: what it changed is met as it is owed now, late if so.
        if obligation.basis != "last_release" and (duty is None or not duty.restates(obligation)):
            continue
        met = _met_at(incident, obligation)
        if met is not None:
            at, release = met
            late = obligation.due_at is not None and at > obligation.due_at
            yield e.ObligationMet(id=obligation.id, at=at, late=late, release=release)


def conferences(incident: Incident) -> list[datetime]:
    """Instants at which the round's press conferences were held, by this incident or one it absorbed."""
    own = [
        c.held_at
        for c in incident.conferences
        if c.held_at and c.round == incident.round and c.form is ConferenceForm.CONFERENCE
    ]
    return sorted([*own, *(at for absorbed in incident.absorbed for at in absorbed.conferences)])


def _met_at(incident: Incident, obligation: Obligation) -> tuple[datetime, ReleaseId | None] | None:
    if obligation.kind is ObligationKind.PRESS_CONFERENCE:
        held = earliest(conferences(incident))
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


def next_channels(incident: Incident, release: Release) -> tuple[Channel, ...]:
    """Channels whose turn has come, where only an embargo may still hold the release back."""
    if incident.merging or incident.phase.ended or not _on_its_way(incident, release):
        return ()
    return tuple(channel for channel in release.version.channels if _may_start(incident, release, channel))


def _on_its_way(incident: Incident, release: Release) -> bool:
    """Whether the last gate is open for it: it goes, or has begun to go, to all its channels."""
    underway = release.frozen or release.state is ReleaseState.IN_REVIEW
    return underway and may_go_out(release, stages_of(incident, release))


def _publications(incident: Incident, now: datetime) -> Iterator[e.Fact]:
    for release in incident.releases.values():
        version = release.version
        held = version.embargo_until is not None and now < version.embargo_until
        if held and not release.frozen:
            continue
        for index, channel in enumerate(next_channels(incident, release)):
            yield e.PublicationIntended(
                release=release.id,
                version=version.number,
                digest=version.digest,
                channel=channel,
                attempt=release.attempts + index + 1,
                stages=stages_of(incident, release),
            )


def _may_start(incident: Incident, release: Release, channel: Channel) -> bool:
    """Whether a channel's turn has come: once each, and in the right order.

    Weibo points to the page of the mandatory channel, and files are fetched from there, so that one goes first.
    A correction never overtakes what it corrects, nor that what it corrects in turn.
    """
    if channel in {intent.channel for intent in release.intents} or channel not in _unsettled(release):
        return False
    if channel in _followers(incident, release) and not incident.published_at(release):
        return False
    while release.corrects is not None:
        release = incident.releases[release.corrects]
        if channel in _still_to_come(incident, release):
            return False
    return True


def _unsettled(release: Release) -> frozenset[Channel]:
    """Channels of the version where it neither appeared nor was given up."""
    return frozenset(release.version.channels) - {r.channel for r in release.receipts} - set(release.abandoned)


def _still_to_come(incident: Incident, release: Release) -> frozenset[Channel]:
    """Channels on which a release may yet appear."""
    called = frozenset(intent.channel for intent in release.intents)
    if not (release.frozen and _on_its_way(incident, release)):
        return called
    awaited = _unsettled(release)
    first = incident.policy.mandatory_channel
    if not incident.published_at(release) and first not in awaited:
        awaited -= _followers(incident, release)
    return called | awaited


def _followers(incident: Incident, release: Release) -> frozenset[Channel]:
    """Channels that show what the mandatory one has made public."""
    if release.version.attachments:
        return frozenset(Channel) - {incident.policy.mandatory_channel}
    return frozenset({Channel.WEIBO})


def _retractions(incident: Incident) -> Iterator[e.Fact]:
    """A withdrawn release is marked wherever it appeared, also where its receipt comes only now."""
    for release in incident.releases.values():
        if release.withdrawn_at is None:
            continue
        under_way = {intent.channel for intent in release.retractions} | set(release.kept)
        places = [r.channel for r in release.receipts if r.retracted_at is None and r.channel not in under_way]
        for index, channel in enumerate(places):
            yield e.RetractionIntended(
                release=release.id,
                version=release.version.number,
                channel=channel,
                attempt=release.attempts + index + 1,
            )


def _wind_up(incident: Incident, now: datetime) -> Iterator[e.Fact]:
    """Ending cancels what is neither public nor held, and supersedes what is owed; lateness run stays visible."""
    for release in incident.releases.values():
        if not release.frozen and not release.cancelled:
            yield e.ReleaseCancelled(release=release.id, reason=None)
    for conference in incident.conferences:
        if conference.open:
            yield e.ConferenceCancelled(conference=conference.id, reason=None)
    for obligation in incident.pending:
        yield e.ObligationSuperseded(id=obligation.id, was_overdue=obligation.overdue(now))
