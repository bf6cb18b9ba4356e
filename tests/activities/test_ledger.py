"""The ledger as the workflow reaches it."""

from activities import signatures as s
from activities.ledger import Ledger
from db.session import Sessions
from domain import commands as c
from domain.decide import decide
from tests.scene import INCIDENT, Scene


async def test_the_workflow_loads_what_it_appended_and_nothing_before(scene: Scene, sessions: Sessions) -> None:
    ledger = Ledger(sessions, scene.counties)
    assert (await ledger.load(s.Start(incident=INCIDENT))).incident is None
    submitted = await scene.submit()
    assert (await ledger.load(s.Start(incident=INCIDENT))).incident == submitted


async def test_an_append_tells_apart_new_known_and_moved(scene: Scene, sessions: Sessions) -> None:
    ledger = Ledger(sessions, scene.counties)
    incident = await scene.submit()
    command = c.Note(text="t1:" + "0" * 64)
    envelope = scene.envelope("baishi.editor", command, incident)
    batch = decide(incident, command, envelope, scene.clock.at, INCIDENT).batch
    request = s.AppendRequest(incident=INCIDENT, expected_head=incident.seq, batch=batch)
    # Through JSON, as Temporal hands it over.
    request = s.AppendRequest.model_validate_json(request.model_dump_json())
    assert await ledger.append(request) == s.Appended(status="appended", seq=4)
    assert await ledger.append(request) == s.Appended(status="known", seq=4)
    late = request.model_copy(update={"batch": batch.model_copy(update={"key": "cmd/late"})})
    assert await ledger.append(late) == s.Appended(status="moved", seq=4)
