"""The policy files and how one is read. A policy may extend another and change single keys."""

import tomllib
from functools import cache
from importlib import resources

from pydantic import ValidationError

from domain.policy import Policy

_FOLDER = resources.files(__name__)


class PolicyError(ValueError):
    """A policy file that does not exist or does not make sense; the message says which and why."""


def names() -> tuple[str, ...]:
    """Ids of the policies this installation has, sorted."""
    return tuple(sorted(file.name[:-5] for file in _FOLDER.iterdir() if file.name.endswith(".toml")))


def _read(name: str, extended_by: tuple[str, ...] = ()) -> dict[str, object]:
    if name in extended_by:
        raise PolicyError(f"policies extend each other in a circle: {' → '.join((*extended_by, name))}")
    if name not in names():
        raise PolicyError(f"there is no policy {name!r}; there are {', '.join(names())}")
    try:
        table = tomllib.loads(_FOLDER.joinpath(f"{name}.toml").read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(f"policy {name!r} is not TOML: {error}") from None
    base = table.pop("extends", None)
    return table if base is None else _changed(_read(str(base), (*extended_by, name)), table)


def _changed(base: dict[str, object], changes: dict[str, object]) -> dict[str, object]:
    """`base` with single keys changed, also within a table; a list is replaced whole."""
    merged = dict(base)
    for key, value in changes.items():
        before = merged.get(key)
        merged[key] = _changed(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return merged


@cache
def load(name: str) -> Policy:
    """The validated policy `name`. Raises PolicyError."""
    try:
        policy = Policy.model_validate(_read(name))
    except ValidationError as error:
        raise PolicyError(f"policy {name!r} is not valid: {error}") from None
    if policy.id != name:
        raise PolicyError(f"policy file {name!r} calls itself {policy.id!r}")
    return policy
