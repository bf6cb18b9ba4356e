"""Hashes by their published examples."""

import pytest

from domain.hashing import Algorithm, hash_of

ABC = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
ABCD_SIXTEEN_TIMES = "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"


@pytest.mark.parametrize(("content", "expected"), [(b"abc", ABC), (b"abcd" * 16, ABCD_SIXTEEN_TIMES)])
def test_sm3_gives_what_its_standard_says(content: bytes, expected: str) -> None:
    assert hash_of(Algorithm.SM3, content) == expected


def test_sha256_gives_what_its_standard_says() -> None:
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert hash_of(Algorithm.SHA256, b"abc") == expected
