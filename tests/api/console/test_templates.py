"""What the templates themselves say."""

import re
from importlib import resources

TAGS = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+")


def test_every_word_and_mark_of_a_template_can_be_translated() -> None:
    folder = resources.files("api.console").joinpath("templates")
    found = {template.name: CHINESE.findall(TAGS.sub("", template.read_text("utf-8"))) for template in folder.iterdir()}
    assert {name: words for name, words in found.items() if words} == {}
