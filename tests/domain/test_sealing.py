"""Seals: what was sealed is what arrives, or it is refused."""

from typing import Any

import pytest

from domain.sealing import NAMELESS, SealedCommand

KEYS = {"k1": b"invented, of no use anywhere"}
COMMAND = SealedCommand.model_validate(
    {
        "command_id": "c1",
        "incident": "0f0e0d0c0b0a",
        "name": "close",
        "actor": "office.duty",
        "body": {"summary": "t1:" + "a" * 64, "nested": {"b": [1, 2.5, None, True], "a": "甲"}},
        "issued_at": "2026-03-18T15:20:00+08:00",
        "expires_at": "2026-03-18T15:30:00+08:00",
    }
)


def test_a_sealed_command_arrives_sealed() -> None:
    sealed = COMMAND.sealed(KEYS)
    assert sealed.is_sealed_with(KEYS)
    assert SealedCommand.model_validate_json(sealed.model_dump_json()).is_sealed_with(KEYS)
    assert sealed.sealed(KEYS) == sealed


def test_the_order_of_fields_is_not_sealed() -> None:
    body = dict(reversed(COMMAND.body.items()))
    assert COMMAND.model_copy(update={"body": body}).sealed(KEYS).seal == COMMAND.sealed(KEYS).seal


@pytest.mark.parametrize(
    "changes",
    [
        {"command_id": "c2"},
        {"incident": "0f0e0d0c0b0b"},
        {"name": "reopen"},
        {"actor": "office.head"},
        {"body": {}},
        {"issued_at": "2026-03-18T15:20:01+08:00"},
        {"expires_at": "2027-03-18T15:30:00+08:00"},
        {"seal": ""},
        {"seal": "s1:" + "0" * 64},
        {"seal": "s2:甲"},
    ],
)
def test_whatever_is_altered_breaks_the_seal(changes: dict[str, Any]) -> None:
    sealed = COMMAND.sealed(KEYS).model_dump(mode="json")
    assert not SealedCommand.model_validate(sealed | changes).is_sealed_with(KEYS)


def test_keys_follow_one_another() -> None:
    old, new = {"k1": b"the old key"}, {"k2": b"the new key"}
    ring = new | old
    assert COMMAND.sealed(ring).seal.startswith("s2:k2:")
    assert COMMAND.sealed(ring).is_sealed_with(new)
    assert COMMAND.sealed(old).is_sealed_with(ring)
    assert not COMMAND.sealed(old).is_sealed_with(new)
    # The same secret under another name is another key.
    assert not COMMAND.sealed(old).is_sealed_with({"k9": old["k1"]})


def test_a_nameless_key_goes_on_and_may_get_a_name() -> None:
    nameless = {NAMELESS: b"the one key"}
    sealed = COMMAND.sealed(nameless)
    assert sealed.seal.startswith("s1:")
    assert sealed.is_sealed_with({"k2": b"the new key"} | nameless)
    assert sealed.is_sealed_with({"k2": b"the new key", "k1": b"the one key"})
    assert not sealed.is_sealed_with({"k2": b"the new key"})


def test_another_key_seals_otherwise() -> None:
    assert not COMMAND.sealed({"k1": b"another"}).is_sealed_with(KEYS)
    assert not COMMAND.is_sealed_with(KEYS)


@pytest.mark.parametrize("number", ["1e999", "-1e999", "123456789012345678901234567890"])
def test_a_number_that_cannot_be_sealed_is_unsealed_and_breaks_nothing(number: str) -> None:
    message = COMMAND.sealed(KEYS).model_dump_json().replace("2.5", number)
    assert not SealedCommand.model_validate_json(message).is_sealed_with(KEYS)
