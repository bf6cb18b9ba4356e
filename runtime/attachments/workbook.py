"""An Excel workbook made anew from its parts: without its author's traces, and refused if it holds more than data."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from io import BytesIO

from domain.attachments import WORKBOOK, check_type, damaged
from domain.refusals import Code, Refusal

_UNPACKED = 256 * 1024 * 1024
_PARTS = 5_000
_PIECE = 64 * 1024
_NEEDED = {"[Content_Types].xml", "xl/workbook.xml"}
_MORE_THAN_DATA = re.compile(
    r"vbaProject|^xl/(activeX|ctrlProps|embeddings|externalLinks|macrosheets|dialogsheets|queryTables|persons"
    r"|connections|comments|threadedComments)"
)
_HIDDEN_SHEET = re.compile(rb"""\bstate\s*=\s*["'](hidden|veryHidden)["']""")
_AUTHORS_FOLDER = re.compile(rb"""(<x15ac:absPath\b[^>]*\burl=)("[^"]*"|'[^']*')""")
_NAMESPACE = "http://schemas.openxmlformats.org/"
_EMPTY = {
    "docProps/core.xml": f'<cp:coreProperties xmlns:cp="{_NAMESPACE}package/2006/metadata/core-properties"/>',
    "docProps/app.xml": f'<Properties xmlns="{_NAMESPACE}officeDocument/2006/extended-properties"/>',
    "docProps/custom.xml": f'<Properties xmlns="{_NAMESPACE}officeDocument/2006/custom-properties"/>',
}


def rebuild_workbook(data: memoryview) -> Iterator[bytes | memoryview]:
    """The same parts in a new archive; the same upload always gives the same bytes.

    Raises ATTACHMENT_TYPE for another archive, ATTACHMENT_ACTIVE, ATTACHMENT_DAMAGED.
    """
    made = BytesIO()
    try:
        with zipfile.ZipFile(BytesIO(data)) as given, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as anew:
            _check(given.infolist())
            for part in given.infolist():
                # Neither the instants nor the system of whoever packed it.
                anew.writestr(
                    zipfile.ZipInfo(part.filename), _kept(part.filename, _read(given, part)), zipfile.ZIP_DEFLATED
                )
    # zipfile says RuntimeError for a password and NotImplementedError for a compression it does not know.
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError):
        raise damaged(WORKBOOK) from None
    yield made.getbuffer()


def _read(given: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """A part, piece by piece: read at once, one that lies about its size is unpacked whole before anybody counts."""
    with given.open(part) as packed:
        return b"".join(iter(partial(packed.read, _PIECE), b""))


def _check(parts: list[zipfile.ZipInfo]) -> None:
    names = [part.filename for part in parts]
    if not set(names) >= _NEEDED:
        check_type("application/zip")
    if any(_MORE_THAN_DATA.search(name) for name in names):
        raise Refusal(Code.ATTACHMENT_ACTIVE)
    twice = len(set(names)) < len(names)
    if twice or len(names) > _PARTS or sum(part.file_size for part in parts) > _UNPACKED:
        raise damaged(WORKBOOK)


def _kept(name: str, content: bytes) -> bytes:
    if name in _EMPTY:
        return _EMPTY[name].encode()
    if name.startswith("docProps/"):
        return b""
    if name == "[Content_Types].xml" and b"macroEnabled" in content:
        raise Refusal(Code.ATTACHMENT_ACTIVE)
    if name == "xl/workbook.xml":
        if _HIDDEN_SHEET.search(content):
            raise Refusal(Code.ATTACHMENT_ACTIVE)
        return _AUTHORS_FOLDER.sub(rb'\1""', content)
    return content
