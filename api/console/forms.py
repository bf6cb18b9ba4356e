"""Forms made from models: what each field is, what a browser sends back, and what is wrong with it.

Whatever a JSON body may say a form can say as well, and no rule is told twice: the model judges both.
"""

import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, StringConstraints
from pydantic.fields import FieldInfo
from starlette.datastructures import FormData

from api.bodies import parse, unstorable
from api.console import wording
from api.faults import UNREADABLE_INSTANT
from api.problems import Fault, Problem, Trouble
from domain import commands as c
from domain.instants import Instant
from domain.labels import SHANGHAI, label
from domain.refusals import Language
from domain.vocabulary import IncidentId, OfficerId, ReleaseId, UnitId

M = TypeVar("M", bound=BaseModel)
Many = Mapping[str, Sequence[str]]
"""Fields as a browser knows them: each with one value, several or none."""

_LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?")
_LONG = 500
"""A text that may be longer has an area to write in."""
_RADIOS = 4
"""So many choices are shown side by side; more are folded into a list."""


class Kind(StrEnum):
    """How a field is shown and read."""

    LINE = "line"
    WORDS = "words"
    INSTANT = "instant"
    DAY = "day"
    FLAG = "flag"
    NUMBER = "number"
    CHOICE = "choice"
    """One of a few words, units, officers, releases or items of an incident."""
    ADDRESS = "address"
    INSTANTS = "instants"
    """An instant for each of a few words: the fields `due_by.response`, `due_by.result`, …"""


class Option(NamedTuple):
    """One of several to choose from; those of one `group` stand together."""

    value: str
    label: str
    group: str = ""


Options = Mapping[str, Sequence[Option]]
"""What a field may be chosen from, by its name."""


class Shape(NamedTuple):
    """A field of a model. `words` is the enum it is one of; `many` means several values, a line each in words."""

    name: str
    kind: Kind
    many: bool
    required: bool
    words: type[StrEnum] | None = None
    longest: int | None = None
    empty: bool = False
    """Whether nothing is an answer as well; else the model has one of its own."""


@dataclass(frozen=True)
class Field:
    """A field as it stands on a page."""

    shape: Shape
    label: str
    hint: str = ""
    article: str = ""
    options: tuple[Option, ...] = ()
    values: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    fixed: bool = False
    """Known already, and sent along unseen."""

    @property
    def name(self) -> str:
        return self.shape.name

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def text(self) -> str:
        """All values, one a line."""
        return "\n".join(self.values)

    def at(self, word: str) -> str:
        """The instant given for one of the words."""
        return dict(zip((option.value for option in self.options), self.values, strict=False)).get(word, "")

    @property
    def side_by_side(self) -> bool:
        return len(self.options) <= _RADIOS

    @property
    def grouped(self) -> dict[str, list[Option]]:
        found: dict[str, list[Option]] = {}
        for option in self.options:
            found.setdefault(option.group, []).append(option)
        return found


@dataclass(frozen=True)
class Form:
    """Fields in order, by name. `key` makes the same submission twice one; `general` is wrong with no one field."""

    fields: dict[str, Field]
    general: tuple[str, ...] = ()
    key: str = field(default_factory=secrets.token_hex)

    def __getitem__(self, name: str) -> Field:
        return self.fields[name]

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields.values())

    @property
    def faulty(self) -> list[Field]:
        return [one for one in self if one.faults]


def shapes(model: type[BaseModel]) -> tuple[Shape, ...]:
    """The fields of a model that somebody fills in; what can only be one thing is none of them."""
    return _shapes(model)


@cache
def _shapes(model: type[BaseModel]) -> tuple[Shape, ...]:
    hints = get_type_hints(model, include_extras=True)
    infos = model.model_fields
    found = (_shape(name, hints[name], info) for name, info in infos.items())
    return tuple(
        shape._replace(empty=not shape.required and infos[shape.name].get_default() is None)
        for shape in found
        if shape is not None
    )


def _shape(name: str, hint: object, info: FieldInfo) -> Shape | None:
    inner, many = _unwrapped(hint)
    base = get_args(inner)[0] if get_origin(inner) is Annotated else inner
    if get_origin(base) is Literal:
        return None
    required = info.is_required()
    if get_origin(base) is dict:
        words = get_args(base)[0]
        return Shape(name, Kind.INSTANTS, many=False, required=required, words=words)
    if isinstance(base, type) and issubclass(base, StrEnum):
        return Shape(name, Kind.CHOICE, many, required, base)
    constraints = next((m for m in getattr(inner, "__metadata__", ()) if isinstance(m, StringConstraints)), None)
    longest = constraints.max_length if constraints else None
    return Shape(name, _kind(inner, base, longest), many, required, None, longest)


