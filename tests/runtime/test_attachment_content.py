"""An upload is what its content shows, and is rid of all that neither draws nor sounds."""

import hashlib
import tempfile
import zipfile
from io import BytesIO

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.attachments import FORMATS, WORKBOOK, Attachment
from domain.refusals import Code, Refusal
from runtime.attachments.content import HEAD, cleanse, sniff
from tests import uploads
from tests.uploads import TRACE, segment

REAL: dict[str, bytes] = {
    "image/jpeg": uploads.jpeg(segment(0xE1, uploads.exif()), segment(0xFE, TRACE), segment(0xED, TRACE)),
    "image/png": uploads.png(uploads.chunk(b"tEXt", TRACE), uploads.chunk(b"eXIf", TRACE)),
    "image/gif": uploads.gif(b"!\xfe" + bytes((len(TRACE),)) + TRACE + b"\0"),
    "image/webp": uploads.webp(),
    WORKBOOK: uploads.workbook(docProps__thumbnail_jpeg=TRACE),
    "audio/mpeg": uploads.mp3(),
    "audio/mp4": uploads.mp4(b"M4A "),
    "audio/wav": uploads.wav(),
    "video/mp4": uploads.mp4(),
}


def kept_of(raw: bytes, media_type: str) -> tuple[Attachment, bytes]:
    with tempfile.TemporaryFile() as uploaded, tempfile.TemporaryFile() as into:
        uploaded.write(raw)
        attachment = cleanse(uploaded, media_type, into)
        return attachment, into.read()


def refusal_of(raw: bytes, media_type: str) -> Code:
    with pytest.raises(Refusal) as refused:
        kept_of(raw, media_type)
    return refused.value.record.code


