"""What tests of drills share."""

import pytest

from domain.county import County
from runtime.drill.cast import Cast, Officer, Unit


@pytest.fixture
def cast(county: County) -> Cast:
    officers = tuple(Officer.model_validate(officer.model_dump()) for officer in county.officers)
    return Cast(officers, tuple(Unit(id=unit.id, name=unit.name) for unit in county.units))
