"""How somebody proved who they are, and how far that carries: a program gets no more than it was given."""

from collections.abc import Collection
from enum import StrEnum

from domain.vocabulary import CommandName


class Means(StrEnum):
    """With what a caller came."""

    PASSWORD = "password"
    """A session of the console, begun with a password."""
    PROVIDER = "provider"
    """A session of the console, begun at the identity provider."""
    PROVIDER_TOKEN = "provider_token"
    API_TOKEN = "api_token"

    @property
    def of_a_person(self) -> bool:
        """Whether somebody sits at the other end."""
        return self in (Means.PASSWORD, Means.PROVIDER)


class Scope(StrEnum):
    """What an API token is good for. The posts of its officer bound it besides."""

    READ = "read"
    WRITE = "write"
    """Every command, and every change of registers and addresses."""
    OPS = "ops"
    """Operating the installation: metrics, decoding payloads, other people's access."""


Grantable = Scope | CommandName
"""A token may also be good for single commands only."""
EVERYTHING: frozenset[Grantable] = frozenset(Scope)


def parse_scopes(names: Collection[str]) -> frozenset[Grantable]:
    """Scopes and commands by name. Raises ValueError naming what is neither."""
    known: dict[str, Grantable] = {str(one): one for one in (*CommandName, *Scope)}
    if unknown := sorted(set(names) - set(known)):
        raise ValueError(f"neither a scope ({', '.join(Scope)}) nor a command: {', '.join(unknown)}")
    if not names:
        raise ValueError("a token is good for something")
    return frozenset(known[name] for name in names)


def covers(granted: frozenset[Grantable], needed: Grantable) -> bool:
    """Whether what was granted is enough; WRITE covers every command."""
    return needed in granted or (isinstance(needed, CommandName) and Scope.WRITE in granted)
