"""What facts change of its releases: versions and the decisions on them, calls on channels and their receipts."""

from domain import events as e
from domain.folding.remembering import actor_of, remember
from domain.incident import Incident
from domain.releases import Decision, Emergency, Intent, Receipt, Release, Review, Step, Version
from domain.vocabulary import Channel, ReleaseId, StepKind


@remember.register
def _(fact: e.VersionDrafted, incident: Incident, entry: e.RecordedEntry) -> Incident:
    version = Version(
        number=fact.version,
        digest=fact.digest,
        channels=fact.channels,
        embargo_until=fact.embargo_until,
        author=actor_of(entry),
        on_behalf_of=entry.by.on_behalf_of,
        drafted_at=entry.at,
        attachments=fact.attachments,
    )
    known = incident.releases.get(fact.release)
    if known is not None:
        # Other words are decided on, ordered out and given up anew.
        void: dict[str, object] = {"decisions": (), "emergency": None, "abandoned": ()}
        return _with_release(incident, fact.release, versions=(*known.versions, version), **void)
    release = Release(
        id=fact.release,
        kind=fact.kind,
        unit=fact.unit,
        round=incident.round,
        corrects=fact.corrects,
        versions=(version,),
        interpreters=fact.interpreters,
        experts=fact.experts,
    )
    return incident.model_copy(update={"releases": incident.releases | {release.id: release}})


@remember.register
def _(fact: e.StepDecided, incident: Incident, entry: e.RecordedEntry) -> Incident:
    review = None
    if fact.step is StepKind.CONFIDENTIALITY:
        review = Review(**{name: getattr(fact, name) for name in Review.model_fields})
    decision = Decision(
        step=Step(fact.step, fact.unit),
        outcome=fact.outcome,
        by=actor_of(entry),
        at=entry.at,
        on_behalf_of=entry.by.on_behalf_of,
        ground=fact.ground,
        review=review,
    )
    return _with_release(incident, fact.release, decisions=(*incident.releases[fact.release].decisions, decision))


@remember.register
def _(fact: e.DisagreementSettled, incident: Incident, entry: e.RecordedEntry) -> Incident:
    step = Step(StepKind.COSIGN, fact.unit)
    decision = Decision(
        step=step, outcome="settled", by=actor_of(entry), at=entry.at, on_behalf_of=entry.by.on_behalf_of
    )
    return _with_release(incident, fact.release, decisions=(*incident.releases[fact.release].decisions, decision))