def _kind(hint: object, base: object, longest: int | None) -> Kind:
    if hint == Instant:
        return Kind.INSTANT
    if hint == c.PublicUrl:
        return Kind.ADDRESS
    if base in (UnitId, OfficerId, ReleaseId, IncidentId) or hint == c.ItemRef:
        return Kind.CHOICE
    plain = {bool: Kind.FLAG, int: Kind.NUMBER, float: Kind.NUMBER, date: Kind.DAY}
    if isinstance(base, type) and base in plain:
        return plain[base]
    return Kind.WORDS if longest is not None and longest > _LONG else Kind.LINE


def _unwrapped(hint: object) -> tuple[object, bool]:
    """What one value of the field is, without the `None` and the tuple around it; whether there may be several."""
    if get_origin(hint) in (Union, UnionType):
        return _unwrapped(next(part for part in get_args(hint) if part is not NoneType))
    if get_origin(hint) is Annotated and get_origin(get_args(hint)[0]) is tuple:
        return _unwrapped(get_args(hint)[0])
    if get_origin(hint) is tuple:
        return get_args(hint)[0], True
    return hint, False


# -- out of a browser ------------------------------------------------------------------------------------


def given(posted: FormData) -> dict[str, list[str]]:
    """All fields that are no files."""
    return {name: [v for v in posted.getlist(name) if isinstance(v, str)] for name in dict.fromkeys(posted)}


def read(model: type[M], posted: Many, unchanged: Many | None = None) -> M:
    """What was filled in, as strictly judged as a JSON body. What is empty is left out. Raises Problem INVALID with a
    fault for each wrong field.

    With `unchanged`, what the form showed at first: what still reads like that is left out, what was emptied is
    emptied.
    """
    body: dict[str, object] = {}
    for shape in shapes(model):
        value = _value(shape, posted)
        if unchanged is not None:
            before = _value(shape, unchanged)
            if value == before:
                continue
            body[shape.name] = value if value is not None else [] if shape.many else None
        elif value is not None:
            body[shape.name] = value
    faults = unstorable(body) + [Fault(path, UNREADABLE_INSTANT) for path in _unreadable(model, body)]
    if faults:
        raise Problem(Trouble.INVALID, faults)
    return parse(model, json.dumps(body).encode())


def _value(shape: Shape, posted: Many) -> object:
    """As it would stand in JSON; None for nothing."""
    if shape.kind is Kind.INSTANTS:
        prefix = f"{shape.name}."
        found = {name.removeprefix(prefix): v[0] for name, v in posted.items() if name.startswith(prefix) and any(v)}
        return {name: _from_local(at) for name, at in found.items()} or None
    values = [_tidy(shape.kind, value) for value in posted.get(shape.name, ())]
    if shape.many and shape.kind in (Kind.LINE, Kind.WORDS, Kind.ADDRESS):
        values = [line.strip() for value in values for line in value.splitlines()]
    values = [value for value in values if value.strip()]
    if not values:
        return None
    if shape.many:
        return values
    return _plain(shape.kind, values[0])


def _tidy(kind: Kind, value: str) -> str:
    return value.replace("\r\n", "\n") if kind is Kind.WORDS else value.strip()


def _plain(kind: Kind, value: str) -> object:
    match kind:
        case Kind.FLAG:
            return {"true": True, "false": False}.get(value, value)
        case Kind.INSTANT:
            return _from_local(value)
        case Kind.NUMBER:
            return (int(value) if value.isdecimal() else float(value)) if _is_number(value) else value
    return value


def _is_number(value: str) -> bool:
    return re.fullmatch(r"\d{1,9}(\.\d{1,6})?", value) is not None


def _from_local(value: str) -> str:
    """A field's `2026-11-26T14:05`, which is Beijing time, as an instant."""
    return f"{value}+08:00" if _LOCAL.fullmatch(value) else value


