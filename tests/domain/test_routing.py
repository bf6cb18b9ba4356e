"""Who answers, who organises, who helps (Art. 1–3, 5, 6, 14)."""

import json
from pathlib import Path
from typing import Any

import pytest

from domain import commands as c
from domain.routing import Central, Route, route
from domain.vocabulary import Level, UnitId
from tests.domain.world import Play

SCENARIOS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "scenarios" / "incidents.json").read_text("utf-8")
)
CENTRAL = Central(office=UnitId("office"), publicity=UnitId("publicity"), press=UnitId("press"))


def routed(level: str, townships: str = "", departments: str = "", superior: str = "", lead: str = "") -> Route:
    return route(
        Level(level),
        [UnitId(unit) for unit in townships.split()],
        [UnitId(unit) for unit in departments.split()],
        UnitId(superior) if superior else None,
        CENTRAL,
        UnitId(lead) if lead else None,
    )


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: str(scenario["id"]))
def test_every_scenario_comes_out_as_the_county_expects(scenario: dict[str, Any]) -> None:
    submit = c.Submit.model_validate(scenario["submit"])
    play = Play(now=submit.detected_at)
    play.do("office.duty", submit)
    expected, incident = scenario["expected"], play.incident
    assert incident.route.lead == expected["lead"]
    assert list(incident.route.coordinators) == expected["coordinators"]
    assert list(incident.route.cooperators) == expected["cooperators"]
    assert incident.route.article == expected["article"]
    timed = [{"kind": o.kind, "hard": o.hard, "due_at": o.due_at} for o in incident.obligations if o.due_at]
    wanted = [
        {**duty, "due_at": c.Submit.model_validate(scenario["submit"] | {"detected_at": duty["due_at"]}).detected_at}
        for duty in expected["obligations"]
    ]
    assert timed == wanted


@pytest.mark.parametrize(
    ("facts", "reason", "article", "lead", "coordinators", "cooperators"),
    [
        pytest.param(("general",), "nobody_named", "5", "office", "office", "", id="nobody named"),
        pytest.param(("ungraded", "qixia"), "one_township", "1", "qixia", "qixia", "", id="one township"),
        pytest.param(
            ("significant", "qixia", "water"), "one_township", "1", "qixia", "qixia", "water", id="its department helps"
        ),
        pytest.param(
            ("general", "qixia", "", "water"),
            "one_township",
            "1",
            "qixia",
            "qixia",
            "water",
            id="a superior is the department of a township's matter",
        ),
        pytest.param(("general", "", "water"), "one_department", "3", "water", "water", "", id="one department"),
        pytest.param(
            ("general", "", "water", "water"), "one_department", "3", "water", "water", "", id="superior named twice"
        ),
        pytest.param(("general", "", "", "water"), "one_department", "3", "water", "water", "", id="superior alone"),
        pytest.param(
            ("general", "", "market health"),
            "several_departments",
            "3",
            "market",
            "office publicity",
            "health",
            id="two departments: the first named is proposed",
        ),
        pytest.param(
            ("general", "qixia", "market", "health"),
            "several_departments",
            "3",
            "market",
            "office publicity",
            "health qixia",
            id="a superior beside one department makes two",
        ),
        pytest.param(
            ("general", "qixia", "market health education"),
            "several_departments",
            "3",
            "market",
            "office publicity",
            "education health qixia",
            id="the township cooperates with several departments",
        ),
        pytest.param(
            ("general", "qixia liuba", "water", "water"),
            "several_townships",
            "2",
            "water",
            "office publicity",
            "liuba qixia",
            id="several townships: the superior leads",
        ),
        pytest.param(
            ("general", "qixia liuba", "water land", "emergency"),
            "several_townships",
            "2",
            "emergency",
            "office publicity",
            "land liuba qixia water",
            id="a superior that is not among the departments",
        ),
        pytest.param(
            ("general", "qixia liuba", "water"),
            "several_townships",
            "2",
            "office",
            "office publicity",
            "liuba qixia water",
            id="several townships, no superior: the county office holds it",
        ),
        pytest.param(
            ("general", "qixia qixia"), "one_township", "1", "qixia", "qixia", "", id="one township named twice"
        ),
        pytest.param(
            ("major", "qixia"), "grave", "14", "qixia", "office press publicity", "", id="grave with a township alone"
        ),
        pytest.param(
            ("major", "qixia liuba"),
            "grave",
            "14",
            "office",
            "office press publicity",
            "liuba qixia",
            id="grave in several townships without a department",
        ),
        pytest.param(
            ("especially_major",), "grave", "14", "office", "office press publicity", "", id="grave, nobody named"
        ),
        pytest.param(
            ("major", "qixia", "fire health"),
            "grave",
            "14",
            "fire",
            "office press publicity",
            "health qixia",
            id="grave: the first department",
        ),
        pytest.param(
            ("major", "qixia", "fire health", "emergency"),
            "grave",
            "14",
            "emergency",
            "office press publicity",
            "fire health qixia",
            id="grave: the superior before all",
        ),
        pytest.param(
            ("general", "", "office publicity water"),
            "several_departments",
            "3",
            "office",
            "office publicity",
            "water",
            id="a coordinator that is named too does not also cooperate",
        ),
    ],
)
def test_each_rule_names_its_units_and_its_article(
    facts: tuple[str, ...], reason: str, article: str, lead: str, coordinators: str, cooperators: str
) -> None:
    found = routed(*facts)
    assert (found.reason, found.article, found.lead) == (reason, article, lead)
    assert found.coordinators == tuple(coordinators.split())
    assert found.cooperators == tuple(cooperators.split())


@pytest.mark.parametrize(
    ("facts", "coordinators", "cooperators"),
    [
        pytest.param(("general", "", "market health", "", "health"), "office publicity", "market", id="departments"),
        pytest.param(("general", "qixia", "water", "", "water"), "qixia", "", id="the township still coordinates"),
        pytest.param(("general", "", "water", "", "office"), "office", "water", id="the office takes a department's"),
        pytest.param(("general", "qixia liuba", "", "", "liuba"), "office publicity", "qixia", id="townships"),
        pytest.param(("major", "qixia", "fire", "", "qixia"), "office press publicity", "fire", id="grave"),
    ],
)
def test_a_designated_lead_replaces_the_proposed_one_and_all_others_cooperate(
    facts: tuple[str, ...], coordinators: str, cooperators: str
) -> None:
    found = routed(*facts)
    assert found.lead == facts[-1]
    assert found.coordinators == tuple(coordinators.split())
    assert found.cooperators == tuple(cooperators.split())


def test_everybody_named_stands_somewhere_and_nobody_stands_twice_but_the_lead() -> None:
    townships = ("", "qixia", "qixia liuba")
    departments = ("", "water", "water market", "office water")
    for level in Level:
        for those in townships:
            for these in departments:
                for superior in ("", "water", "emergency"):
                    found = routed(level, those, these, superior)
                    named = {*those.split(), *these.split(), *([superior] if superior else [])}
                    assert named <= found.units
                    assert not set(found.coordinators) & set(found.cooperators)
                    assert found.lead not in found.cooperators