@remember.register
def _(fact: e.EmergencyOrdered, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return _with_release(incident, fact.release, emergency=Emergency(digest=fact.digest, at=entry.at))


@remember.register
def _(fact: e.StepAssigned, incident: Incident, entry: e.RecordedEntry) -> Incident:
    assigned = (*incident.releases[fact.release].assigned, (Step(fact.step, fact.unit), fact.officer))
    return _with_release(incident, fact.release, assigned=assigned)


@remember.register
def _(fact: e.ReleaseCancelled, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return _with_release(incident, fact.release, cancelled=True)


@remember.register
def _(fact: e.PublicationIntended, incident: Incident, entry: e.RecordedEntry) -> Incident:
    release = incident.releases[fact.release]
    intent = Intent(channel=fact.channel, attempt=fact.attempt, since=entry.at, begun_at=entry.at)
    changes = {"intents": (*release.intents, intent), "attempts": release.attempts + 1, "stages": fact.stages}
    return _with_release(incident, release.id, **changes)


@remember.register
def _(fact: e.Published, incident: Incident, entry: e.RecordedEntry) -> Incident:
    release = incident.releases[fact.release]
    receipt = Receipt(channel=fact.channel, external_id=fact.external_id, url=fact.url, at=fact.at)
    after = _with_release(
        incident,
        release.id,
        receipts=(*release.receipts, receipt),
        intents=_without_intent(release, fact.channel),
    )
    return _with_correction(after, release)


def _with_correction(incident: Incident, release: Release) -> Incident:
    """What `release` corrects stands corrected by the latest of its corrections that is public and not withdrawn."""
    if release.corrects is None:
        return incident
    corrections = [
        other.id
        for other in incident.releases.values()
        if other.corrects == release.corrects and other.withdrawn_at is None and incident.published_at(other)
    ]
    return _with_release(incident, release.corrects, corrected_by=corrections[-1] if corrections else None)


@remember.register
def _(fact: e.PublicationLapsed, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return _with_release(incident, fact.release, intents=_without_intent(incident.releases[fact.release], fact.channel))


@remember.register
def _(fact: e.ReleaseWithdrawn, incident: Incident, entry: e.RecordedEntry) -> Incident:
    after = _with_release(incident, fact.release, withdrawn_at=entry.at)
    return _with_correction(after, incident.releases[fact.release])


@remember.register
def _(fact: e.RetractionIntended, incident: Incident, entry: e.RecordedEntry) -> Incident:
    release = incident.releases[fact.release]
    intent = Intent(channel=fact.channel, attempt=fact.attempt, since=entry.at, begun_at=entry.at, action="retract")
    changes = {"retractions": (*release.retractions, intent), "attempts": release.attempts + 1}
    return _with_release(incident, release.id, **changes)


@remember.register
def _(fact: e.Retracted, incident: Incident, entry: e.RecordedEntry) -> Incident:
    release = incident.releases[fact.release]
    receipts = tuple(
        receipt.model_copy(update={"retracted_at": fact.at}) if receipt.channel == fact.channel else receipt
        for receipt in release.receipts
    )
    retractions = tuple(intent for intent in release.retractions if intent.channel != fact.channel)
    return _with_release(incident, release.id, receipts=receipts, retractions=retractions)


@remember.register
def _(fact: e.EffectParked, incident: Incident, entry: e.RecordedEntry) -> Incident:
    release = incident.releases[fact.release]
    return _with_call(incident, release, fact.action, fact.channel, parked=fact.code, since=entry.at)


@remember.register
def _(fact: e.EffectRetried, incident: Incident, entry: e.RecordedEntry) -> Incident:
    releases = {
        key: release.model_copy(update={name: _unparked(getattr(release, name)) for name in _CALLS.values()})
        for key, release in incident.releases.items()
    }
    return incident.model_copy(update={"releases": releases})


@remember.register
def _(fact: e.EffectRenewed, incident: Incident, entry: e.RecordedEntry) -> Incident:
    release = incident.releases[fact.release]
    number = release.attempts + 1
    renewed = {"parked": None, "attempt": number, "since": entry.at}
    after = _with_call(incident, release, fact.action, fact.channel, **renewed)
    return _with_release(after, release.id, attempts=number)


@remember.register
def _(fact: e.EffectAbandoned, incident: Incident, entry: e.RecordedEntry) -> Incident:
    release = incident.releases[fact.release]
    if fact.action == "retract":
        retractions = tuple(call for call in release.retractions if call.channel != fact.channel)
        return _with_release(incident, release.id, retractions=retractions, kept=(*release.kept, fact.channel))
    abandoned = (*release.abandoned, fact.channel)
    return _with_release(incident, release.id, intents=_without_intent(release, fact.channel), abandoned=abandoned)


def _with_release(incident: Incident, release: ReleaseId, **changes: object) -> Incident:
    changed = incident.releases[release].model_copy(update=changes)
    return incident.model_copy(update={"releases": incident.releases | {release: changed}})


_CALLS = {"publish": "intents", "retract": "retractions"}


def _without_intent(release: Release, channel: Channel) -> tuple[Intent, ...]:
    return tuple(intent for intent in release.intents if intent.channel != channel)


def _with_call(incident: Incident, release: Release, action: e.Action, channel: Channel, **changes: object) -> Incident:
    name = _CALLS[action]
    calls: tuple[Intent, ...] = getattr(release, name)
    changed = tuple(call.model_copy(update=changes) if call.channel == channel else call for call in calls)
    return _with_release(incident, release.id, **{name: changed})


def _unparked(calls: tuple[Intent, ...]) -> tuple[Intent, ...]:
    return tuple(call.model_copy(update={"parked": None}) if call.may_be_retried else call for call in calls)
