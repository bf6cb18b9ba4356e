"""What the workflow asks of the outside world: names, requests and answers. Imports the domain only."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.case import Envelope
from domain.commands import COMMANDS
from domain.decide import Ruling, decide, refuse
from domain.events import Authorship, Batch, Published
from domain.incident import Incident
from domain.instants import Instant
from domain.refusals import RefusalRecord
from domain.sealing import SealedCommand
from domain.vocabulary import (
    Channel,
    CommandId,
    CommandName,
    Digest,
    Fault,
    IncidentId,
    OfficerId,
    Origin,
    ReleaseId,
    UnitId,
)

LOAD = "load"
TAKE = "take"
ADMIT = "admit"
APPEND = "append"
PUBLISH = "publish"
RETRACT = "retract"
ASK_TO_ABSORB = "ask_to_absorb"
AUDIT_CLOCKS = "audit_clocks"
BEAT = "beat"


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True)


class Start(_Message):
    """The workflow's input. All else is in the ledger."""

    incident: IncidentId


class Outcome(_Message):
    """What became of a command, given once the ledger holds it. `seq` is its first entry."""

    command_id: CommandId | None
    seq: int | None
    outcome: Literal["accepted", "refused"]
    refusal: RefusalRecord | None = None


class Loaded(_Message):
    incident: Incident | None


class AdmissionRequest(_Message):
    """`message` is the text of a `SealedCommand` in JSON, or whatever else was sent under `name`.

    `units` are those the incident involves today; the roster covers them and those the command names.
    """

    incident: IncidentId
    name: str
    origin: Origin
    message: str
    units: tuple[UnitId, ...]


class Admission(_Message):
    """Exactly one of `known`, `refusal` and `envelope` is set.

    `head` is the ledger's last sequence at that moment (0: empty). A refusal brings the `key` under
    which it is recorded; a message that proves nothing never takes the key of the command it imitates.
    """

    head: int
    known: Outcome | None = None
    envelope: Envelope | None = None
    refusal: RefusalRecord | None = None
    key: str = ""
    actor: OfficerId | None = None
    command_id: CommandId | None = None

    def rule(self, request: AdmissionRequest, incident: Incident | None, now: datetime) -> Ruling:
        """What is decided of the message, unless it is `known`."""
        if self.envelope:
            # Admission has validated both already: this only reads them again.
            body = SealedCommand.model_validate_json(request.message).body
            command = COMMANDS[CommandName(request.name)].model_validate(body)
            return decide(incident, command, self.envelope, now, request.incident)
        if self.refusal is None:
            raise RuntimeError("an admission that says nothing")
        by = Authorship(
            origin=request.origin,
            issued_at=now,
            decided_at=now,
            actor=self.actor,
            command_id=self.command_id,
        )
        return refuse(self.key, by, request.name, self.refusal)


class TakeRequest(_Message):
    """A message to be admitted, decided on and recorded at `now`; `head` is how far its process knows the ledger."""

    incident: IncidentId
    name: str
    origin: Origin
    message: str
    head: int
    now: Instant


class Taken(_Message):
    """What became of a message. It was judged at `head`, and `batch` is what was appended there, if anything was.

    `uncounted`: a refusal beyond the policy's number in an hour, which is not listed singly.
    """

    head: int
    outcome: Outcome
    batch: Batch | None = None
    uncounted: bool = False


class AppendRequest(_Message):
    incident: IncidentId
    expected_head: int
    batch: Batch


class Appended(_Message):
    """`known`: the batch was in the ledger already. `moved`: somebody wrote meanwhile; load and decide again."""

    status: Literal["appended", "known", "moved"]
    seq: int


class PublishRequest(_Message):
    incident: IncidentId
    release: ReleaseId
    version: int
    digest: Digest
    channel: Channel
    attempt: int


class PublishResult(_Message):
    """A receipt, or why the last gate did not open.

    `lapsed`: a required decision is missing by now. `parked`: the stored text does not have the
    approved digest, or the channel said no for good; a person must look.
    """

    published: Published | None = None
    lapsed: bool = False
    parked: str | None = None


class RetractRequest(_Message):
    incident: IncidentId
    release: ReleaseId
    version: int
    channel: Channel
    attempt: int


class RetractResult(_Message):
    """The instant since which it is marked or gone, or why a person must look."""

    retracted_at: Instant | None = None
    parked: str | None = None


class MergeRequest(_Message):
    """Ask `survivor` to absorb `incident`, in the name of the officer who ordered it.

    `seq` is the order's own entry: it tells one order from another.
    """

    incident: IncidentId
    survivor: IncidentId
    officer: OfficerId
    seq: int


class AuditReport(_Message):
    """What an audit of the clocks compared, and how many incidents it found each fault of."""

    at: Instant
    incidents: int
    processes: int
    found: dict[Fault, int]
