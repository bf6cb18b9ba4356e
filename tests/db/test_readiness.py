"""What an error says about the database."""

import errno

import pytest

from db.directory import NoCounty
from db.readiness import mended_by_a_person


@pytest.mark.parametrize(
    "error",
    [ConnectionRefusedError(errno.ECONNREFUSED, "refused"), OSError("Multiple exceptions: …"), NoCounty("no county")],
    ids=repr,
)
def test_a_database_that_cannot_be_used_is_for_a_person_to_mend(error: Exception) -> None:
    assert mended_by_a_person(error)


@pytest.mark.parametrize(
    "error",
    [FileNotFoundError(errno.ENOENT, "no file", "x.zip"), OSError(errno.ENOSPC, "no space left"), ValueError("else")],
    ids=repr,
)
def test_what_is_wrong_with_files_or_the_program_is_not_put_down_to_the_database(error: Exception) -> None:
    assert mended_by_a_person(error) is None