def parts_of(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(raw)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_there_is_a_real_file_of_every_type_that_is_taken() -> None:
    assert set(REAL) == set(FORMATS)


@pytest.mark.parametrize("media_type", list(REAL))
def test_a_file_is_known_by_its_first_bytes(media_type: str) -> None:
    assert sniff(REAL[media_type][:HEAD]) == media_type


@pytest.mark.parametrize("media_type", list(REAL))
def test_traces_of_people_and_devices_are_gone_and_the_rest_can_be_uploaded_again(media_type: str) -> None:
    raw = REAL[media_type]
    attachment, kept = kept_of(raw, media_type)
    inside = b"".join(parts_of(raw).values()) if media_type == WORKBOOK else raw
    assert TRACE in inside
    left = b"".join(parts_of(kept).values()) if media_type == WORKBOOK else kept
    assert TRACE not in left
    assert attachment.digest == hashlib.sha256(kept).hexdigest()
    assert attachment.bytes == len(kept)
    assert kept_of(kept, media_type) == (attachment, kept)


@pytest.mark.parametrize("media_type", [name for name in REAL if name.startswith("image/")])
def test_nothing_hides_behind_the_end_of_a_picture(media_type: str) -> None:
    packed = uploads.archive(index_html=uploads.HTML)
    assert kept_of(REAL[media_type] + packed, media_type)[1] == kept_of(REAL[media_type], media_type)[1]


def test_a_photograph_keeps_which_way_is_up_and_its_colours_and_nothing_else_of_the_camera() -> None:
    colours = b"ICC_PROFILE\0\1\1colours"
    turned = uploads.jpeg(segment(0xE1, uploads.exif(6)), segment(0xE2, colours), segment(0xE2, b"MPF\0" + TRACE))
    kept = kept_of(turned, "image/jpeg")[1]
    assert b"Exif\0\0MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\6\0\0" in kept
    assert segment(0xE2, colours) in kept
    assert len(kept) == len(uploads.jpeg(segment(0xE2, colours))) + 36
    assert TRACE not in kept


def test_the_small_picture_inside_a_photograph_goes_because_it_may_show_what_was_cut_away() -> None:
    preview = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\1\1" + b"abc")
    kept = kept_of(b"\xff\xd8" + preview + uploads.jpeg()[20:], "image/jpeg")[1]
    assert b"abc" not in kept
    assert kept[2:20] == uploads.jpeg()[2:20]


def test_samples_of_a_film_stay_where_its_index_says() -> None:
    raw = REAL["video/mp4"]
    kept = kept_of(raw, "video/mp4")[1]
    assert len(kept) == len(raw)
    assert kept.index(b"samples") == raw.index(b"samples")


def test_a_workbook_opens_with_its_data_and_without_its_author() -> None:
    book = openpyxl.load_workbook(BytesIO(kept_of(REAL[WORKBOOK], WORKBOOK)[1]))
    assert book["供水"]["A1"].value == "栖霞镇"
    assert book.properties.creator in (None, "openpyxl")


def test_the_folder_a_workbook_was_saved_in_is_nobodys_business() -> None:
    parts = parts_of(REAL[WORKBOOK])
    noted = parts["xl/workbook.xml"].replace(b"<sheets>", b'<x15ac:absPath url="D:\\invented"/><sheets>')
    kept = parts_of(kept_of(uploads.workbook(**{"xl__workbook.xml": noted}), WORKBOOK)[1])
    assert b'<x15ac:absPath url=""/>' in kept["xl/workbook.xml"]


@pytest.mark.parametrize(
    "part",
    [
        "xl__vbaProject.bin",
        "xl__activeX__activeX1.xml",
        "xl__embeddings__oleObject1.bin",
        "xl__externalLinks__externalLink1.xml",
        "xl__comments1.xml",
        "xl__persons__person.xml",
    ],
)
def test_a_workbook_that_holds_more_than_data_is_refused(part: str) -> None:
    assert refusal_of(uploads.workbook(**{part: b"<x/>"}), WORKBOOK) is Code.ATTACHMENT_ACTIVE


@pytest.mark.parametrize("state", [b"hidden", b"veryHidden"])
def test_a_sheet_that_nobody_sees_is_not_published_unseen(state: bytes) -> None:
    shown = parts_of(REAL[WORKBOOK])["xl/workbook.xml"]
    hidden = shown.replace(b"<sheet ", b'<sheet state="' + state + b'" ')
    assert hidden != shown
    assert refusal_of(uploads.workbook(**{"xl__workbook.xml": hidden}), WORKBOOK) is Code.ATTACHMENT_ACTIVE


def test_a_macro_workbook_that_hides_its_macros_is_refused_by_its_own_word() -> None:
    types = b'<Types><Override ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>'
    assert refusal_of(uploads.workbook(**{"[Content_Types].xml": types}), WORKBOOK) is Code.ATTACHMENT_ACTIVE


def test_another_archive_is_no_workbook() -> None:
    assert refusal_of(uploads.archive(index_html=uploads.HTML), WORKBOOK) is Code.ATTACHMENT_TYPE


def test_a_workbook_that_swells_beyond_measure_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.attachments.workbook._UNPACKED", 1024 * 1024)
    swollen = uploads.workbook(xl__sharedStrings_xml=bytes(2**20))
    assert refusal_of(swollen, WORKBOOK) is Code.ATTACHMENT_DAMAGED


@pytest.mark.parametrize(
    "content",
    [uploads.HTML, uploads.SVG, b"", b"\xef\xbb\xbf" + uploads.SVG, b"%PDF-1.7\n", b"a,b\n1,2\n", b"MZ\x90\0"],
)
def test_what_can_run_or_cannot_be_known_is_none_of_the_types(content: bytes) -> None:
    assert sniff(content) not in FORMATS


@pytest.mark.parametrize("media_type", list(REAL))
def test_a_file_cut_short_is_damaged(media_type: str) -> None:
    raw = REAL[media_type]
    # A piece of an MP3 is an MP3, unless not one frame is left of it.
    end = raw.index(b"\xff\xfb") if media_type == "audio/mpeg" else -3
    assert refusal_of(raw[:end], media_type) is Code.ATTACHMENT_DAMAGED


@pytest.mark.parametrize(
    "content", [b"GIF", b"GIF89b" + uploads.gif()[6:], b"\x89PNG" + uploads.HTML, b"ID3" + uploads.HTML]
)
def test_what_only_begins_like_a_file_is_damaged(content: bytes) -> None:
    media_type = sniff(content)
    assert media_type in FORMATS
    assert refusal_of(content, media_type) is Code.ATTACHMENT_DAMAGED


def test_a_picture_whose_checksum_is_wrong_is_damaged() -> None:
    raw = bytearray(uploads.png())
    raw[20] ^= 1
    assert refusal_of(bytes(raw), "image/png") is Code.ATTACHMENT_DAMAGED


@pytest.mark.parametrize("media_type", list(REAL))
def test_whatever_is_wrong_inside_a_file_it_is_kept_or_refused(media_type: str) -> None:
    @given(st.data())
    def try_one(data: st.DataObject) -> None:
        raw = bytearray(REAL[media_type])
        for _ in range(data.draw(st.integers(1, 4))):
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
        try:
            attachment, kept = kept_of(bytes(raw), media_type)
        except Refusal:
            return
        assert (attachment.bytes, attachment.digest) == (len(kept), hashlib.sha256(kept).hexdigest())

    try_one()


def test_the_same_upload_always_has_the_same_digest() -> None:
    digests = {kept_of(uploads.workbook(), WORKBOOK)[0].digest for _ in range(2)}
    assert len(digests) == 1
