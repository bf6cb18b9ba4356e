"""The tree over all heads, and the statements signed over it."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from domain.anchoring import Anchor, Head, Tree, anchor, anchor_problems
from domain.hashing import GENESIS, Algorithm
from domain.vocabulary import IncidentId
from tests.clock import FixedClock

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
AT = FixedClock().at


def head(number: int, seq: int = 1) -> Head:
    return Head(IncidentId(f"{number:032x}"), seq, hashlib.sha256(f"{number}/{seq}".encode()).hexdigest())


def tree(*heads: Head, algorithm: Algorithm = Algorithm.SHA256) -> Tree:
    return Tree(algorithm, heads)


def sha(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def root_by_the_book(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, as it is written: split at the largest power of two that is smaller."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha(b"\x01" + root_by_the_book(leaves[:split]) + root_by_the_book(leaves[split:]))


def climb(leaf: bytes, position: int, size: int, path: tuple[str, ...]) -> bytes:
    siblings = [bytes.fromhex(sibling) for sibling in path]
    while size > 1:
        if position % 2:
            leaf = sha(b"\x01" + siblings.pop(0) + leaf)
        elif position + 1 < size:
            leaf = sha(b"\x01" + leaf + siblings.pop(0))
        position, size = position // 2, (size + 1) // 2
    assert not siblings
    return leaf


def leaf(head: Head) -> bytes:
    stated = f'{{"hash":"{head.hash}","incident":"{head.incident}","seq":{head.seq}}}'
    return sha(b"\x00" + stated.encode())


@pytest.mark.parametrize("size", [*range(1, 18), 64, 65])
def test_the_tree_is_that_of_the_standard_and_every_path_leads_to_its_root(size: int) -> None:
    heads = [head(number) for number in range(size)]
    made = tree(*heads)
    assert bytes.fromhex(made.root) == root_by_the_book([leaf(one) for one in heads])
    for position, one in enumerate(heads):
        assert climb(leaf(one), position, size, made.path(position)).hex() == made.root


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9)), max_size=40))
def test_a_tree_that_grew_and_changed_is_that_of_its_heads(moves: list[tuple[int, int]]) -> None:
    grown = tree()
    for number, seq in moves:
        grown.put(min(number, grown.size), head(number, seq))
    assert grown.root == tree(*grown.heads).root


def test_no_head_has_a_place_beyond_the_next() -> None:
    with pytest.raises(IndexError):
        tree(head(1)).put(2, head(2))


def test_an_anchor_is_signed_names_its_key_and_follows_the_one_before() -> None:
    first = anchor(None, tree(head(1)), AT, KEY)
    second = anchor(first, tree(head(1), head(2)), AT, KEY)
    assert (first.number, first.prev, first.key) == (1, GENESIS, KEY.public_key().public_bytes_raw().hex())
    assert (second.number, second.prev, second.size) == (2, first.hash(), 2)
    assert first.is_signed()
    assert second.is_signed()
    assert anchor_problems(first, tree(head(1), head(2)), second) == []


def test_the_bytes_that_are_signed_are_these() -> None:
    made = anchor(None, tree(head(1)), AT, KEY)
    assert made.stated().decode() == (
        '{"algorithm":"sha256","at":"2026-11-03T08:00:00.000000Z",'
        f'"key":"{made.key}","number":1,"prev":"{GENESIS}","root":"{made.root}","size":1,"v":1}}'
    )


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"number": 3}, "does not follow"),
        ({"at": AT.replace(year=2027)}, "signature"),
        ({"algorithm": Algorithm.SM3}, "signature"),
        ({"size": 3}, "is not over the heads"),
        ({"root": "0" * 64}, "is not over the heads"),
        ({"prev": GENESIS}, "does not follow"),
        ({"key": "0" * 64}, "signature"),
        ({"key": "no key"}, "signature"),
        ({"signature": "0" * 128}, "signature"),
        ({"signature": ""}, "signature"),
    ],
)
def test_whatever_is_changed_in_an_anchor_is_seen(change: dict[str, object], what: str) -> None:
    first = anchor(None, tree(head(1)), AT, KEY)
    second = anchor(first, tree(head(1), head(2)), AT, KEY)
    changed = Anchor.model_validate(second.model_dump() | change)
    found = anchor_problems(first, tree(head(1), head(2)), changed)
    assert any(what in problem for problem in found), found
    assert any("signature" in problem for problem in found), "nothing is changed without the key"
