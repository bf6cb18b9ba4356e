"""Small files that swell: refused, or kept as small as they came, without unpacking them."""

import tracemalloc
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import pytest

from domain.refusals import Refusal
from runtime.attachments.content import cleanse, sniff
from tests.api.office import Office
from tests.api.test_problems import is_problem
from tests.scene import Scene
from tests.uploads import SVG, chunk, png, workbook

MOST = 64 * 1024 * 1024
"""Bytes of memory that a bomb may cost us."""


def squeezed(size: int) -> bytes:
    """`size` zeros, a thousandth as large."""
    packer = zlib.compressobj(9)
    zeros = bytes(1024 * 1024)
    return b"".join(packer.compress(zeros) for _ in range(size // len(zeros))) + packer.flush()


def xlsx(part: str, size: int, claimed: int | None = None) -> bytes:
    """A workbook with a part that unpacks to `size`, perhaps saying that it is smaller."""
    made = BytesIO(workbook())
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as archive, archive.open(part, "w", force_zip64=True) as into:
        for _ in range(size // (1024 * 1024)):
            into.write(bytes(1024 * 1024))
    content = bytearray(made.getvalue())
    if claimed is not None:
        # The central directory is what unpackers believe.
        entry = content.rfind(b"PK\x01\x02")
        content[entry + 24 : entry + 28] = claimed.to_bytes(4, "little")
    return bytes(content)


@pytest.mark.parametrize("claimed", [None, 1000])
async def test_a_workbook_that_swells_is_refused_whatever_it_says_of_itself(
    office: Office, scene: Scene, claimed: int | None
) -> None:
    await scene.submit()
    size = 300 if claimed is None else 100
    bomb = xlsx("xl/media/zeros.bin", size * 1024 * 1024, claimed)
    assert len(bomb) < 1024 * 1024
    tracemalloc.start()
    answer = await office.upload("baishi.editor", scene.id, bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    is_problem(answer, 422, "attachment_damaged")
    assert peak < MOST


async def test_a_picture_is_never_unpacked(office: Office, scene: Scene) -> None:
    """Whoever looks at it does that, and browsers refuse what is too large for them."""
    await scene.submit()
    bomb = png(chunk(b"iCCP", b"a\0\0" + squeezed(256 * 1024 * 1024)), chunk(b"zTXt", b"a\0\0" + squeezed(2**28)))
    tracemalloc.start()
    answer = await office.upload("baishi.editor", scene.id, bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.status_code == 201
    assert answer.json()["bytes"] < len(bomb)
    assert peak < MOST


@pytest.mark.parametrize(
    "content",
    [
        SVG,
        b"\xef\xbb\xbf" + SVG,
        b'<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><svg>&b;</svg>',
        b"\x1f\x8b\x08\x00" + squeezed(1024 * 1024),
        b"GIF89a<svg onload=alert(1)>",
        b"%PDF-1.7\n/JavaScript",
        b"MZ\x90\x00",
        b"#!/bin/sh\n",
        b"",
        b"\x00",
    ],
    ids=lambda content: repr(content[:12]),
)
async def test_what_draws_by_a_program_or_is_nothing_at_all_is_not_taken(
    office: Office, scene: Scene, content: bytes
) -> None:
    await scene.submit()
    answer = await office.upload("baishi.editor", scene.id, content, **{"Content-Type": "image/png"})
    assert answer.status_code in (415, 422)
    assert answer.json()["code"] in ("attachment_type", "attachment_damaged")


@pytest.mark.parametrize("length", [2**31 - 1, 2**32 - 1])
def test_a_length_that_lies_reads_nothing_beyond_the_file(length: int, tmp_path: Path) -> None:
    content = png()
    lying = content[:33] + length.to_bytes(4, "big") + content[37:]
    file = tmp_path / "lying.png"
    file.write_bytes(lying)
    assert sniff(lying) == "image/png"
    with file.open("rb") as uploaded, BytesIO() as into, pytest.raises(Refusal):
        cleanse(uploaded, "image/png", into)
