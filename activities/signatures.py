"""What the workflow asks of the outside world: names, requests and answers. Imports the domain only."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.case import Envelope
from domain.events import Batch, Published
from domain.incident import Incident
from domain.instants import Instant
from domain.refusals import RefusalRecord
from domain.vocabulary import Channel, CommandId, Digest, Fault, IncidentId, OfficerId, Origin, ReleaseId, UnitId

LOAD = "load"
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
