"""Gathers everything of one incident that proves what happened. `enclosed/README.md` says what each file is."""

import asyncio
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from db import anchors, attachments, ledger, publications, texts
from db.chain import Link, read
from db.session import Sessions, snapshot
from domain.anchoring import Anchor, Move, proofs
from domain.attachments import Attachment
from domain.commands import is_reference
from domain.hashing import canonical
from domain.vocabulary import Digest, IncidentId
from evidence.bundle import enclosed, pack
from runtime.attachments.store import AttachmentGone, AttachmentStore

ATTACHMENTS_WITHIN = 32 * 1024 * 1024
"""Bytes of attachments in one bundle, the smallest first; of others it has the digests, which the ledger binds."""


class NoLedger(LookupError):
    """The ledger knows nothing of the incident."""


@dataclass
class Gathered:
    """What was read. `absent` says of each text, version and file that is not here why."""

    incident: IncidentId
    links: Sequence[Link]
    facts: Sequence[tuple[str, dict[str, Any]]]
    words: Sequence[texts.Salted]
    documents: Mapping[str, str]
    known_files: Mapping[Digest, Attachment]
    receipts: Sequence[Mapping[str, Any]]
    anchors: Mapping[int, Anchor]
    moves: Sequence[Move]
    absent: dict[str, str]
    files: dict[Digest, bytes] = field(default_factory=dict)


async def export(sessions: Sessions, store: AttachmentStore, incident: IncidentId) -> bytes:
    """The incident's evidence as a zip; the same bytes as long as nothing happens. Raises NoLedger, StoreAway.

    What was tampered with is exported as it is: the script in the zip names it.
    """
    async with snapshot(sessions) as session:
        gathered = await _read(session, incident)
    await _fetch(gathered, store)
    return await asyncio.to_thread(lambda: pack(compose(gathered)))


async def _read(session: AsyncSession, incident: IncidentId) -> Gathered:
    links = await ledger.links(session, incident)
    if not links:
        raise NoLedger(incident)
    facts = list(_facts(links))
    drafted = [fact for kind, fact in facts if kind == "version_drafted"]
    references = {found for _, fact in facts for found in _strings(fact) if is_reference(found)}
    digests = {Digest(fact["digest"]) for fact in drafted}
    files = {Digest(digest) for fact in drafted for digest in fact["attachments"]}
    words = await texts.with_salts(session, incident, references)
    documents = await texts.read(session, incident, digests)
    known_files = await attachments.find(session, incident, files)
    gone = (references - {word.reference for word in words}) | (digests - set(documents)) | (files - set(known_files))
    receipts = _told(await publications.receipts(session, incident), facts)
    moved = await anchors.anchored(session, incident)
    return Gathered(
        incident=incident,
        links=links,
        facts=facts,
        words=words,
        documents=documents,
        known_files=known_files,
        receipts=receipts,
        anchors={one.number: one for one in await anchors.page(session) if moved and one.number >= min(moved)},
        moves=await anchors.moves(session) if moved else (),
        absent=dict.fromkeys(gone, "erased"),
    )


async def _fetch(gathered: Gathered, store: AttachmentStore) -> None:
    left = ATTACHMENTS_WITHIN
    for file in sorted(gathered.known_files.values(), key=lambda file: (file.bytes, file.digest)):
        left -= file.bytes
        if left < 0:
            gathered.absent[file.digest] = "large"
            continue
        try:
            pieces = await store.read(gathered.incident, file.digest, 0, file.bytes)
            gathered.files[file.digest] = b"".join([piece async for piece in pieces])
        except AttachmentGone:
            gathered.absent[file.digest] = "lost"


def compose(gathered: Gathered) -> dict[str, bytes]:
    """The files of the bundle, by name."""
    founding = next((fact for kind, fact in gathered.facts if kind == "submitted"), {})
    files = {
        **enclosed(),
        "ledger.jsonl": b"".join(link.hashed() + b"\n" for link in gathered.links),
        "hashes.json": canonical([link.hash for link in gathered.links]),
        "policy.json": canonical(founding.get("policy")),
        "texts.json": canonical(
            {word.reference: {"salt": word.salt.hex(), "text": word.text} for word in gathered.words}
        ),
        "receipts.json": canonical(gathered.receipts),
        "anchors.json": canonical(_anchors(gathered)),
        **{f"releases/{digest}.json": text.encode() for digest, text in sorted(gathered.documents.items())},
        **{f"attachments/{digest}": content for digest, content in sorted(gathered.files.items())},
    }
    manifest = {
        "v": 1,
        "incident": gathered.incident,
        "number": founding.get("number"),
        "drill": founding.get("drill"),
        "head": {"seq": gathered.links[-1].seq, "hash": gathered.links[-1].hash},
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        "absent": gathered.absent,
        "attachments": {file.digest: file.media_type for file in gathered.known_files.values()},
    }
    return {"manifest.json": canonical(manifest), **files}


def _anchors(gathered: Gathered) -> list[dict[str, Any]]:
    """Each anchor as it was published, with the head it is over and the path to its root."""
    return [
        {
            "anchor": proof.anchor.model_dump(),
            "position": proof.position,
            "seq": proof.head.seq,
            "hash": proof.head.hash,
            "path": proof.path,
        }
        for proof in proofs(gathered.anchors, gathered.moves, gathered.incident)
    ]


def _told(receipts: Sequence[dict[str, Any]], facts: Sequence[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """What a channel took, or gave back, a moment ago is no evidence before the ledger says so."""
    published = {_place(fact) for kind, fact in facts if kind == "published"}
    retracted = {_place(fact) for kind, fact in facts if kind == "retracted"}
    return [
        row | {"retracted_at": row["retracted_at"] if _place(row) in retracted else None}
        for row in receipts
        if _place(row) in published
    ]


def _facts(links: Sequence[Link]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What entries say. One that cannot be read is in the ledger as it is, and says nothing else."""
    for link in links:
        try:
            read(link)
            fact = json.loads(link.data)
            canonical(fact)
        except (ValueError, RecursionError):
            continue
        yield link.type, fact


def _place(said: Mapping[str, Any]) -> tuple[str, int, str]:
    return said["release"], said["version"], said["channel"]


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)
