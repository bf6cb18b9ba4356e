"""The API over a database, as the tests of the API have it."""

from tests.api.conftest import desk, office, scene  # noqa: F401  # Fixtures are asked for by their names.
