"""规则 on pages, and a simulator that says what the process would do."""

import pytest

import policies
from tests.api.console.conftest import SignIn

SIMULATOR = "/console/policies/xiangyun-2019-54/simulator"


async def test_every_policy_is_readable_with_its_articles(sign_in: SignIn) -> None:
    desk = await sign_in("baishi.editor")
    listed = (await desk.get("/console/policies")).text
    for name in policies.names():
        assert f"/console/policies/{name}" in listed
        shown = await desk.get(f"/console/policies/{name}")
        assert shown.status_code == 200
        assert policies.load(name).source in shown.text
    ours = (await desk.get("/console/policies/xiangyun-2019-54")).text
    for words in ("第10条", "第14条", "发现后 36 小时", "硬性时限", "单位审签 + 保密审查 → 县级审定", "领导小组"):
        assert words in ours
    assert (await desk.get("/console/policies/none")).status_code == 404


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (
            "level=general&category=livelihood&townships=baishi&detected_at=2026-11-03T15:00",
            ["白石镇", "第1条", "11月5日 03:00", "36 个自然小时"],
        ),
        (
            "level=major&category=emergency&townships=baishi&departments=water&detected_at=2026-11-03T15:00",
            ["第14条", "11月3日 19:00", "11月4日 15:00", "首次发布后起算"],
        ),
        # Ahead of now as well: what would follow if it were found tomorrow.
        (
            "level=general&category=livelihood&townships=baishi&detected_at=2026-11-09T15:00",
            ["11月11日 03:00"],
        ),
    ],
)
async def test_the_simulator_shows_who_leads_and_what_is_owed_and_why(
    sign_in: SignIn, query: str, words: list[str]
) -> None:
    shown = (await (await sign_in("baishi.editor")).get(f"{SIMULATOR}?{query}")).text
    for said in words:
        assert said in shown


async def test_what_makes_no_sense_comes_back_with_its_fault(sign_in: SignIn) -> None:
    desk = await sign_in("baishi.editor")
    assert (await desk.get(SIMULATOR)).status_code == 200
    for query, field in (
        ("level=&detected_at=2026-11-03T15:00", "level"),
        ("level=general&detected_at=soon", "detected_at"),
    ):
        wrong = await desk.get(f"{SIMULATOR}?category=livelihood&{query}")
        assert wrong.status_code == 422
        assert f'href="#{field}"' in wrong.text
    refused = await desk.get(f"{SIMULATOR}?level=general&category=other&townships=water&detected_at=2026-11-03T15:00")
    assert refused.status_code == 422
    assert 'id="refusal"' in refused.text
