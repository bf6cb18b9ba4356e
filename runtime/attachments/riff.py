"""RIFF, the container of WAV and WebP: named chunks, one after another."""

import struct
from collections.abc import Iterable, Iterator

from domain.attachments import damaged


def chunks(data: memoryview, form: bytes, media_type: str) -> Iterator[tuple[bytes, memoryview]]:
    """Names and contents, in order. Nothing behind the end that the file itself names is looked at."""
    end = 8 + int.from_bytes(data[4:8], "little")
    if bytes(data[:4]) != b"RIFF" or data[8:12] != form or end > len(data):
        raise damaged(media_type)
    at = 12
    while at < end:
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + size > end:
            raise damaged(media_type)
        yield bytes(data[at : at + 4]), data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def packed(form: bytes, kept: Iterable[tuple[bytes, bytes | memoryview]]) -> Iterator[bytes | memoryview]:
    """A container of these chunks and no others."""
    given = list(kept)
    whole = sum(8 + len(body) + len(body) % 2 for _, body in given)
    yield struct.pack("<4sI4s", b"RIFF", 4 + whole, form)
    for name, body in given:
        yield struct.pack("<4sI", name, len(body))
        yield body
        yield b"\0" * (len(body) % 2)
