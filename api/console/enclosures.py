"""Files that come with a form: kept beside the words they came with, each by itself."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from starlette.datastructures import FormData, UploadFile

from api.auth import Caller
from api.errands import refused
from api.parts import Parts
from api.problems import Problem, Saying, Trouble, said
from api.uploads import check_may_upload, keep, printable, receiving_file
from domain.incident import Incident
from domain.refusals import Language, Refusal
from domain.vocabulary import Digest
from runtime.attachments.store import StoreAway

FIELD = "files"


class Kept(NamedTuple):
    """A file that came through, or why it did not: `name` is what its sender calls it."""

    name: str
    digest: Digest | None
    why_not: Saying | None = None


def files_of(posted: FormData) -> list[UploadFile]:
    """The files somebody chose; a field left empty sends one without a name."""
    return [file for file in posted.getlist(FIELD) if isinstance(file, UploadFile) and file.filename]


async def keep_all(
    parts: Parts, caller: Caller, incident: Incident, key: str, files: Sequence[UploadFile], language: Language
) -> list[Kept]:
    """One after the other; one that cannot be kept takes none of the others along. Sent again, none is kept twice."""
    return [await _keep(parts, caller, incident, key, file, language) for file in files]


async def _keep(
    parts: Parts, caller: Caller, incident: Incident, key: str, file: UploadFile, language: Language
) -> Kept:
    name = printable(file.filename or "")
    try:
        check_may_upload(caller, incident)
        async with receiving_file(file, parts.settings.attachment_limits) as received:
            # A form has one key and may have many files.
            own = hashlib.sha256(f"{key}\n{received.uploaded}".encode()).hexdigest()
            await keep(parts, caller, incident, own, received, name)
            return Kept(name, received.attachment.digest)
    except Refusal as refusal:
        return Kept(name, None, said(language, await refused(parts, refusal.record)))
    except StoreAway:
        return Kept(name, None, said(language, Problem(Trouble.STORE_AWAY)))
