"""How our API reaches incidents that run on DBOS: a message in, the outcome as an event of the workflow."""

from datetime import timedelta

from dbos import DBOSClient, EnqueueOptions

from activities.signatures import Outcome
from api.process import ANSWER_WITHIN, Process, ProcessAway
from bench.opponents.dbos_worker import QUEUE, TOPIC, WORKFLOW
from domain.sealing import SealedCommand
from domain.vocabulary import CommandName, IncidentId, process_id


class DbosProcess(Process):
    """Starts an incident with its first command."""

    def __init__(self, system_database_url: str, within: timedelta = ANSWER_WITHIN) -> None:
        self._within = within.total_seconds()
        self._client = DBOSClient(  # type: ignore[assignment]  # In place of Temporal's.
            system_database_url=system_database_url,
            system_database_pool_size=30,
            use_listen_notify=True,
            application_name="incidents",
        )

    async def alive(self) -> bool:
        return True

    async def send(self, command: SealedCommand) -> Outcome:
        client: DBOSClient = self._client  # type: ignore[assignment]  # As above.
        workflow, id_ = process_id(command.incident), f"{command.command_id}@{command.issued_at.isoformat()}"
        if command.name == CommandName.SUBMIT:
            await self.start(command.incident)
        message = {"id": id_, "name": command.name, "message": command.model_dump_json()}
        await client.send_async(workflow, message, TOPIC)
        outcome = await client.get_event_async(workflow, id_, self._within)
        if outcome is None:
            raise ProcessAway
        return Outcome.model_validate(outcome)

    async def start(self, incident: IncidentId) -> None:
        """Queue its workflow."""
        client: DBOSClient = self._client  # type: ignore[assignment]  # As above.
        options: EnqueueOptions = {"workflow_name": WORKFLOW, "queue_name": QUEUE, "workflow_id": process_id(incident)}
        await client.enqueue_async(options, incident)

    def close(self) -> None:
        self._client.destroy()  # type: ignore[union-attr]  # As above.
