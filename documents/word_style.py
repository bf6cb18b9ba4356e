"""How Word files look: fonts with their Chinese names, borders, the page with its header and footer."""

from typing import cast

from docx.document import Document as WordFile
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.oxml.text.parfmt import CT_PPr
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.section import Section, _Footer, _Header
from docx.shared import Length, Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import _Cell, _Row
from docx.text.paragraph import Paragraph

from documents.paper import Paper
from domain.labels import local_time

HEI, SONG, FANGSONG = "黑体", "宋体", "仿宋"
RED, GREY, BLACK = RGBColor(0xC0, 0, 0), RGBColor(0x40, 0x40, 0x40), RGBColor(0, 0, 0)

HEAD, MARK, CELL, LABEL = "公文红头", "警示标识", "表格内容", "表格标签"
"""Names of our own styles, as an office finds them in Word's list."""

_THEMES = ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme")
_AFTER_BREAKING = ("w:overflowPunct", "w:spacing", "w:ind", "w:contextualSpacing", "w:jc", "w:outlineLvl", "w:rPr")
_AFTER_BORDERS = ("w:shd", "w:tabs", "w:wordWrap", *_AFTER_BREAKING)


def set_styles(word: WordFile, paper: Paper) -> None:
    """Every font is named for Chinese as well: a theme's font would turn into whatever the machine has."""
    centred = WD_ALIGN_PARAGRAPH.CENTER
    # The template's own English sets commas and full stops in the middle of their squares, as they do overseas.
    for language in word.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")
    _style(word, "Normal", FANGSONG, 14)
    title = _style(word, "Title", HEI, 30 if paper.red_head else 20, RED if paper.red_head else BLACK, centred)
    for name, size, alignment in (("Heading 1", 16, centred), ("Heading 2", 14, None)):
        heading = _style(word, name, HEI, size, alignment=alignment)
        heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(12), Pt(6)
    for name in ("Header", "Footer"):
        # Its tab stops are those of another page's width.
        _style(word, name, SONG, 9, GREY).paragraph_format.tab_stops.clear_all()
    _style(word, HEAD, HEI, 16, RED, centred)
    mark = _style(word, MARK, HEI, 12, RED, centred)
    _add_borders(_properties(mark), ("top", "left", "bottom", "right"), eighths=8)
    for style in (_style(word, CELL, SONG, 10.5), _style(word, LABEL, HEI, 10.5, alignment=centred)):
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(2)
        # Digests and links have no place to break a line but between any two characters.
        _properties(style).insert_element_before(_element("w:wordWrap", val="0"), *_AFTER_BREAKING)
    for drawn in _properties(title).findall(qn("w:pBdr")):
        _properties(title).remove(drawn)


def _style(
    word: WordFile,
    name: str,
    family: str,
    size: float,
    colour: RGBColor = BLACK,
    alignment: WD_ALIGN_PARAGRAPH | None = None,
) -> ParagraphStyle:
    known = any(style.name == name for style in word.styles)
    found = word.styles[name] if known else word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style = cast("ParagraphStyle", found)
    style.font.size, style.font.bold, style.font.italic, style.font.color.rgb = Pt(size), False, False, colour
    style.paragraph_format.alignment = alignment
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in _THEMES:
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for script in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{script}"), "Times New Roman")
    fonts.set(qn("w:eastAsia"), family)
    return style


def set_page(section: Section, paper: Paper) -> Length:
    """Sets an A4 page with its header and footer; the width that is left to write on."""
    long, short, side = Mm(297), Mm(210), Mm(18 if paper.landscape else 22)
    section.page_width, section.page_height = (long, short) if paper.landscape else (short, long)
    section.orientation = WD_ORIENT.LANDSCAPE if paper.landscape else WD_ORIENT.PORTRAIT
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = Mm(27), Mm(24), side, side
    width = Length((long if paper.landscape else short) - 2 * side)
    header = _three_parts(section.header, width)
    header.add_run("内部资料 注意保管\t")
    header.add_run("演练" if paper.drill else "").font.color.rgb = RED
    header.add_run(f"\t{paper.number}")
    footer = _three_parts(section.footer, width)
    footer.add_run(f"打印：{paper.printed_by}　{local_time(paper.printed_at)}\t\t第 ")
    _add_counter(footer, "PAGE")
    footer.add_run(" 页 共 ")
    _add_counter(footer, "NUMPAGES")
    footer.add_run(" 页")
    return width


def _three_parts(place: _Header | _Footer, width: Length) -> Paragraph:
    """A line with tab stops in the middle and on the right."""
    line: Paragraph = place.paragraphs[0]
    line.paragraph_format.tab_stops.add_tab_stop(Length(width // 2), WD_TAB_ALIGNMENT.CENTER)
    line.paragraph_format.tab_stops.add_tab_stop(width, WD_TAB_ALIGNMENT.RIGHT)
    return line


def _add_counter(paragraph: Paragraph, code: str) -> None:
    """A number that Word counts."""
    counted = _element("w:instrText")
    counted.text = code
    for part in (_element("w:fldChar", fldCharType="begin"), counted, _element("w:fldChar", fldCharType="end")):
        paragraph.add_run()._r.append(part)


def underline(paragraph: Paragraph) -> None:
    """A red line below, as a county's reports have it."""
    _add_borders(paragraph._p.get_or_add_pPr(), ("bottom",), eighths=18)


def repeat(row: _Row) -> None:
    """The row heads its table on every page."""
    row._tr.get_or_add_trPr().append(_element("w:tblHeader"))


def keep_together(row: _Row) -> None:
    row._tr.get_or_add_trPr().append(_element("w:cantSplit"))


def shade(cell: _Cell) -> None:
    shading = _element("w:shd", val="clear", color="auto", fill="EEEEEE")
    cell._tc.get_or_add_tcPr().insert_element_before(shading, "w:noWrap", "w:tcMar", "w:vAlign")


def _properties(style: ParagraphStyle) -> CT_PPr:
    return cast("CT_PPr", style.element.get_or_add_pPr())


def _add_borders(properties: CT_PPr, sides: tuple[str, ...], eighths: int) -> None:
    """`eighths` of a point thick."""
    borders = _element("w:pBdr")
    for side in sides:
        borders.append(_element(f"w:{side}", val="single", sz=str(eighths), space="4", color=str(RED)))
    properties.insert_element_before(borders, *_AFTER_BORDERS)


def _element(tag: str, **attributes: str) -> BaseOxmlElement:
    made: BaseOxmlElement = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made
