"""A file beside a release as the API shows it."""

from typing import Self

from pydantic import BaseModel

from domain.attachments import Attachment
from domain.vocabulary import AttachmentKind, Digest


class AttachmentShown(BaseModel):
    """`digest` is what a release names it by: the SHA-256 of the file as it is kept, `bytes` its size."""

    digest: Digest
    media_type: str
    bytes: int
    kind: AttachmentKind

    @classmethod
    def of(cls, attachment: Attachment) -> Self:
        return cls(**attachment.model_dump(), kind=attachment.kind)
