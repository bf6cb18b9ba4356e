"""Where attachments lie: a folder or an S3 bucket, each object under its incident and its digest."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from io import BytesIO
from typing import IO

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from domain.vocabulary import Digest, IncidentId

_CHUNK = 4 * 1024 * 1024


class AttachmentGone(LookupError):
    """Nothing lies where the attachment should."""


class StoreAway(Exception):
    """The folder or the bucket does not answer, or does not let us: asking again later may help."""


class AttachmentStore:
    """Objects that are written once and never changed; what lies there is believed only by its digest.

    An incident's objects are its own: erasing them takes nothing from another, and a drill's lie apart.
    Every method may raise StoreAway.
    """

    def __init__(self, url: str) -> None:
        """`file:///folder`, which is made when first needed, or `s3://bucket/prefix`."""
        self._url = url

    async def put(self, incident: IncidentId, digest: Digest, content: IO[bytes]) -> None:
        """Keep the content. It appears whole or not at all, and the same again changes nothing."""
        try:
            with _reaching():
                await obstore.put_async(self._objects, _place(incident, digest), content)
        except AttachmentGone:
            # There is no such bucket.
            raise StoreAway("nowhere to put it") from None

    async def digest_of(self, incident: IncidentId, digest: Digest) -> Digest:
        """The SHA-256 of what lies there now. Raises AttachmentGone."""
        return await asyncio.to_thread(self._hash, _place(incident, digest))

    async def read(self, incident: IncidentId, digest: Digest, start: int, end: int) -> AsyncIterator[bytes]:
        """Bytes `start` up to `end`, in pieces. Raises AttachmentGone before the first."""
        with _reaching():
            found = await obstore.get_async(self._objects, _place(incident, digest), options={"range": (start, end)})
        return _pieces(found)

    async def delete(self, incident: IncidentId, digest: Digest) -> None:
        """Deleting what is gone changes nothing."""
        with suppress(AttachmentGone), _reaching():
            await obstore.delete_async(self._objects, _place(incident, digest))

    def everything(self) -> Iterator[tuple[str, IO[bytes]]]:
        """Every object by its place, `incident/digest`, for a backup; whatever is deleted meanwhile is left out."""
        with _reaching():
            places = [str(known["path"]) for page in obstore.list(self._objects) for known in page]
        for place in places:
            with suppress(AttachmentGone), _reaching():
                yield place, BytesIO(bytes(obstore.get(self._objects, place).bytes()))

    @cached_property
    def _objects(self) -> ObjectStore:
        if self._url.startswith("s3://"):
            return S3Store.from_url(self._url)
        return LocalStore.from_url(self._url, mkdir=True)

    def _hash(self, place: str) -> Digest:
        computed = hashlib.sha256()
        with _reaching():
            for piece in obstore.get(self._objects, place).stream(_CHUNK):
                computed.update(piece)
        return Digest(computed.hexdigest())


async def _pieces(found: "obstore.GetResult") -> AsyncIterator[bytes]:
    with _reaching():
        async for piece in found.stream(_CHUNK):
            yield bytes(piece)


@contextmanager
def _reaching() -> Iterator[None]:
    """What the library raises, as what it means. Its own messages name folders and addresses."""
    try:
        yield
    except FileNotFoundError:
        raise AttachmentGone from None
    except (BaseError, OSError) as error:
        raise StoreAway(type(error).__name__) from None


def _place(incident: IncidentId, digest: Digest) -> str:
    return f"{incident}/{digest}"
