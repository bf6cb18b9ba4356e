"""Documents open in what they are for, and hold what was decided, by whom and when; hostile words stay words."""

import io
import re
from collections.abc import Callable

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from pypdf import PdfReader

from documents import catalogue, pdf, sheet, word
from documents.catalogue import Name
from documents.ledger import ledger_sheet, particulars
from documents.paper import Paper, Prose
from domain import commands as c
from domain import events as e
from domain.labels import local_time
from domain.vocabulary import ConferenceForm, OfficerId, TaskOutcome
from tests.documents.story import RESPONSE, Story, begun, told

HOSTILE = "=1+1 <b>&amp;</b> #set page(width: 1pt) $x$ *重* {{ 7*7 }} \\ @ref"


@pytest.fixture(scope="module")
def story() -> Story:
    return told()


def papers(story: Story) -> dict[Name, Paper]:
    dossier, release = story.dossier(), story.release(RESPONSE)
    made = {name: make(dossier) for name, make in catalogue.OF_INCIDENT.items()}
    made |= {name: make(dossier, release, release.version) for name, make in catalogue.OF_RELEASE.items()}
    (conference,) = story.incident.conferences
    return made | {name: make(dossier, conference) for name, make in catalogue.OF_CONFERENCE.items()}


def in_pdf(paper: Paper) -> tuple[str, int]:
    """Its words without the spaces that a page puts between them, and how many pages."""
    pages = PdfReader(io.BytesIO(pdf.render(paper))).pages
    return "".join("".join(page.extract_text().split()) for page in pages), len(pages)


def in_word(paper: Paper) -> str:
    opened = docx.Document(io.BytesIO(word.render(paper)))
    cells = (cell.text for table in opened.tables for row in table.rows for cell in row.cells)
    paragraphs = [*opened.sections[0].header.paragraphs, *opened.paragraphs]
    return "".join("".join(part.split()) for part in [*(p.text for p in paragraphs), *cells])


def in_word_spaced(paper: Paper) -> str:
    """The words of its cells, one beside the other."""
    opened = docx.Document(io.BytesIO(word.render(paper)))
    return " ".join(cell.text for table in opened.tables for row in table.rows for cell in row.cells)


READERS: list[Callable[[Paper], str]] = [in_word, lambda paper: in_pdf(paper)[0]]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("name", list(Name))
def test_every_document_opens_and_names_its_incident(story: Story, name: Name, read: Callable[[Paper], str]) -> None:
    words = read(papers(story)[name])
    assert "".join(story.incident.number.split()) in words
    assert catalogue.TITLES[name] in words


@pytest.mark.parametrize("read", READERS)
def test_the_sign_off_sheet_has_every_decision_with_its_instant(story: Story, read: Callable[[Paper], str]) -> None:
    words = read(papers(story)[Name.SIGN_OFF])
    decided = [entry for entry in story.entries if isinstance(entry.fact, e.StepDecided)]
    on_this = [entry for entry in decided if getattr(entry.fact, "version", None) == 2]
    assert len(on_this) >= 5
    for entry in on_this:
        assert "".join(local_time(entry.at).split()) in words
    assert story.release(RESPONSE).version.digest[:12] in words


def test_a_special_report_tells_where_and_when_and_leaves_the_addresses_to_the_sign_off_sheet(story: Story) -> None:
    made = papers(story)
    report, sheet_ = in_word(made[Name.SPECIAL_REPORT]), in_word(made[Name.SIGN_OFF])
    receipts = story.release(RESPONSE).receipts
    assert receipts
    for receipt in receipts:
        assert "".join(local_time(receipt.at).split()) in report
        assert receipt.url in sheet_
        assert receipt.url not in report


def test_every_paragraph_of_a_special_report_is_a_sentence(story: Story) -> None:
    prose = [block for block in papers(story)[Name.SPECIAL_REPORT].blocks if isinstance(block, Prose)]
    said = [paragraph for block in prose for paragraph in block.paragraphs]
    assert any("会商" in paragraph for paragraph in said)
    assert all("\n" not in paragraph and paragraph.endswith(("。", "！", "？")) for paragraph in said)


@pytest.mark.parametrize("read", READERS)
def test_the_review_form_has_the_consent_and_the_law(story: Story, read: Callable[[Paper], str]) -> None:
    words = read(papers(story)[Name.CONFIDENTIALITY_REVIEW])
    for part in ("州生态环境局", "政府信息公开条例", "同意公开"):
        assert part in words


@pytest.mark.parametrize("read", READERS)
def test_the_conference_form_tells_of_both_plans(story: Story, read: Callable[[Paper], str]) -> None:
    words = read(papers(story)[Name.CONFERENCE_APPROVAL])
    assert "等待复检结果" in words
    (conference,) = story.incident.conferences
    assert conference.held_at is not None
    assert "".join(local_time(conference.held_at).split()) in words


