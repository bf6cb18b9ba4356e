"""Files to upload, the smallest that are real, with the traces that people and their devices leave in them."""

import struct
import wave
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO

import xlsxwriter

TRACE = b"31.2304N 121.4737E, telephone of an invented person"
"""What must never be found again."""


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def exif(orientation: int = 1) -> bytes:
    """As a telephone writes it: which way is up, and a GPS directory."""
    turned = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    gps = struct.pack("<HHII", 0x8825, 4, 1, 38)
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + turned + gps + bytes(4) + TRACE


def jpeg(*extra: bytes, picture: bytes = b"\x12\xff\x00\x34", tail: bytes = b"") -> bytes:
    """Enough of a JPEG for whoever reads its structure."""
    head = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
    frame = segment(0xC0, b"\x08\0\1\0\1\1\1\x11\0") + segment(0xDA, b"\1\1\0\0\x3f\0")
    return b"\xff\xd8" + head + b"".join(extra) + frame + picture + b"\xff\xd9" + tail


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(*extra: bytes, tail: bytes = b"", shade: int = 0) -> bytes:
    """One grey point."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(bytes((0, shade))))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(extra) + body + chunk(b"IEND", b"") + tail


def gif(*extra: bytes, tail: bytes = b"") -> bytes:
    screen = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    picture = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02D\x01\0"
    return screen + b"".join(extra) + picture + b";" + tail


def riff(form: bytes, chunks: Mapping[bytes, bytes], tail: bytes = b"") -> bytes:
    body = b"".join(struct.pack("<4sI", n, len(c)) + c + b"\0" * (len(c) % 2) for n, c in chunks.items())
    return struct.pack("<4sI4s", b"RIFF", 4 + len(body), form) + body + tail


def webp() -> bytes:
    header = bytes((0x08 | 0x04, 0, 0, 0)) + bytes(6)
    return riff(b"WEBP", {b"VP8X": header, b"VP8L": b"\x2f\0\0\0\0\x10\x88", b"EXIF": TRACE, b"XMP ": TRACE})


def wav() -> bytes:
    made = BytesIO()
    with wave.open(made, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(200))
    return riff(b"WAVE", {b"LIST": b"INFO" + TRACE, b"fmt ": made.getvalue()[20:36], b"data": bytes(200)})


def mp3() -> bytes:
    tag = b"ID3\x04\0\0" + bytes((0, 0, len(TRACE) >> 7, len(TRACE) & 0x7F)) + TRACE
    return tag + (b"\xff\xfb\x90\x00" + bytes(413)) * 3 + b"TAG" + TRACE.ljust(125, b"\0")


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def mp4(brand: bytes = b"isom", sound: bytes = b"samples") -> bytes:
    noted = box(b"udta", box(b"\xa9xyz", TRACE))
    moov = box(b"moov", box(b"mvhd", bytes(100)), box(b"trak", box(b"tkhd", bytes(84)), noted), noted)
    return box(b"ftyp", brand, bytes(4), b"mp42") + box(b"uuid", TRACE) + moov + box(b"mdat", sound)


def workbook(**parts: bytes) -> bytes:
    """With an author; `parts` are added, or take the place of their own, with `__` for a slash."""
    made = BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        book.set_properties({"author": TRACE.decode(), "company": TRACE.decode()})
        book.add_worksheet("供水").write_string("A1", "栖霞镇")
    changed = {name.replace("__", "/"): content for name, content in parts.items()}
    anew = BytesIO()
    with zipfile.ZipFile(made) as given, zipfile.ZipFile(anew, "w") as packed:
        for part in given.infolist():
            packed.writestr(part, changed.pop(part.filename, given.read(part)))
        for name, content in changed.items():
            packed.writestr(name, content)
    return anew.getvalue()


def archive(**parts: bytes) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return made.getvalue()


HTML = b"<!doctype html><html><script>alert(1)</script></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
