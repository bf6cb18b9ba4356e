"""Sends commands to admission: sealed as the API seals them, or not quite."""

from datetime import timedelta

from activities import signatures as s
from activities.admission import Admission
from db import texts
from db.session import Sessions
from domain import commands as c
from domain.sealing import SealedCommand
from domain.vocabulary import CommandId, IncidentId, OfficerId, Origin, UnitId
from tests.clock import FixedClock
from tests.scene import INCIDENT

KEYS = {"k1": b"an invented key of more than thirty-two bytes"}


class Sender:
    def __init__(self, admission: Admission, sessions: Sessions, clock: FixedClock) -> None:
        self.admission = admission
        self.sessions = sessions
        self.clock = clock
        self.keys = dict(KEYS)

    async def sealed(
        self, officer: str, command: c.Command, command_id: str = "c-1", **changes: object
    ) -> SealedCommand:
        """The command with its words stored, sealed for five minutes."""
        async with self.sessions.begin() as session:
            referring = await texts.refer(session, INCIDENT, command, self.clock.at)
        message = SealedCommand(
            command_id=CommandId(command_id),
            incident=INCIDENT,
            name=command.name,
            actor=OfficerId(officer),
            body=referring.model_dump(mode="json", exclude_unset=True),
            issued_at=self.clock.at,
            expires_at=self.clock.at + timedelta(minutes=5),
        )
        return message.model_copy(update=changes).sealed(self.keys)

    async def send(self, message: SealedCommand | str, name: str | None = None, **changes: object) -> s.Admission:
        text = message if isinstance(message, str) else message.model_dump_json()
        request = s.AdmissionRequest(
            incident=INCIDENT,
            name=name or (message.name if isinstance(message, SealedCommand) else "note"),
            origin=Origin.SIGNAL,
            message=text,
            units=(UnitId("baishi"),),
        )
        return await self.admission.admit(request.model_copy(update=changes))


OTHER_INCIDENT = IncidentId("ffffffffffff")
