"""The bundle as a file: a zip whose bytes follow from its contents alone, sealed with their digest."""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from importlib import resources

Files = Mapping[str, bytes]

_FIRST_INSTANT = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o644 << 16
_UNIX = 3
_SEAL = b"sha256:"
_HEX = 64


def enclosed() -> dict[str, bytes]:
    """What travels in every bundle as it is: the script and how to use it."""
    folder = resources.files("evidence").joinpath("enclosed")
    return {name: folder.joinpath(name).read_bytes() for name in ("README.md", "verify.py")}


def pack(files: Files) -> bytes:
    """The zip. Its comment is the SHA-256 of all bytes before it, so that not one can change unseen."""
    made = io.BytesIO()
    # Uncompressed: what a compressor makes of the same bytes changes with its version.
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _FIRST_INSTANT)
            entry.create_system, entry.external_attr = _UNIX, _READABLE
            archive.writestr(entry, content)
        archive.comment = _SEAL + bytes(_HEX)
    unsealed = made.getvalue()[:-_HEX]
    return unsealed + hashlib.sha256(unsealed).hexdigest().encode()
