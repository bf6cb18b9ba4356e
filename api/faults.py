"""What is wrong with a field, said in both languages from the kind of the error alone: no input is repeated."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from api.problems import Fault

_FIELD = re.compile(r"^[A-Za-z_][A-Za-z0-9_-]{0,40}$")

_MESSAGES: dict[str, tuple[str, str]] = {
    "missing": ("必填", "is required"),
    "extra_forbidden": ("没有这个字段", "is not a known field"),
    "string_type": ("须为字符串", "must be a string"),
    "string_too_short": ("过短", "is too short"),
    "string_too_long": ("最多 {max_length} 个字符", "has more than {max_length} characters"),
    "string_pattern_mismatch": ("格式不正确", "has the wrong form"),
    "enum": ("取值须为：{expected}", "must be one of: {expected}"),
    "literal_error": ("取值须为：{expected}", "must be one of: {expected}"),
    "datetime_type": ("须为 RFC 3339 时刻", "must be an RFC 3339 instant"),
    "datetime_parsing": ("须为 RFC 3339 时刻", "must be an RFC 3339 instant"),
    "datetime_from_date_parsing": ("须为 RFC 3339 时刻", "must be an RFC 3339 instant"),
    "timezone_aware": ("时刻须带时区", "needs a time zone"),
    "bool_type": ("须为 true 或 false", "must be true or false"),
    "bool_parsing": ("须为 true 或 false", "must be true or false"),
    "int_type": ("须为整数", "must be a whole number"),
    "int_parsing": ("须为整数", "must be a whole number"),
    "float_type": ("须为数字", "must be a number"),
    "tuple_type": ("须为数组", "must be an array"),
    "dict_type": ("须为对象", "must be an object"),
    "too_long": ("最多 {max_length} 项", "has more than {max_length} items"),
    "too_short": ("至少 {min_length} 项", "has fewer than {min_length} items"),
    "greater_than_equal": ("不得小于 {ge}", "must be at least {ge}"),
    "less_than_equal": ("不得大于 {le}", "must be at most {le}"),
}
_OTHERWISE = ("不符合要求", "is not acceptable")

UNSTORABLE = (
    "含有不能存储的字符（NUL 或不成对的代理项）",
    "holds a character that cannot be stored (NUL or a lone surrogate)",
)
CURSOR = ("不是本接口给出的游标", "is not a cursor this list has given")
NEEDED = ("须指明", "must be named for this document")
UNREADABLE_INSTANT = ("请按“年-月-日 时:分”填写时间", "is not a date and a time of day")
UNCHANGEABLE = ("稿件建立后不能改变", "cannot change once the release exists")


def faults_of(errors: Iterable[Mapping[str, Any]], skip: int = 0) -> list[Fault]:
    """Faults from pydantic's errors; the first `skip` parts of each location are left out."""
    return [_fault(error, skip) for error in errors]


def _fault(error: Mapping[str, Any], skip: int) -> Fault:
    zh, en = _MESSAGES.get(error["type"], _OTHERWISE)
    context = {key: str(value) for key, value in error.get("ctx", {}).items()}
    return Fault(field_path(error["loc"][skip:]), (zh.format_map(context), en.format_map(context)))


def field_path(location: Iterable[object]) -> str:
    """`links.3`. A name that no field of ours could have is not repeated: it came from outside."""
    parts = [str(part) for part in location]
    return ".".join(part if part.isdecimal() or _FIELD.match(part) else "?" for part in parts) or "body"
