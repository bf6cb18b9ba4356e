"""Renders a paper as PDF, with fonts of its own."""

import json
from functools import cache
from importlib import resources

import pylopdf_fonts_zh_cn as fonts
import typst

from documents.paper import Paper
from domain.labels import local_time

_TEMPLATE = resources.files("documents").joinpath("paper.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    """The bundled fonts; whatever the machine has stands in for the rarest characters."""
    return typst.Fonts(font_paths=[str(fonts.serif_path().parent)])


def render(paper: Paper) -> bytes:
    """The file's bytes. It takes the processor for a while: call it from a thread."""
    at = local_time(paper.printed_at)
    told = paper.model_dump(mode="json") | {"date": at[:10], "printed": f"打印：{paper.printed_by}　{at}"}
    return typst.compile(
        _TEMPLATE,
        font_paths=_fonts(),
        sys_inputs={"paper": json.dumps(told, ensure_ascii=False)},
        format="pdf",
        # The format knows no fraction of a second.
        timestamp=paper.printed_at.replace(microsecond=0),
    )
