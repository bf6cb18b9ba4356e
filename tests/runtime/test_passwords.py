"""Passwords as they are hashed."""

import re

from runtime.passwords import Passwords, one_time_password


async def test_a_password_is_hashed_at_the_cost_that_nobodys_is_compared_at() -> None:
    passwords = Passwords()
    hashed = await passwords.hash("correct horse battery")
    assert hashed.startswith("$argon2id$v=19$m=65536,")
    assert hashed.rsplit("$", 2)[0] == passwords._nobodys.rsplit("$", 2)[0]
    assert await passwords.verify("correct horse battery", hashed)
    assert not await passwords.verify("correct horse batterz", hashed)
    assert not await passwords.verify("correct horse battery", None)


async def test_a_password_is_the_same_however_a_keyboard_composes_it() -> None:
    passwords = Passwords()
    hashed = await passwords.hash("caf\u00e9 und ein Kuchen")
    assert await passwords.verify("cafe\u0301 und ein Kuchen", hashed)


def test_a_one_time_password_can_be_read_out() -> None:
    given = {one_time_password() for _ in range(50)}
    assert len(given) == 50
    assert all(re.fullmatch(r"([a-z2-9]{4}-){3}[a-z2-9]{4}", one) for one in given)
