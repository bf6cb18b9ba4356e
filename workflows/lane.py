"""The ledger lane of one incident: load, admit, append. It is never parked; it waits for its database."""

from datetime import datetime, timedelta
from typing import TypeVar

from pydantic import BaseModel
from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import FailureError, is_cancelled_exception

from activities import signatures as s
from domain.alarms import next_alarm_at
from domain.events import Batch
from domain.folding import advance
from domain.incident import Incident
from domain.vocabulary import IncidentId

# A short write is cheapest as a local activity. When the database is away, two quick attempts are
# enough to know; then an ordinary activity waits for it without growing the history.
SHORT = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_attempts=2)
SHORT_TIMEOUT = timedelta(seconds=4)
PATIENT = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=15))
PATIENT_TIMEOUT = timedelta(seconds=20)

Answer = TypeVar("Answer", bound=BaseModel)


class Lane:
    """The state as last loaded or appended. `must_load` says that the ledger is known to be further on."""

    def __init__(self, incident: IncidentId) -> None:
        self._id = incident
        self.incident: Incident | None = None
        self.alarm_at: datetime | None = None
        self.must_load = True

    @property
    def head(self) -> int:
        return self.incident.seq if self.incident else 0

    def distrust(self, _seed: int = 0) -> None:
        """What is known may be old: load before anything else is decided."""
        self.must_load = True

    async def load(self) -> None:
        self.must_load = False
        self._become((await self._ask(s.LOAD, s.Start(incident=self._id), s.Loaded)).incident)

    async def take(self, request: s.TakeRequest) -> s.Taken:
        """What became of a message. The state is brought up to what was appended."""
        taken = await self._ask(s.TAKE, request, s.Taken)
        if taken.head != self.head:
            # Judged and recorded at a head that was not known here.
            await self.load()
        elif taken.batch:
            self._become(advance(self.incident, taken.batch, self._id))
        return taken

    async def admit(self, request: s.AdmissionRequest) -> s.Admission:
        """What is known of a message. The state is brought up to the head it was judged at."""
        admission = await self._ask(s.ADMIT, request, s.Admission)
        if admission.head != self.head:
            await self.load()
        return admission

    async def append(self, batch: Batch) -> s.Appended:
        """Append at the head. Whatever else comes back, the ledger knows more than we do."""
        request = s.AppendRequest(incident=self._id, expected_head=self.head, batch=batch)
        appended = await self._ask(s.APPEND, request, s.Appended)
        if appended.status == "appended":
            self._become(advance(self.incident, batch, self._id))
        else:
            self.must_load = True
        return appended

    def _become(self, incident: Incident | None) -> None:
        self.incident = incident
        self.alarm_at = next_alarm_at(incident) if incident else None

    @staticmethod
    async def _ask(activity: str, request: BaseModel, answer: type[Answer]) -> Answer:
        result = await at_once(activity, request, answer, SHORT)
        if result is None:
            result = await workflow.execute_activity(
                activity, request, result_type=answer, start_to_close_timeout=PATIENT_TIMEOUT, retry_policy=PATIENT
            )
        return result


async def at_once(activity: str, request: BaseModel, answer: type[Answer], retry: RetryPolicy) -> Answer | None:
    """What a short write answers within this workflow task; None when it failed."""
    try:
        result: Answer = await workflow.execute_local_activity(
            activity, request, result_type=answer, start_to_close_timeout=SHORT_TIMEOUT, retry_policy=retry
        )
    except FailureError as error:
        # A failed local activity raises its own failure or one that wraps it, as the SDK sees fit.
        if is_cancelled_exception(error):
            raise
        return None
    return result
