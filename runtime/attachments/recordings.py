"""WAV, MP3 and MP4 without what was noted about them: titles, names, devices, and where a telephone stood."""

from collections.abc import Iterator

from domain.attachments import damaged
from runtime.attachments.riff import chunks, packed

_SOUND = (b"fmt ", b"fact", b"data")
_ID3_HEADER, _ID3_FOOTER_FLAG, _ID3V1 = 10, 0x10, 128
_TOP = frozenset((b"ftyp", b"styp", b"moov", b"moof", b"mfra", b"sidx", b"mdat"))
_NOTES = frozenset((b"udta", b"meta", b"uuid", b"free", b"skip", b"wide"))
_NESTED = frozenset((b"moov", b"trak", b"mdia", b"moof", b"traf"))
_LONG = 1


def strip_wav(data: memoryview) -> Iterator[bytes | memoryview]:
    kept = [(name, body) for name, body in chunks(data, b"WAVE", "audio/wav") if name in _SOUND]
    if not {b"fmt ", b"data"} <= {name for name, _ in kept}:
        raise damaged("audio/wav")
    yield from packed(b"WAVE", kept)


def strip_mp3(data: memoryview) -> Iterator[bytes | memoryview]:
    """The frames between the tags at either end."""
    at, end = 0, len(data)
    while bytes(data[at : at + 3]) == b"ID3" and at + _ID3_HEADER <= end:
        # Seven bits a byte, so that the size never looks like the start of a frame.
        size = sum(byte << shift for byte, shift in zip(data[at + 6 : at + 10], (21, 14, 7, 0), strict=True))
        at += _ID3_HEADER + size + (_ID3_HEADER if data[at + 5] & _ID3_FOOTER_FLAG else 0)
    if bytes(data[max(at, end - _ID3V1) :][:3]) == b"TAG":
        end -= _ID3V1
    if not _is_frame(bytes(data[at : min(at + 4, end)])):
        raise damaged("audio/mpeg")
    yield data[at:end]


def _is_frame(head: bytes) -> bool:
    """Whether MPEG audio starts here: eleven bits set, then a version, layer, bit rate and sampling rate that exist."""
    word = int.from_bytes(head)
    version, layer, rate, sampling = word >> 19 & 3, word >> 17 & 3, word >> 12 & 15, word >> 10 & 3
    return word >> 21 == 0x7FF and version != 1 and layer != 0 and rate not in (0, 15) and sampling != 3  # noqa: PLR2004  # Reserved values of the format.


def strip_mp4(data: memoryview, media_type: str = "video/mp4") -> Iterator[bytes | memoryview]:
    """Every box where it was, since players find samples by their place; notes become as many empty bytes."""
    top = {kind for kind, *_ in _boxes(data, 0, len(data), media_type)}
    if not {b"ftyp", b"moov"} <= top:
        raise damaged(media_type)
    yield from _emptied(data, 0, len(data), media_type, outermost=True)


def strip_m4a(data: memoryview) -> Iterator[bytes | memoryview]:
    return strip_mp4(data, "audio/mp4")


def _emptied(
    data: memoryview, at: int, end: int, media_type: str, *, outermost: bool = False
) -> Iterator[bytes | memoryview]:
    for kind, start, content, after in _boxes(data, at, end, media_type):
        if kind in _NOTES or (outermost and kind not in _TOP):
            yield bytes(data[start : start + 4]) + b"free" + bytes(data[start + 8 : content])
            yield bytes(after - content)
        elif kind in _NESTED:
            yield data[start:content]
            yield from _emptied(data, content, after, media_type)
        else:
            yield data[start:after]


def _boxes(data: memoryview, at: int, end: int, media_type: str) -> Iterator[tuple[bytes, int, int, int]]:
    """Each box between two places: its kind, where it starts, where its content does, and where it ends."""
    while at < end:
        size, content = int.from_bytes(data[at : at + 4]), at + 8
        if size == _LONG:
            size, content = int.from_bytes(data[at + 8 : at + 16]), at + 16
        after = at + size if size else end
        if not content <= after <= end:
            raise damaged(media_type)
        yield bytes(data[at + 4 : at + 8]), at, content, after
        at = after
