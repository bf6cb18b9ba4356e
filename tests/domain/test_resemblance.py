"""Titles that say much the same."""

import pytest

from domain.resemblance import ALIKE, resemblance, resembling

SAME = [
    ("栖霞镇自来水异味", "栖霞镇居民反映自来水有异味"),
    ("白石镇集镇停水", "白石镇停水两千户受影响"),
    ("县一中食堂疑似食物中毒", "一中食堂学生食物中毒"),
    ("青溪河出现死鱼", "网传青溪河大量死鱼"),
    ("云岭乡山体滑坡堵塞道路", "云岭乡滑坡致道路中断"),
    ("城东小区电梯坠落", "城东小区电梯突然下坠"),
    ("网传水厂投毒", "水厂被人投毒传言"),
    ("松林镇养老院火灾", "松林镇一养老院起火"),
    ("县医院收费争议视频", "县医院乱收费视频热传"),
    ("东风路路面塌陷", "东风路塌陷一车陷入"),
]
OTHERS = [
    ("栖霞镇自来水异味", "县医院停车难"),
    ("白石镇集镇停水", "云岭乡低保发放争议"),
    ("县一中食堂疑似食物中毒", "青溪河大桥限行"),
    ("城东小区电梯坠落", "松林镇森林火灾"),
    ("东风路路面塌陷", "网传水厂投毒"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_matter_told_twice_is_noticed(one: str, other: str) -> None:
    assert resemblance(one, other) >= ALIKE
    assert resemblance(one, other) == resemblance(other, one)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_matters_that_have_nothing_in_common_are_far_below(one: str, other: str) -> None:
    assert resemblance(one, other) < ALIKE / 2


def test_width_case_and_punctuation_say_nothing() -> None:
    assert resemblance("ＡＰＰ瘫痪！", "app 瘫痪") == 1
    assert resemblance("", "停水") == resemblance("！？", "！？") == 0


def test_the_most_alike_comes_first_and_the_rest_is_left_out() -> None:
    titles = {1: "白石镇停水", 2: "白石镇集镇停水", 3: "县医院停车难"}
    assert resembling("白石镇集镇停水", titles) == [2, 1]
