"""What Temporal stores cannot be read without a key, and nothing it gives back breaks a process."""

import json
from collections.abc import Mapping

import pytest
from temporalio.api.common.v1 import Payload

from domain.sealing import PLAINTEXT, UNREADABLE
from runtime.codec import ENCODING, Codec, unwrap, wrap

OLD, NEW = {"k1": b"1" * 32}, {"k2": b"2" * 32}
CODEC = Codec(OLD)
WORDS = "柳坝乡桥头塌方"


def payload(value: object) -> Payload:
    return Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(value, ensure_ascii=False).encode())


def altered(given: Payload, **changes: bytes | Mapping[str, bytes]) -> Payload:
    fields = {"metadata": dict(given.metadata), "data": given.data} | changes
    return Payload(**fields)  # type: ignore[arg-type]  # Each of its own type.


@pytest.mark.parametrize(
    "value", ["", WORDS, [WORDS] * 500, {"a": [None, 1.5]}], ids=["empty", "short", "long", "mixed"]
)
async def test_what_was_encrypted_comes_back_and_says_nothing_meanwhile(value: object) -> None:
    given = payload(value)
    (locked,) = await CODEC.encode([given])
    assert await CODEC.decode([locked]) == [given]
    stored = locked.SerializeToString()
    assert WORDS.encode() not in stored
    assert b"json/plain" not in stored
    assert (locked.metadata["encoding"], locked.metadata["key"]) == (ENCODING, b"k1")


async def test_the_same_payload_never_looks_the_same() -> None:
    locked = await CODEC.encode([payload(WORDS)] * 20)
    assert len({one.data for one in locked}) == 20
    assert len({one.data[:12] for one in locked}) == 20


def test_repetition_is_stored_once() -> None:
    assert len(CODEC.lock(payload([WORDS] * 500)).data) < len(payload([WORDS] * 500).data) // 20


def test_the_first_key_encrypts_and_all_decrypt() -> None:
    rotated = Codec(NEW | OLD)
    before = CODEC.lock(payload(WORDS))
    assert rotated.unlock(before) == payload(WORDS)
    assert rotated.lock(payload(WORDS)).metadata["key"] == b"k2"
    assert Codec(NEW).unlock(rotated.lock(payload(WORDS))) == payload(WORDS)


LOCKED = CODEC.lock(payload(WORDS))
UNREADABLES = {
    "another key": Codec(NEW).lock(payload(WORDS)),
    "the same bytes under another id": altered(LOCKED, metadata={"encoding": ENCODING, "key": b"k2"}),
    "no id": altered(LOCKED, metadata={"encoding": ENCODING}),
    "one bit of it": altered(LOCKED, data=LOCKED.data[:-1] + bytes([LOCKED.data[-1] ^ 1])),
    "its nonce": altered(LOCKED, data=bytes([LOCKED.data[0] ^ 1]) + LOCKED.data[1:]),
    "cut short": altered(LOCKED, data=LOCKED.data[:5]),
    "empty": altered(LOCKED, data=b""),
    "a wrapped one of another key": payload(json.loads(wrap(Codec(NEW).lock(payload(WORDS))))),
}


@pytest.mark.parametrize("ring", [OLD, OLD | {"k2": b"3" * 32}], ids=["one key", "two keys"])
@pytest.mark.parametrize("given", UNREADABLES.values(), ids=UNREADABLES.keys())
async def test_what_cannot_be_read_is_marked_and_raises_nothing(given: Payload, ring: dict[str, bytes]) -> None:
    (marked,) = await Codec(ring).decode([given])
    assert json.loads(marked.data).startswith(UNREADABLE + ":")
    assert not Codec(ring).reads(given)
    assert await Codec(ring).decode([given]) == [marked], "a replay reads the same"


PLAIN = {
    "words": payload(WORDS),
    "an object": payload({"text": WORDS}),
    "an empty object": payload({}),
    "bytes": Payload(metadata={"encoding": b"binary/plain"}, data=b"\xff\x00"),
    "no encoding": Payload(data=b"x"),
    "a wrapper of nothing": payload({"encrypted": "eA=="}),
    "a wrapper of no text": payload({"encrypted": 7}),
    "a wrapper of what is not encrypted": payload(json.loads(wrap(payload(WORDS)))),
    "a bottomless one": Payload(data=b'{"encrypted":' + b"[" * 100_000),
}


@pytest.mark.parametrize("given", PLAIN.values(), ids=PLAIN.keys())
async def test_plain_text_is_marked_and_not_passed_on(given: Payload) -> None:
    (marked,) = await CODEC.decode([given])
    assert json.loads(marked.data).startswith(PLAINTEXT + ":")
    assert WORDS not in json.loads(marked.data)
    assert CODEC.show(given) == given, "whoever looks on sees it"
    assert not CODEC.reads(given)


def test_marks_of_different_messages_differ() -> None:
    assert CODEC.unlock(payload("one")) != CODEC.unlock(payload("two"))


@pytest.mark.parametrize("data", [b"", b"null", b'""'])
def test_what_says_nothing_needs_no_key(data: bytes) -> None:
    given = Payload(metadata={"encoding": b"json/plain"}, data=data)
    assert CODEC.unlock(given) == given


def test_a_tool_that_sends_json_only_can_carry_it() -> None:
    carried = wrap(LOCKED)
    assert WORDS not in carried
    assert CODEC.unlock(payload(json.loads(carried))) == payload(WORDS)
    # One that formats it otherwise, and one that encrypts on top.
    assert CODEC.unlock(Payload(data=carried.replace(" ", "").encode())) == payload(WORDS)
    assert CODEC.unlock(CODEC.lock(payload(json.loads(carried)))) == payload(WORDS)
    assert unwrap(payload(json.loads(carried))) == LOCKED
