"""The policy files and how one is read. A policy may extend another and change single keys."""

import tomllib
from functools import cache
from importlib import resources
from pathlib import Path

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
    return _resolve(name, _FOLDER.joinpath(f"{name}.toml").read_bytes(), extended_by)


def _resolve(name: str, content: bytes, extended_by: tuple[str, ...] = ()) -> dict[str, object]:
    """The table of a file, with the policies it extends beneath it."""
    try:
        table = tomllib.loads(content.decode())
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
    return _validated(name, _read(name))


def load_for_county(name: str) -> Policy:
    """The policy `name`, which a county's incidents can follow. Raises PolicyError, also for one of drills."""
    policy = load(name)
    if policy.compressed:
        raise PolicyError(f"policy {name!r} is for drills: an hour of it lasts {policy.hour_seconds:g} s")
    return policy


def load_file(path: Path) -> Policy:
    """The validated policy of a file that is not installed yet; it may extend one that is. Raises PolicyError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PolicyError(f"{path}: {error.strerror}") from None
    return _validated(path.stem, _resolve(path.stem, content))


def _validated(name: str, table: dict[str, object]) -> Policy:
    try:
        policy = Policy.model_validate(table)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'as a whole'}: {e['msg']}" for e in error.errors())
        raise PolicyError(f"policy {name!r} is not valid: {faults}") from None
    if policy.id != name:
        raise PolicyError(f"policy file {name!r} calls itself {policy.id!r}")
    return policy
