"""Attachments of a release: which files may stand beside its words, and how large they may be (Art. 8).

What can run a program where it is opened (SVG, HTML, office macros) is never taken. Nor is what has no
signature to know it by, such as CSV, or what we cannot rid of its author's traces, such as PDF.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from domain.refusals import Code, Refusal
from domain.vocabulary import AttachmentKind, Digest

MOST = 20
"""Attachments of one version. Every process that judges a command must know the same, so it is no setting."""
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MIB = 1024 * 1024


class Format(NamedTuple):
    """What a media type is for, and what its files are called."""

    kind: AttachmentKind
    extension: str


FORMATS: dict[str, Format] = {
    "image/jpeg": Format(AttachmentKind.IMAGE, "jpg"),
    "image/png": Format(AttachmentKind.IMAGE, "png"),
    "image/gif": Format(AttachmentKind.IMAGE, "gif"),
    "image/webp": Format(AttachmentKind.IMAGE, "webp"),
    WORKBOOK: Format(AttachmentKind.TABLE, "xlsx"),
    "audio/mpeg": Format(AttachmentKind.AUDIO, "mp3"),
    "audio/mp4": Format(AttachmentKind.AUDIO, "m4a"),
    "audio/wav": Format(AttachmentKind.AUDIO, "wav"),
    "video/mp4": Format(AttachmentKind.VIDEO, "mp4"),
}
"""Every media type that is taken. Browsers show the images, play the rest, and run none of it."""

Limits = Mapping[AttachmentKind, int]
"""Bytes that one file of each kind may have."""


class Attachment(BaseModel):
    """A stored file. `digest` is the SHA-256 of its bytes as stored; they are not those that were uploaded."""

    model_config = ConfigDict(frozen=True)

    digest: Digest
    media_type: str
    bytes: int

    @property
    def kind(self) -> AttachmentKind:
        return FORMATS[self.media_type].kind

    @property
    def file_name(self) -> str:
        """What it is called when it is saved. What its author called it may be nobody's business."""
        return f"{self.digest[:12]}.{FORMATS[self.media_type].extension}"

    @property
    def plays_in_place(self) -> bool:
        """Whether a browser shows it by itself. A table is only ever saved."""
        return self.kind is not AttachmentKind.TABLE


def check_type(media_type: str | None) -> AttachmentKind:
    """The kind of what the content shows itself to be. Raises ATTACHMENT_TYPE, whatever it claims to be."""
    if media_type not in FORMATS:
        raise Refusal(Code.ATTACHMENT_TYPE, types=[known.extension for known in FORMATS.values()])
    return FORMATS[media_type].kind


def check_size(kind: AttachmentKind, size: int, limits: Limits) -> None:
    """Raises ATTACHMENT_TOO_LARGE."""
    if size > limits[kind]:
        raise Refusal(Code.ATTACHMENT_TOO_LARGE, attachment=kind, most=limits[kind] // _MIB)


def damaged(media_type: str) -> Refusal:
    """The refusal of a file that begins like one of `media_type` and does not go on like one."""
    return Refusal(Code.ATTACHMENT_DAMAGED, type=FORMATS[media_type].extension)


def unknown(digests: Sequence[Digest]) -> Refusal:
    """The refusal of a release that names files its incident does not have; the beginnings of digests tell them."""
    return Refusal(Code.ATTACHMENT_UNKNOWN, attachments=[digest[:12] for digest in digests])
