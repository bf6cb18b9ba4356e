"""What an upload really is, and the part of it that is kept."""

import hashlib
import mmap
from collections.abc import Callable, Iterator
from typing import IO

import filetype

from domain.attachments import WORKBOOK, Attachment
from domain.vocabulary import Digest
from runtime.attachments.images import strip_gif, strip_png, strip_webp
from runtime.attachments.jpeg import strip_jpeg
from runtime.attachments.recordings import strip_m4a, strip_mp3, strip_mp4, strip_wav
from runtime.attachments.workbook import rebuild_workbook

HEAD = 8192
"""Bytes from the beginning of a file that tell what it is."""

# An archive is looked into later; many writers put first what says nothing of a workbook.
_CALLED = {"image/apng": "image/png", "audio/x-wav": "audio/wav", "application/zip": WORKBOOK}

_CLEANSERS: dict[str, Callable[[memoryview], Iterator[bytes | memoryview]]] = {
    "image/jpeg": strip_jpeg,
    "image/png": strip_png,
    "image/gif": strip_gif,
    "image/webp": strip_webp,
    WORKBOOK: rebuild_workbook,
    "audio/mpeg": strip_mp3,
    "audio/mp4": strip_m4a,
    "audio/wav": strip_wav,
    "video/mp4": strip_mp4,
}


def sniff(head: bytes) -> str | None:
    """The media type that the first bytes show, whatever the file is called; None for one nobody knows."""
    told: str | None = filetype.guess_mime(head)
    return _CALLED.get(told, told) if told else None


def cleanse(uploaded: IO[bytes], media_type: str, into: IO[bytes]) -> Attachment:
    """Write what may be kept of a file of a type that is taken. Both files are real ones on a disk.

    Raises ATTACHMENT_DAMAGED, ATTACHMENT_TYPE, ATTACHMENT_ACTIVE; then what was written is worth nothing.
    """
    uploaded.flush()
    digest, size = hashlib.sha256(), 0
    # Unmapped when nothing looks at it any more, which an exception's traceback may still do.
    content = memoryview(mmap.mmap(uploaded.fileno(), 0, access=mmap.ACCESS_READ))
    for piece in _CLEANSERS[media_type](content):
        digest.update(piece)
        size += into.write(piece)
    into.seek(0)
    return Attachment(digest=Digest(digest.hexdigest()), media_type=media_type, bytes=size)
