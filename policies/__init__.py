"""The policy files and how one is read. A policy may extend another and change single keys."""

import tomllib
from functools import cache
from importlib import resources

from pydantic import ValidationError

from domain.policy import Policy


class PolicyError(ValueError):
    """A policy file that does not exist or does not make sense; the message says which and why."""


def names() -> tuple[str, ...]:
    """Ids of the policies this installation has, sorted."""
    return tuple(
        sorted(file.name[:-5] for file in resources.files(__name__).iterdir() if file.name.endswith(".toml"))
    )


def _read(name: str) -> dict[str, object]:
    try:
        text = resources.files(__name__).joinpath(f"{name}.toml").read_text("utf-8")
        table = tomllib.loads(text)
    except FileNotFoundError:
        raise PolicyError(f"there is no policy {name!r}; there are {', '.join(names())}") from None
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"policy {name!r} is not TOML: {error}") from None
    base = table.pop("extends", None)
    return (_read(str(base)) if base else {}) | table


@cache
def load(name: str) -> Policy:
    """The validated policy `name`. Raises PolicyError."""
    if name not in names():
        raise PolicyError(f"there is no policy {name!r}; there are {', '.join(names())}")
    try:
        policy = Policy.model_validate(_read(name))
    except ValidationError as error:
        raise PolicyError(f"policy {name!r} is not valid: {error}") from None
    if policy.id != name:
        raise PolicyError(f"policy file {name!r} calls itself {policy.id!r}")
    return policy
