"""The activities on a real database, as the worker wires them."""

from pathlib import Path

import pytest

from activities.admission import Admission
from activities.publishing import Publishing
from channels import Publisher
from channels.bulletin import Bulletin
from db.session import Sessions
from domain.vocabulary import Channel
from runtime.attachments.store import AttachmentStore
from tests.activities.sender import KEYS, Sender
from tests.clock import FixedClock
from tests.scene import Scene

PUBLIC_URL = "http://127.0.0.1:8080"


@pytest.fixture
def admission(sessions: Sessions, clock: FixedClock, scene: Scene) -> Admission:
    return Admission(sessions, clock, KEYS, scene.counties)


@pytest.fixture
def sender(admission: Admission, sessions: Sessions, clock: FixedClock) -> Sender:
    return Sender(admission, sessions, clock)


@pytest.fixture
def store(tmp_path: Path) -> AttachmentStore:
    return AttachmentStore(tmp_path.as_uri())


@pytest.fixture
def publishing(sessions: Sessions, clock: FixedClock, store: AttachmentStore) -> Publishing:
    bulletin: dict[Channel, Publisher] = {Channel.BULLETIN: Bulletin()}
    return Publishing(sessions, clock, bulletin, bulletin, PUBLIC_URL, store)
