"""Secrets that are none: left as an example says, or made of so little that they can be guessed."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

FEWEST_CHARACTERS = 8
"""Different ones that a key has at least. A random one of 32 hexadecimal digits falls short once in a million."""
SHORTEST_PASSWORD = 12
_PLACEHOLDER = re.compile(
    r"change[-_ ]?(me|it|this)|example|placeholder|insecure|replace[-_ ]?me|your[-_ ]|openssl|todo|<.*>|xxxx|"
    r"0123456789|123456789|abcdefgh|password|passw0rd|secret[-_ ]?key|qwerty|huiying[-_ ]?(key|secret)",
    re.IGNORECASE,
)
_REPEATED = re.compile(r"(.{1,16}?)\1+(.{0,15})", re.DOTALL)


def weakness_of_key(key: str) -> str | None:
    """What is wrong with a key, in words that do not repeat it."""
    if _PLACEHOLDER.search(key):
        return "is a placeholder, not a secret; `openssl rand -hex 32` makes one"
    repeated = _REPEATED.fullmatch(key)
    if len(set(key)) < FEWEST_CHARACTERS or (repeated and repeated[1].startswith(repeated[2])):
        return "repeats itself; `openssl rand -hex 32` makes a secret"
    return None


def weakness_of_database(url: str) -> str | None:
    """The same of the password in a database's address. None where it has none: then something else lets us in."""
    at = urlsplit(url)
    # The driver takes both from the query as well, and believes that more.
    last = {name: values[-1] for name, values in parse_qs(at.query).items()}
    password = last.get("password", unquote(at.password or ""))
    user = last.get("user", unquote(at.username or ""))
    if not password:
        return None
    if len(password) < SHORTEST_PASSWORD or password.lower().startswith(("postgres", user.lower() or " ")):
        return f"has a password that is easily guessed; at least {SHORTEST_PASSWORD} random characters are needed"
    if weakness_of_key(password):
        return "has a password that is easily guessed or left as an example says"
    return None
