"""SQL and wildcards in every filter and every part of an address: they are looked for, and find what they name."""

from urllib.parse import quote

import pytest
from sqlalchemy import text

from tests.api.office import Office
from tests.scene import Scene

ATTACKS = [
    "' OR 1=1 --",
    "'; DROP TABLE incidents; --",
    '" OR ""="',
    "1) UNION SELECT text FROM texts --",
    "\\'; SELECT pg_sleep(10); --",
    "$$; SELECT 1; $$",
    ":text",
    "%(q)s",
    "{q}",
    "%",
    "_",
    "\\",
    "0x27",
    "＇ OR 1=1",
]


def _addresses(document: dict[str, object], incident: str) -> list[str]:
    """Every read with an attack in each of its parameters in turn, the others as they should be."""
    found = []
    known = {"incident": incident, "name": "ledger"}
    for path, methods in document["paths"].items():  # type: ignore[attr-defined]  # JSON.
        # A stream of events has no end, and its one parameter is a header.
        parameters = [] if path == "/api/v1/events" else methods.get("get", {}).get("parameters", [])
        for one in parameters:
            if one["in"] not in ("path", "query"):
                continue
            address = path
            for other in parameters:
                if other["in"] == "path":
                    value = "{}" if other["name"] == one["name"] else known.get(other["name"], "0" * 64)
                    address = address.replace(f"{{{other['name']}}}", value)
            found.append(address if one["in"] == "path" else f"{address}?{one['name']}={{}}")
    return found


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.long)])
async def test_sql_in_any_parameter_of_any_read_is_only_words(office: Office, scene: Scene, *, every: bool) -> None:
    await scene.submit()
    headers = await office.headers("office.duty")
    addresses = _addresses((await office.http.get("/openapi.json", headers=headers)).json(), scene.id)
    assert len(addresses) > 30
    for number, address in enumerate(addresses):
        for attack in ATTACKS if every else ATTACKS[number % 5 :: 5]:
            answer = await office.http.get(address.replace("{}", quote(attack, safe="")), headers=headers)
            assert answer.status_code in (200, 404, 422), (address, attack)
            if answer.status_code == 200 and "?q=" in address and "json" in answer.headers["content-type"]:
                assert answer.json()["items"] == [], attack
    async with scene.sessions() as session:
        assert await session.scalar(text("SELECT count(*) FROM incidents")) == 1


@pytest.mark.parametrize("q", ["%", "_", "\\", "100%", "停_"])
async def test_a_wildcard_finds_itself_alone(office: Office, scene: Scene, q: str) -> None:
    await scene.submit(title="停水100%_\\")
    expected = 0 if q == "停_" else 1
    assert len((await office.get("office.duty", "/incidents", q=q)).json()["items"]) == expected
