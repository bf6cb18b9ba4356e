"""Admits commands: finds out what was sent, by whom, and whether all it names exists. Decides nothing."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

import policies
from activities import signatures as s
from db import numbers, reads
from db.admission import Known, Named, look_up
from db.directory import Counties
from db.ledger import Recorded
from db.session import Sessions
from domain import commands as c
from domain.attachments import unknown
from domain.case import Envelope, command_key
from domain.county import Actor, County
from domain.refusals import Code, Refusal
from domain.releases import Document
from domain.sealing import PLAINTEXT, UNREADABLE, SealedCommand, SealKeys
from domain.standing import may_know
from domain.vocabulary import CommandId, CommandName, IncidentId, OfficerId, Role, UnitId
from runtime.clock import Clock
from runtime.log import get_logger

log = get_logger(__name__)

DRILL_POLICY = "drill"

# A command id becomes part of an event key, where a slash has a meaning.
_COMMAND_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,79}")
_FIELD = re.compile(r"[A-Za-z0-9_]{1,40}")


@dataclass(frozen=True)
class Message:
    """What was sent: a sealed command, or the refusal of what is none. What it names is to be looked up first."""

    named: Named
    command: c.Command | Refusal
    sealed: SealedCommand | None = None

    @property
    def key(self) -> str:
        """Of the command; a message that proves nothing never takes the key of the command it imitates."""
        return self.named.key


class Admission:
    def __init__(self, sessions: Sessions, clock: Clock, seal_keys: SealKeys, counties: Counties) -> None:
        self._sessions = sessions
        self._clock = clock
        self._seal_keys = seal_keys
        self._counties = counties

    @activity.defn(name=s.ADMIT)
    async def admit(self, request: s.AdmissionRequest) -> s.Admission:
        """The envelope of a command, or its refusal, or what the ledger knows of it.

        Changes nothing but the count of numbers given; asked again, it looks again. For runs from before commands were
        taken at once (`activities.taking`).
        """
        message = self.read(request.incident, request.name, request.message)
        async with self._sessions.begin() as session:
            known = await look_up(session, request.incident, message.named)
            return await self.judge(session, request, message, known)

    def read(self, incident: IncidentId, name: str, text: str) -> Message:
        """What was sent, as far as it can be told without asking anybody."""
        try:
            sealed = _unseal(incident, name, text, self._seal_keys)
        except Refusal as refusal:
            # Nothing such a message says of its sender or its id is believed.
            return Message(Named(key=_unproven_key(name, text)), refusal)
        command = _read(sealed)
        return Message(_named_by(command_key(sealed.command_id), command), command, sealed)

    async def judge(
        self, session: AsyncSession, request: s.AdmissionRequest, message: Message, known: Known
    ) -> s.Admission:
        """What is known of a message, with what `look_up` found of what it names."""
        sealed, command = message.sealed, message.command
        if sealed is None:
            refusal = command.record if isinstance(command, Refusal) else None
            if refusal and refusal.code is Code.UNENCRYPTED:
                log.warning("message_in_plaintext", incident=request.incident, name=request.name)
            return s.Admission(head=known.head, key=message.key, refusal=refusal)
        proven = s.Admission(head=known.head, key=message.key, actor=sealed.actor, command_id=sealed.command_id)
        if known.command is not None:
            return proven.model_copy(update={"known": _outcome(sealed.command_id, known.command)})
        now = await self._clock.now()
        if now >= sealed.expires_at:
            expired = Refusal(Code.SEAL_EXPIRED, expired_at=sealed.expires_at.isoformat())
            # The same command sealed anew may still come, and needs its own key.
            key = _unproven_key(request.name, request.message)
            return proven.model_copy(update={"key": key, "refusal": expired.record})
        try:
            if isinstance(command, Refusal):
                raise command
            envelope = await self._envelope(session, request, sealed, command, known)
        except Refusal as refusal:
            return proven.model_copy(update={"refusal": refusal.record})
        if isinstance(command, c.Submit) and known.head == 0:
            county = await self._counties.at(session, known.county)
            envelope = await _with_policy_and_number(session, county, command, envelope, now)
        if isinstance(command, c.Absorb):
            # What it brings comes from its own ledger, never from whoever sends the command.
            asking = await reads.incident(session, command.incident)
            units = {*request.units, *(asking.units if asking else ())}
            roster = (await self._counties.at(session, known.county)).on(now).roster(units)
            envelope = envelope.model_copy(update={"asking": asking, "roster": roster})
        if isinstance(command, c.MergeInto):
            survivor = await self._restricted_survivor(session, envelope.actor, command, known)
            envelope = envelope.model_copy(update={"survivor_restricted": survivor})
        return proven.model_copy(update={"envelope": envelope})

    async def _restricted_survivor(
        self, session: AsyncSession, actor: Actor, command: c.MergeInto, known: Known
    ) -> bool:
        """Whether the survivor is restricted. One that the actor must not know of is as one that does not exist."""
        survivor = await reads.incident(session, command.survivor)
        if survivor is None or survivor.restriction is None:
            return False
        county = (await self._counties.at(session, known.county)).on(await self._clock.now())
        return may_know(actor, survivor, county.roster(survivor.units))

    async def _envelope(
        self,
        session: AsyncSession,
        request: s.AdmissionRequest,
        sealed: SealedCommand,
        command: c.Command,
        known: Known,
    ) -> Envelope:
        # Posts handed on are held as of now, not as of when the command was written.
        county = (await self._counties.at(session, known.county)).on(await self._clock.now())
        actor = county.officer(sealed.actor)
        if actor is None:
            raise Refusal(Code.UNKNOWN_ACTOR, actor=sealed.actor)
        if known.missing:
            raise Refusal(Code.TEXT_MISSING)
        if known.missing_attachments:
            raise unknown(known.missing_attachments)
        if isinstance(command, c.DraftRelease | c.ReviseRelease):
            await _check_document(session, request, command, known.document)
        return Envelope(
            command_id=sealed.command_id,
            origin=request.origin,
            issued_at=sealed.issued_at,
            actor=Actor.of(actor),
            roster=county.roster({*request.units, *command.units_named()}),
            named=_roles_of(command.officers_named(), county),
            named_units=_units_of(command.officers_named(), county),
        )


async def _with_policy_and_number(
    session: AsyncSession, county: County, command: c.Submit, envelope: Envelope, now: datetime
) -> Envelope:
    policy = policies.load(DRILL_POLICY if command.drill else county.policy)
    number = await numbers.take_number(session, county, now, drill=command.drill)
    return envelope.model_copy(update={"policy": policy, "number": number})


class _Probe(BaseModel):
    """Whether something that is no sealed command at least claims a seal."""

    seal: str = ""


def _unseal(incident: IncidentId, name: str, text: str, keys: SealKeys) -> SealedCommand:
    """The command that was sealed for this incident under this name.

    Raises UNENCRYPTED, UNREADABLE, UNSEALED, MALFORMED, SEAL_MISMATCH.
    """
    for mark, why in ((PLAINTEXT, Code.UNENCRYPTED), (UNREADABLE, Code.UNREADABLE)):
        if text.startswith(f'"{mark}:'):
            raise Refusal(why)
    try:
        sealed = SealedCommand.model_validate_json(text)
    except ValidationError as error:
        raise _unreadable(text, error) from None
    if not sealed.seal:
        raise Refusal(Code.UNSEALED)
    fits = (sealed.incident, sealed.name) == (incident, name)
    if not fits or not sealed.is_sealed_with(keys):
        raise Refusal(Code.SEAL_MISMATCH)
    if not _COMMAND_ID.fullmatch(sealed.command_id):
        raise Refusal(Code.MALFORMED, fields="command_id")
    return sealed


def _unreadable(message: str, error: ValidationError) -> Refusal:
    try:
        probe = _Probe.model_validate_json(message)
    except ValidationError:
        return Refusal(Code.MALFORMED, fields="message")
    return Refusal(Code.MALFORMED, fields=_fields(error)) if probe.seal else Refusal(Code.UNSEALED)


def _read(sealed: SealedCommand) -> c.Command | Refusal:
    """The command, or why it is none: to be said only once the ledger has been asked."""
    if sealed.name not in set(CommandName):
        return Refusal(Code.UNKNOWN_COMMAND, command=sealed.name)
    try:
        command = c.COMMANDS[CommandName(sealed.name)].model_validate(sealed.body)
    except ValidationError as error:
        return Refusal(Code.MALFORMED, fields=_fields(error))
    plain = [name for name in c.text_fields(type(command)) if not _refers(getattr(command, name))]
    return Refusal(Code.PLAIN_TEXT, fields=plain) if plain else command


def _refers(value: str | tuple[str, ...] | None) -> bool:
    parts = value if isinstance(value, tuple) else (value,) if value is not None else ()
    return all(c.is_reference(part) for part in parts)


def _fields(error: ValidationError) -> list[str]:
    """Names of the fields at fault. A name nobody expected may be anything, so only what looks like one is told."""
    places = (str(one["loc"][0]) if one["loc"] else "message" for one in error.errors(include_input=False))
    return sorted({place if _FIELD.fullmatch(place) else "_" for place in places})


def _named_by(key: str, command: c.Command | Refusal) -> Named:
    """Texts, the document and files that must be there."""
    match command:
        case Refusal():
            return Named(key)
        case c.DraftRelease() | c.ReviseRelease():
            return Named(key, c.texts(command), command.digest, command.attachments)
        case _:
            return Named(key, c.texts(command))


async def _check_document(
    session: AsyncSession,
    request: s.AdmissionRequest,
    command: c.DraftRelease | c.ReviseRelease,
    document: Document | None,
) -> None:
    """The words stored under the digest are those of this command. Raises TEXT_MISSING, MALFORMED."""
    if document is None or document.digest() != command.digest:
        raise Refusal(Code.TEXT_MISSING)
    expected: dict[str, object] = {
        "incident": request.incident,
        "release": command.release,
        "channels": tuple(sorted(set(command.channels))),
        "embargo_until": command.embargo_until,
        "attachments": command.attachments,
    }
    if isinstance(command, c.DraftRelease):
        expected |= {"kind": command.kind, "corrects": command.corrects}
    else:
        incident = await reads.incident(session, request.incident)
        release = incident.releases.get(command.release) if incident else None
        if release is not None:
            expected |= {"kind": release.kind, "corrects": release.corrects}
    if wrong := [name for name, value in expected.items() if getattr(document, name) != value]:
        raise Refusal(Code.MALFORMED, fields=wrong)


def _roles_of(officers: tuple[OfficerId, ...], county: County) -> dict[OfficerId, tuple[Role, ...]]:
    found = {id_: county.officer(id_) for id_ in officers}
    if unknown := [id_ for id_, officer in found.items() if officer is None]:
        raise Refusal(Code.UNKNOWN_OFFICER, officers=unknown)
    return {
        id_: tuple(dict.fromkeys(role for post in officer.posts for role in post.roles))
        for id_, officer in found.items()
        if officer is not None
    }


def _units_of(officers: tuple[OfficerId, ...], county: County) -> dict[OfficerId, tuple[UnitId, ...]]:
    known = (officer for id_ in officers if (officer := county.officer(id_)) is not None)
    return {officer.id: tuple(dict.fromkeys(post.unit for post in officer.posts)) for officer in known}


def _outcome(command_id: CommandId, recorded: Recorded) -> s.Outcome:
    return s.Outcome(
        command_id=command_id,
        seq=recorded.seq,
        outcome="refused" if recorded.refusal else "accepted",
        refusal=recorded.refusal,
    )


def _unproven_key(name: str, text: str) -> str:
    return "bad/" + hashlib.sha256((name + text).encode()).hexdigest()[:32]
