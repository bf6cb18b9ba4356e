"""What may stand beside a release's words (Art. 8), and what is said to whoever uploads something else."""

import pytest

from domain.attachments import FORMATS, MOST, Attachment, check_size, check_type, unknown
from domain.labels import refusal_names
from domain.refusals import Code, Language, Refusal
from domain.vocabulary import AttachmentKind, Digest

LIMITS = dict.fromkeys(AttachmentKind, 3 * 2**20)


@pytest.mark.parametrize("media_type", list(FORMATS))
def test_what_is_taken_has_a_kind_and_a_name_that_tells_nothing(media_type: str) -> None:
    attachment = Attachment(digest=Digest("ab" * 32), media_type=media_type, bytes=1)
    assert check_type(media_type) is attachment.kind
    assert attachment.file_name == f"abababababab.{FORMATS[media_type].extension}"


@pytest.mark.parametrize(
    "media_type", [None, "image/svg+xml", "text/html", "application/pdf", "text/csv", "image/heic"]
)
def test_what_can_run_or_cannot_be_known_is_not_taken(media_type: str | None) -> None:
    with pytest.raises(Refusal) as refused:
        check_type(media_type)
    assert refused.value.record.code is Code.ATTACHMENT_TYPE
    assert "jpg、png、gif、webp、xlsx、mp3、m4a、wav、mp4" in refused.value.record.sentence(Language.ZH)


def test_only_a_table_is_never_opened_in_place() -> None:
    opened = {
        kind: Attachment(digest=Digest("0" * 64), media_type=media_type, bytes=1).plays_in_place
        for media_type, (kind, _) in FORMATS.items()
    }
    assert [kind for kind, in_place in opened.items() if not in_place] == [AttachmentKind.TABLE]


def test_a_limit_may_be_reached_and_not_passed() -> None:
    check_size(AttachmentKind.IMAGE, 3 * 2**20, LIMITS)
    with pytest.raises(Refusal) as refused:
        check_size(AttachmentKind.IMAGE, 3 * 2**20 + 1, LIMITS)
    record = refused.value.record
    assert record.sentence(Language.ZH, refusal_names(record, Language.ZH, {})) == "图片附件不得超过 3 MiB"


def test_files_that_are_not_there_are_told_by_the_beginning_of_their_digests() -> None:
    digests = [Digest(f"{number:064x}"[::-1]) for number in range(MOST)]
    record = unknown(digests).record
    assert record.params["attachments"].split(",") == [digest[:12] for digest in digests]