def _unreadable(model: type[BaseModel], body: Mapping[str, object]) -> Iterator[str]:
    """Where an instant is none: said as a clerk needs to hear it."""
    for shape in shapes(model):
        value = body.get(shape.name)
        if shape.kind is Kind.INSTANT and isinstance(value, str) and not _is_instant(value):
            yield shape.name
        if shape.kind is Kind.INSTANTS and isinstance(value, dict):
            yield from (f"{shape.name}.{name}" for name, at in value.items() if not _is_instant(at))


def _is_instant(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


# -- into a page --------------------------------------------------------------------------------------------


def local(at: datetime) -> str:
    """An instant as a `datetime-local` field takes it, which is no more exact than that."""
    shown = at.astimezone(SHANGHAI).replace(tzinfo=None)
    return shown.isoformat(timespec="milliseconds" if shown.second or shown.microsecond else "minutes")


def written(model: type[BaseModel], body: Mapping[str, Any]) -> dict[str, list[str]]:
    """How a browser would send these fields: `read` gives them back. Values are the model's or those of its JSON."""
    found: dict[str, list[str]] = {}
    for shape in shapes(model):
        value = body.get(shape.name)
        if shape.kind is Kind.INSTANTS:
            found |= {f"{shape.name}.{name}": [_text(at)] for name, at in (value or {}).items()}
        elif shape.many and shape.kind in (Kind.LINE, Kind.WORDS, Kind.ADDRESS):
            found[shape.name] = ["\n".join(map(str, value))] if value else []
        elif shape.many:
            found[shape.name] = [_text(one) for one in value or ()]
        else:
            found[shape.name] = [] if value is None else [_shown(shape.kind, value)]
    return found


def _shown(kind: Kind, value: object) -> str:
    return local(datetime.fromisoformat(value)) if kind is Kind.INSTANT and isinstance(value, str) else _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return local(value) if isinstance(value, datetime) else str(value)


def make(
    model: type[BaseModel],
    language: Language,
    values: Many | None = None,
    *,
    about: str = "",
    options: Options | None = None,
    fixed: Iterable[str] = (),
    faults: Iterable[Fault] = (),
) -> Form:
    """The form of a model. `about` is the command whose own wording goes before the common one; the fields named in
    `fixed` travel unseen. Without values a field shows the model's default.
    """
    shown = values if values is not None else _defaults(model)
    wrong = _by_field(faults, language)
    made = {
        shape.name: _field(model, shape, language, about, options or {}, shown, wrong.pop(shape.name, []))
        for shape in shapes(model)
    }
    hidden = set(fixed)
    made = {name: _as_fixed(one) if name in hidden else one for name, one in made.items()}
    general = tuple(said for said_of in wrong.values() for said in said_of)
    return Form(made, general)


def _as_fixed(one: Field) -> Field:
    return replace(one, fixed=True)


def _defaults(model: type[BaseModel]) -> dict[str, list[str]]:
    infos = model.model_fields.items()
    return written(model, {name: info.get_default() for name, info in infos if not info.is_required()})


def _field(
    model: type[BaseModel],
    shape: Shape,
    language: Language,
    about: str,
    options: Options,
    shown: Many,
    faults: Sequence[str],
) -> Field:
    words = wording.of(about or model.__name__, shape.name)
    translated = wording.translated(words, language)
    choices = tuple(options[shape.name]) if shape.name in options else _choices(shape, translated, language)
    values = _values_of(shape, shown, choices)
    return Field(shape, translated.label, translated.hint, translated.article, choices, values, tuple(faults))


def _values_of(shape: Shape, shown: Many, options: Sequence[Option]) -> tuple[str, ...]:
    if shape.kind is Kind.INSTANTS:
        return tuple((shown.get(f"{shape.name}.{option.value}") or [""])[0] for option in options)
    return tuple(shown.get(shape.name, ()))


def _choices(shape: Shape, words: wording.Wording, language: Language) -> tuple[Option, ...]:
    if shape.kind is Kind.FLAG:
        return (Option("true", words.yes), Option("false", words.no))
    return tuple(Option(word.value, label(word, language)) for word in shape.words or ())


def _by_field(faults: Iterable[Fault], language: Language) -> dict[str, list[str]]:
    """What is wrong with each field, in the reader's language; of a list's item with its place."""
    found: dict[str, list[str]] = {}
    for path, message in faults:
        name, _, place = path.partition(".")
        said = message[language is Language.EN]
        if place.isdecimal():
            number = int(place) + 1
            said = f"No. {number}: {said}" if language is Language.EN else f"第 {number} 项：{said}"
        found.setdefault(name, []).append(said)
    return found
