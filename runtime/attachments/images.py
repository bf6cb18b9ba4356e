"""PNG, GIF and WebP without anything that draws nothing: text, place, time, previews, what hides behind the end."""

import zlib
from collections.abc import Iterator

from domain.attachments import damaged
from runtime.attachments.riff import chunks, packed

_PNG = b"\x89PNG\r\n\x1a\n"
_DRAWING = frozenset(b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP bKGD pHYs acTL fcTL fdAT".split())
_WEBP = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_EXIF_OR_XMP = 0x08 | 0x04
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
_GIF_SCREEN, _GIF_IMAGE, _GIF_EXTENSION, _GIF_END = 13, 0x2C, 0x21, 0x3B
_GIF_TIMING, _GIF_APPLICATION = 0xF9, 0xFF


def strip_png(data: memoryview) -> Iterator[bytes | memoryview]:
    """Chunks that draw, each with the checksum it came with; nothing after the last."""
    yield _PNG
    at, kind = len(_PNG), b""
    while kind != b"IEND":
        end = at + 12 + int.from_bytes(data[at : at + 4])
        kind = bytes(data[at + 4 : at + 8])
        first = at == len(_PNG)
        if end > len(data) or first != (kind == b"IHDR"):
            raise damaged("image/png")
        if kind in _DRAWING:
            if zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(data[end - 4 : end]):
                raise damaged("image/png")
            yield data[at:end]
        at = end


def strip_webp(data: memoryview) -> Iterator[bytes | memoryview]:
    """Chunks that draw, and a header that promises no others."""
    kept: list[tuple[bytes, bytes | memoryview]] = []
    for name, body in chunks(data, b"WEBP", "image/webp"):
        if name == b"VP8X":
            kept.append((name, bytes((body[0] & ~_EXIF_OR_XMP, *body[1:]))))
        elif name in _WEBP:
            kept.append((name, body))
    if not {name for name, _ in kept} & {b"VP8 ", b"VP8L", b"ANMF"}:
        raise damaged("image/webp")
    yield from packed(b"WEBP", kept)


def strip_gif(data: memoryview) -> Iterator[bytes | memoryview]:
    """Pictures, their timing and whether they repeat; no comments, no other application's data."""
    try:
        yield from _gif(data)
    except IndexError:
        raise damaged("image/gif") from None


def _gif(data: memoryview) -> Iterator[bytes | memoryview]:
    at = _GIF_SCREEN + _colours(data[10])
    if bytes(data[:6]) not in (b"GIF87a", b"GIF89a"):
        raise damaged("image/gif")
    yield data[:at]
    pictures = 0
    while (mark := data[at]) != _GIF_END:
        if mark == _GIF_IMAGE:
            # A descriptor of ten bytes, its colours, the size of a code, and the picture in blocks.
            end = _after_blocks(data, at + 11 + _colours(data[at + 9]))
            pictures += 1
            yield data[at:end]
        elif mark == _GIF_EXTENSION:
            end = _after_blocks(data, at + 2)
            loops = data[at + 1] == _GIF_APPLICATION and data[at + 3 : at + 14] in _LOOPS
            if loops or data[at + 1] == _GIF_TIMING:
                yield data[at:end]
        else:
            raise damaged("image/gif")
        at = end
    if not pictures:
        raise damaged("image/gif")
    yield bytes((_GIF_END,))


def _colours(flags: int) -> int:
    """Bytes of the colour table that the flags announce."""
    return 3 * 2 ** ((flags & 0x07) + 1) if flags & 0x80 else 0


def _after_blocks(data: memoryview, at: int) -> int:
    while (size := data[at]) > 0:
        at += 1 + size
    return at + 1
