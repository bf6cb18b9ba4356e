"""The county: its ranks, its rosters, and counties that could not work."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.county import County, Post
from domain.vocabulary import Rank, Role, UnitId
from tests.domain.world import county


def changed(**fields: object) -> dict[str, Any]:
    return county().model_dump(mode="json") | fields


@pytest.mark.parametrize(
    ("title", "rank"),
    [
        ("主任", "head"),
        ("主要负责人", "head"),
        ("组长(常务副县长)", "head"),
        ("部长", "head"),
        ("副主任", "deputy"),
        ("副部长", "deputy"),
        ("常务副组长", "deputy"),
        ("分管负责人", "deputy"),
    ],
)
def test_a_leading_posts_rank_is_read_from_its_title(title: str, rank: str) -> None:
    post = {"unit": "office", "title": title, "roles": ["unit_head"]}
    assert Post.model_validate(post).rank == rank
    assert Post.model_validate(post | {"rank": "head"}).rank is Rank.HEAD, "unless the file says it"


def test_other_posts_are_members_whatever_they_are_called() -> None:
    assert Post.model_validate({"unit": "office", "title": "副值班长", "roles": ["editor"]}).rank is Rank.MEMBER


def test_heads_come_before_deputies() -> None:
    assert county().with_role(Role.UNIT_HEAD, UnitId("qixia")) == ("qixia.head", "qixia.deputy")
    assert county().with_role(Role.LEADING_GROUP) == ("leading.head", "office.head")
    assert county().with_role(Role.COUNTY_OFFICE) == ("office.head", "office.deputy", "office.duty", "office.duty2")


def test_a_roster_holds_the_units_asked_for_and_the_central_ones() -> None:
    roster = county().roster([UnitId("qixia")])
    assert set(roster.kinds) == {"qixia", "office", "publicity", "press"}
    assert roster.reviewers[UnitId("publicity")] == ("publicity.reviewer",)
    assert roster.leading_group == ("leading.head", "office.head")
    assert set(county().roster().kinds) == {unit.id for unit in county().units}


def test_the_sample_county_can_sign_everywhere() -> None:
    roster = county().roster()
    lacking = [unit for unit, heads in roster.heads.items() if len(heads) < 2 or not roster.reviewers[unit]]
    assert lacking == ["leading"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"units": [{"id": "a1", "name": "甲", "kind": "department"}] * 2}, "unit ids occur twice: ['a1']"),
        ({"units": []}, "exactly one unit of kind county_office"),
        ({"officers": [{"id": "a.b", "name": "甲", "posts": []}] * 2}, "officer ids occur twice: ['a.b']"),
        (
            {
                "officers": [
                    {"id": "a.b", "name": "甲", "posts": [{"unit": "nowhere", "title": "员", "roles": ["editor"]}]}
                ]
            },
            "posts name unknown units: ['nowhere']",
        ),
    ],
)
def test_a_county_that_could_not_work_says_why(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as raised:
        County.model_validate(changed(**change))
    assert said in str(raised.value)
