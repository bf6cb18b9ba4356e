"""Ids and digests that try to be paths: into the store, out of the incident, into another route, into a zip."""

import zipfile
from io import BytesIO
from pathlib import PurePosixPath
from urllib.parse import quote

import pytest

from domain.vocabulary import Digest
from tests.api.office import Office
from tests.files import attach
from tests.scene import Scene

PATHS = [
    "../..",
    "../../../../etc/passwd",
    "..\\..\\",
    "%2e%2e%2f",
    "/etc/passwd",
    "a/../b",
    "\x00",
    "a\x00.png",
    "\ufeff",
    "ａｂ",
    "~",
    "a" * 5000,
    "file:///etc/passwd",
]
PLACES = [
    "/api/v1/incidents/{}",
    "/api/v1/incidents/{}/evidence",
    "/api/v1/incidents/{id}/attachments/{}",
    "/api/v1/incidents/{id}/releases/{}",
    "/api/v1/incidents/{id}/referrals/{}",
    "/api/v1/incidents/{id}/documents/{}.docx",
    "/api/v1/incidents/{id}/documents/{}.xlsx",
    "/api/v1/policies/{}",
    "/api/v1/contacts/{}",
    "/api/v1/spokespersons/{}/history",
    "/api/v1/tokens/{}",
    "/public/releases/{}",
    "/public/releases/{}/document",
    "/public/attachments/{}",
    "/public/{}",
    "/console/{}",
]


@pytest.mark.parametrize("place", PLACES)
async def test_no_id_is_a_path(office: Office, scene: Scene, place: str) -> None:
    await scene.submit()
    headers = await office.headers("office.duty")
    for path in PATHS:
        # As it is sent when it is meant as one part of the address, and once more for whoever decodes twice.
        for spelled in (quote(path, safe=""), quote(quote(path, safe=""), safe="")):
            address = place.replace("{id}", scene.id).replace("{}", spelled)
            answer = await office.http.get(address, headers=headers)
            assert answer.status_code in (303, 404, 405, 422), (address[:80], answer.status_code)
            assert "root:" not in answer.text


async def test_what_stands_in_a_bundle_unpacks_beside_it(office: Office, scene: Scene) -> None:
    await scene.submit()
    # As if somebody had written into the database.
    digest = Digest("a" * 64)
    assert await attach(scene) != digest
    await scene.draft()
    answer = await office.get("office.duty", f"/incidents/{scene.id}/evidence")
    with zipfile.ZipFile(BytesIO(answer.content)) as archive:
        for member in archive.infolist():
            path = PurePosixPath(member.filename)
            assert not path.is_absolute()
            assert ".." not in path.parts
            assert "\\" not in member.filename
            # Neither a link nor anything but a plain file.
            assert member.external_attr >> 28 in (0, 8)
