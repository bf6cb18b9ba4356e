import pytest

from api.language import preferred
from domain.refusals import Language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, Language.ZH),
        ("", Language.ZH),
        ("en", Language.EN),
        ("EN-gb", Language.EN),
        ("en-US,en;q=0.9,zh-CN;q=0.8", Language.EN),
        ("zh-CN,zh;q=0.9,en;q=0.8", Language.ZH),
        ("zh;q=0.5, en;q=0.5", Language.ZH),
        ("fr, en;q=0", Language.ZH),
        ("fr", Language.ZH),
        ("en;q=nonsense", Language.ZH),
        ("en;q=nan", Language.ZH),
        (";;;,,=", Language.ZH),
    ],
)
def test_chinese_answers_unless_english_is_wanted_more(header: str | None, language: Language) -> None:
    assert preferred(header) is language
