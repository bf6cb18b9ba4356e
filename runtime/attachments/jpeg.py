"""A JPEG without what the camera and its owner wrote into it: place, time, device, previews, comments."""

import re
import struct
from collections.abc import Iterator

from domain.attachments import damaged

_START, _END, _SCAN, _COMMENT = b"\xff\xd8", 0xD9, 0xDA, 0xFE
_APP0, _APP15 = 0xE0, 0xEF
_BARE = {0x00, 0x01, *range(0xD0, 0xD9)}
"""Markers that have no length, and no business outside a scan."""
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_ORIENTATION = 0x0112


def strip_jpeg(data: memoryview) -> Iterator[bytes | memoryview]:
    """The picture, its colour profile, and which way is up. Ends where the picture ends, whatever follows."""
    yield _START
    at, has_picture = 2, False
    while (marker := _marker(data, at)) != _END:
        size = int.from_bytes(data[at + 2 : at + 4])
        segment = data[at + 4 : at + 2 + size]
        if marker in _BARE or size < 2 or len(segment) != size - 2:  # noqa: PLR2004  # A size counts its own two bytes.
            raise damaged("image/jpeg")
        kept = _kept(marker, bytes(segment)) if _APP0 <= marker <= _APP15 or marker == _COMMENT else segment
        if kept is not None:
            yield struct.pack(">BBH", 0xFF, marker, len(kept) + 2)
            yield kept
        at += 2 + size
        if marker == _SCAN:
            end = _AFTER_SCAN.search(data, at)
            if end is None:
                raise damaged("image/jpeg")
            yield data[at : end.start()]
            at, has_picture = end.start(), True
    if not has_picture:
        raise damaged("image/jpeg")
    yield bytes((0xFF, _END))


def _marker(data: memoryview, at: int) -> int:
    if bytes(data[at : at + 1]) != b"\xff" or at + 1 >= len(data):
        raise damaged("image/jpeg")
    return data[at + 1]


def _kept(marker: int, segment: bytes) -> bytes | None:
    """What stays of an application's segment, or None."""
    match marker:
        case 0xE0 if segment[:5] == b"JFIF\0":
            # All but the preview, which may show what was cut away since.
            return segment[:12] + b"\0\0"
        case 0xE1 if segment[:6] == b"Exif\0\0" and (turned := _orientation(segment[6:])):
            ifd = struct.pack(">HHHIHHI", 1, _ORIENTATION, 3, 1, turned, 0, 0)
            return b"Exif\0\0MM\0*\0\0\0\x08" + ifd
        case 0xE2 if segment[:12] == b"ICC_PROFILE\0":
            return segment
        case 0xEE if segment[:5] == b"Adobe":
            return segment[:12]
        case _:
            return None


def _orientation(tiff: bytes) -> int | None:
    """How a viewer has to turn the picture, 2 to 8; None where it stands as it is."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return None
    try:
        (start,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, start)
        for entry in range(count):
            tag, _, _, value = struct.unpack_from(order + "HHIH", tiff, start + 2 + 12 * entry)
            if tag == _ORIENTATION:
                return value if value in range(2, 9) else None
    except struct.error:
        return None
    return None