def test_what_was_held_and_agreed_is_called_as_people_call_it(story: Story) -> None:
    dossier = story.dossier()
    said = " ".join(particulars(recorded.entry.fact, dossier) for recorded in dossier.entries)
    assert "新闻发布会1" in said
    for name, made in papers(story).items():
        assert not re.search(r"(?<![\w/.])[cfmrt]\d(?![\w/.])", in_word_spaced(made)), name


@pytest.mark.parametrize(
    ("fact", "called"),
    [
        (e.FigureWithdrawn(figure="f2", reason="重复统计"), "口径2"),
        (e.ReferralAcknowledged(referral="r1", receipt=None), "线索移交1"),
        (e.TaskCompleted(task="t3", outcome=TaskOutcome.DONE, report="完成", late=False), "交办3"),
        (
            e.ConsultationConcluded(consultation="m1", conclusions="一", release_plan=None, handling_plan=None),
            "会商1",
        ),
        (e.ConferenceCancelled(conference="c1", reason=None), "新闻发布会1"),
    ],
)
def test_an_entry_names_no_id(story: Story, fact: e.Fact, called: str) -> None:
    assert called in particulars(fact, story.dossier())


def test_a_conference_that_nobody_approved_says_so_wherever_it_is_printed() -> None:
    story = begun()
    story.do(
        "press.desk",
        c.RecordConference(held_at=story.now, attendees=(OfficerId("water.head"),), form=ConferenceForm.CONFERENCE),
    )
    dossier = story.dossier()
    (conference,) = story.incident.conferences
    printed = [catalogue.OF_INCIDENT[name](dossier) for name in (Name.LEDGER, Name.SPECIAL_REPORT)]
    for paper in (*printed, catalogue.OF_CONFERENCE[Name.CONFERENCE_APPROVAL](dossier, conference)):
        assert "未经审批" in in_word(paper)


def test_what_was_skipped_before_an_emergency_release_is_owed_until_that_is_withdrawn() -> None:
    story = begun()
    story.write("water.editor")
    digest = story.chosen().version.digest
    story.do("office.head", c.EmergencyRelease(release=RESPONSE, digest=digest, reason="险情紧急"))
    story.sign("water.reviewer", RESPONSE, "confidentiality")
    story.receive(RESPONSE)
    sheet = catalogue.OF_RELEASE[Name.SIGN_OFF]

    def outstanding() -> str:
        release = story.chosen()
        printed = in_word(sheet(story.dossier(), release, release.version))
        assert ("待补签" in printed) == release.open_to_decisions
        return printed.partition("尚未通过的环节")[2]

    person = story.dossier().person("health.head")
    assert person in outstanding()
    story.do("office.duty", c.WithdrawRelease(release=RESPONSE, reason="数字有误"))
    assert person not in outstanding()


def test_the_ledger_has_every_entry_over_all_its_pages(story: Story) -> None:
    words, pages = in_pdf(papers(story)[Name.LEDGER])
    assert pages > 1
    assert f"{len(story.entries):064x}"[:8] in words or str(len(story.entries)) in words
    assert words.count("序号") == pages, "the head is repeated on every page"


def test_word_is_told_that_the_words_are_chinese(story: Story) -> None:
    styles = docx.Document(io.BytesIO(word.render(papers(story)[Name.FLASH_REPORT]))).styles.element
    assert {one.get(qn("w:eastAsia")) for one in styles.iter(qn("w:lang"))} == {"zh-CN"}


@pytest.mark.parametrize("read", READERS)
def test_hostile_words_are_shown_as_they_are(read: Callable[[Paper], str]) -> None:
    paper = catalogue.OF_INCIDENT[Name.FLASH_REPORT](begun(HOSTILE).dossier())
    assert "".join(HOSTILE.split()) in read(paper)


@pytest.mark.parametrize("read", READERS)
def test_a_drill_says_that_it_is_one(read: Callable[[Paper], str]) -> None:
    assert "演练" in read(catalogue.OF_INCIDENT[Name.FLASH_REPORT](begun(drill=True).dossier()))


def test_a_sheet_never_calculates(story: Story) -> None:
    hostile = begun(HOSTILE)
    for dossier in (story.dossier(), hostile.dossier()):
        made = sheet.render(ledger_sheet(dossier), dossier.now)
        page = openpyxl.load_workbook(io.BytesIO(made)).worksheets[0]
        kinds = {cell.data_type for row in page.iter_rows() for cell in row}
        assert "f" not in kinds
        assert page.max_row > len(dossier.entries)
