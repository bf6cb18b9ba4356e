"""The bytes of an entry are final: these tests hold them still."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.chain import Link, link, read
from domain import events as e
from domain.hashing import GENESIS, Algorithm, hash_of
from domain.refusals import Code, RefusalRecord
from domain.vocabulary import Channel, CommandId, Digest, IncidentId, OfficerId, Origin, ReleaseId, Role, UnitId

AT = datetime(2026, 11, 3, 8, 0, 0, 5, tzinfo=UTC)
INCIDENT = IncidentId("ab12cd34ef56")
FIRST, LAST = (AT.replace(year=year, tzinfo=None) for year in (2001, 2098))


def recorded(fact: e.AnyFact, **by: object) -> e.RecordedEntry:
    authorship = e.Authorship.model_validate({"origin": Origin.UPDATE, "issued_at": AT, "decided_at": AT} | by)
    return e.RecordedEntry(seq=7, key="cmd/c1", by=authorship, fact=fact)


def test_an_entry_has_exactly_these_bytes_and_this_hash() -> None:
    entry = recorded(
        e.Refused(command="close", refusal=RefusalRecord(code=Code.HARD_DUTY_PENDING, params={"kinds": "response"})),
        actor=OfficerId("office.duty"),
        seat=e.Seat(unit=UnitId("office"), role=Role.COUNTY_OFFICE),
        command_id=CommandId("c1"),
    )
    made = link(INCIDENT, entry, GENESIS)
    data = '{"command":"close","refusal":{"code":"hard_duty_pending","params":{"kinds":"response"}}}'
    assert made.data == data
    canonical = (
        '{"actor":"office.duty","command_id":"c1",'
        '"data":"' + data.replace('"', '\\"') + '",'
        '"decided_at":"2026-11-03T08:00:00.000005Z","incident":"ab12cd34ef56",'
        '"issued_at":"2026-11-03T08:00:00.000005Z","key":"cmd/c1","on_behalf_of":null,"origin":"update",'
        f'"prev":"{GENESIS}","seat_role":"county_office","seat_unit":"office","seq":7,"type":"refused","v":1}}'
    )
    assert made.hash == hashlib.sha256(canonical.encode()).hexdigest()
    assert made.hash == "d30cf62a7ad6e656b7fedb0822acaf127205992aad0a96e42fd7470e5a728488"


def test_instants_are_written_in_utc_with_six_digits_and_a_z() -> None:
    fact = e.Published(
        release=ReleaseId("0123456789ab"),
        version=1,
        digest=Digest("a" * 64),
        channel=Channel.BULLETIN,
        at=datetime(2026, 11, 3, 16, 0, tzinfo=timezone(timedelta(hours=8))),
        external_id="x",
        url="u",
    )
    made = link(INCIDENT, recorded(fact), GENESIS)
    assert '"at":"2026-11-03T08:00:00.000000Z"' in made.data
    assert read(made) == recorded(fact)


@given(
    st.datetimes(FIRST, LAST, timezones=st.timezones()),
    st.none() | st.sampled_from(["office.head", "baishi.editor"]),
    st.floats(0.01, 1),
)
def test_whatever_is_written_is_read_back_the_same(at: datetime, actor: str | None, fraction: float) -> None:
    fact = e.Reminded.model_validate(
        {
            "obligation": "o1",
            "kind": "response",
            "hard": True,
            "fraction": fraction,
            "due_at": at,
            "to": ["lead", "unit_head"],
        }
    )
    entry = recorded(fact, actor=actor, decided_at=at)
    made = link(INCIDENT, entry, GENESIS)
    assert read(made) == entry
    assert made.expected_hash() == made.hash
    assert link(INCIDENT, read(made), GENESIS) == made


@pytest.mark.parametrize("column", [name for name in Link._fields if name != "hash"])
def test_the_hash_covers_every_column(column: str) -> None:
    by = {"actor": "office.duty", "seat": {"unit": "office", "role": "editor"}, "on_behalf_of": "x", "command_id": "c"}
    made = link(INCIDENT, recorded(e.Noted(text="t1:" + "0" * 64), **by), GENESIS)
    without = Link(**(made._asdict() | {column: None}))
    assert without.expected_hash() != made.hash


def test_format_2_differs_from_format_1_in_its_number_and_hash_alone() -> None:
    entry = recorded(e.Noted(text="t1:" + "0" * 64))
    first, second = link(INCIDENT, entry, GENESIS), link(INCIDENT, entry, GENESIS, Algorithm.SM3)
    assert (first.v, second.v) == (1, 2)
    assert second._replace(v=1, hash=first.hash) == first
    assert second.hashed() == first.hashed().replace(b'"v":1', b'"v":2')
    assert second.hash == hash_of(Algorithm.SM3, second.hashed())
    assert second.hash == "757f832f42f30cae8c2f5014b255435ff9bbb55aea27c9ce62316e7990243bf0"
    assert read(second) == entry


def test_a_format_of_another_time_is_neither_hashed_nor_read() -> None:
    later = link(INCIDENT, recorded(e.Noted(text="t1:" + "0" * 64)), GENESIS)._replace(v=3)
    assert later.expected_hash() == ""
    with pytest.raises(ValueError, match="format 3"):
        read(later)
