"""Anchors: signed statements of where every ledger ends, shown to the public so that a rewritten past is noticed.

A head is one incident's last entry. Its leaf is the hash of a zero byte and the RFC 8785 JSON of
`{hash, incident, seq}`; a node is the hash of a one byte and its two children, and a child without a
sibling rises as it is: the tree of RFC 6962, section 2.1. An incident keeps its leaf's position for ever.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Literal, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, field_serializer

from domain.hashing import GENESIS, Algorithm, canonical, hash_of, written
from domain.instants import Instant
from domain.vocabulary import IncidentId

_LEAF, _NODE = b"\x00", b"\x01"


class Head(NamedTuple):
    """The last entry of an incident's ledger."""

    incident: IncidentId
    seq: int
    hash: str


class Move(NamedTuple):
    """A head that moved before anchor `number` was made, with its leaf's position."""

    number: int
    position: int
    head: Head


class Tree:
    """The Merkle tree over the heads. Setting one costs as many hashes as the tree is high."""

    def __init__(self, algorithm: Algorithm, heads: Sequence[Head] = ()) -> None:
        self.algorithm = algorithm
        self.heads: list[Head] = []
        self._levels: list[list[str]] = [[]]
        for position, head in enumerate(heads):
            self.put(position, head)

    @property
    def size(self) -> int:
        return len(self.heads)

    @property
    def root(self) -> str:
        """Of no heads, the hash of nothing."""
        return self._levels[-1][0] if self.heads else hash_of(self.algorithm, b"")

    def put(self, position: int, head: Head) -> None:
        """Exchange the head at `position`, or append it when that is the next one."""
        if position > self.size:
            raise IndexError("a head has no place there")
        self.heads[position : position + 1] = [head]
        node = hash_of(self.algorithm, _LEAF + canonical(head._asdict()))
        for height in range(self.size.bit_length() + 1):
            if height == len(self._levels):
                self._levels.append([])
            level = self._levels[height]
            level[position : position + 1] = [node]
            if len(level) == 1:
                return
            position //= 2
            node = self._parent(level, position)

    def path(self, position: int) -> tuple[str, ...]:
        """The siblings on the way from the leaf at `position` to the root, where there is one."""
        found = []
        for level in self._levels[:-1]:
            found += level[position ^ 1 : (position ^ 1) + 1]
            position //= 2
        return tuple(found)

    def _parent(self, level: list[str], position: int) -> str:
        children = level[2 * position : 2 * position + 2]
        if len(children) == 1:
            return children[0]
        return hash_of(self.algorithm, _NODE + bytes.fromhex("".join(children)))


class Anchor(BaseModel):
    """A statement and its Ed25519 signature, which is over the RFC 8785 JSON of everything but itself.

    `root` is that of the tree over `size` heads, `prev` the hash of the anchor before (64 zeros for the first),
    `key` the public key. Everything is hexadecimal.
    """

    model_config = ConfigDict(frozen=True)

    v: Literal[1] = 1
    number: int
    at: Instant
    algorithm: Algorithm
    size: int
    root: str
    prev: str
    key: str
    signature: str = ""

    @field_serializer("at", when_used="json")
    def as_signed(self, at: Instant) -> str:
        """As JSON, an anchor is what was signed, letter by letter."""
        return written(at)

    def stated(self) -> bytes:
        """The bytes that are signed."""
        return canonical(self.model_dump(exclude={"signature"}))

    def hash(self) -> str:
        """What the next anchor calls this one by, its signature included."""
        return hash_of(self.algorithm, canonical(self.model_dump()))

    def is_signed(self) -> bool:
        """Whether the signature is that of the key that the anchor names."""
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.key)).verify(
                bytes.fromhex(self.signature), self.stated()
            )
        except (ValueError, InvalidSignature):
            return False
        return True


def anchor(before: Anchor | None, tree: Tree, at: Instant, key: Ed25519PrivateKey) -> Anchor:
    """The next anchor, over the heads in `tree`."""
    stated = Anchor(
        number=before.number + 1 if before else 1,
        at=at,
        algorithm=tree.algorithm,
        size=tree.size,
        root=tree.root,
        prev=before.hash() if before else GENESIS,
        key=key.public_key().public_bytes_raw().hex(),
    )
    return stated.model_copy(update={"signature": key.sign(stated.stated()).hex()})


def anchor_problems(before: Anchor | None, tree: Tree, found: Anchor) -> list[str]:
    """What is wrong with an anchor that stands after `before` and is said to be over the heads in `tree`."""
    wrong = {
        "does not have the signature of its key": not found.is_signed(),
        "does not follow the anchor before it": (found.number, found.prev)
        != ((before.number + 1, before.hash()) if before else (1, GENESIS)),
        "is not over the heads kept with it": (found.size, found.root) != (tree.size, tree.root),
    }
    return [f"anchor {found.number} {what}" for what, holds in wrong.items() if holds]


class Proof(NamedTuple):
    """That an anchor is over this head: the siblings from the leaf at `position` to its root."""

    anchor: Anchor
    position: int
    head: Head
    path: tuple[str, ...]


def proofs(anchors: Mapping[int, Anchor], moves: Iterable[Move], incident: IncidentId) -> list[Proof]:
    """For each of `anchors`, by number, that it is over the incident's head then. `moves` are all there ever were."""
    found, heads = list[Proof](), list[Head]()
    tree: Tree | None = None
    position: int | None = None
    for number, group in groupby(moves, key=attrgetter("number")):
        for move in group:
            # As in `db.anchors.play`: where a row was removed or moved there is a gap, and then the root does not fit.
            if 0 <= move.position <= len(heads):
                heads[move.position : move.position + 1] = [move.head]
                position = move.position if move.head.incident == incident else position
                if tree is not None:
                    tree.put(move.position, move.head)
        if number in anchors and position is not None:
            if tree is None or tree.algorithm is not anchors[number].algorithm:
                tree = Tree(anchors[number].algorithm, heads)
            found.append(Proof(anchors[number], position, heads[position], tree.path(position)))
    return found
