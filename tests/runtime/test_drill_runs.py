"""A run is its key: whoever has the key can go on with it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from runtime.drill.first import begin_first, read_first
from runtime.drill.run import Run, RunError, read_speed

NOW = datetime(2026, 11, 3, 8, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize("speed", [0.05, 0.1, 0.125, 1, 1.2, 6, 12, 3600])
def test_the_key_brings_the_run_back(speed: float) -> None:
    run = Run.begin("flood", speed, NOW)
    assert Run.of_key(run.key) == run
    assert run.detected_at == NOW.replace(microsecond=123000)


def test_two_runs_of_one_instant_differ() -> None:
    assert Run.begin("flood", 6, NOW).key != Run.begin("flood", 6, NOW).key


def test_a_step_has_one_key_for_ever_which_an_api_takes() -> None:
    run = Run.begin("flood", 6, NOW)
    key = run.step_key(7, "unit_approval.medical-insurance")
    assert key == Run.of_key(run.key).step_key(7, "unit_approval.medical-insurance")
    assert len({run.step_key(7), key, run.step_key(8)}) == 3
    assert key.isascii()
    assert key.isprintable()
    assert len(key) < 200


def test_hours_are_of_the_drill() -> None:
    run = Run.begin("flood", 6, NOW)
    assert run.instant(4) - run.detected_at == timedelta(seconds=24)
    assert run.hours_at(run.instant(4)) == pytest.approx(4)


@pytest.mark.parametrize(
    ("said", "seconds"), [("slow", 12), ("normal", 6), ("fast", 1.2), ("0.5", 0.5), ("3600", 3600)]
)
def test_a_speed_is_a_name_or_a_number(said: str, seconds: float) -> None:
    assert read_speed(said) == seconds


@pytest.mark.parametrize("said", ["", "quick", "0", "0.04", "3601", "-1", "nan", "inf"])
def test_a_speed_that_makes_no_sense_is_refused(said: str) -> None:
    with pytest.raises(RunError, match="speed"):
        read_speed(said)


@pytest.mark.parametrize("key", ["", "flood", "flood.20261103T080000000Z.6", "flood.20261103T080000000Z.9999.00000000"])
def test_a_key_of_something_else_is_refused(key: str) -> None:
    with pytest.raises(RunError):
        Run.of_key(key)


def test_a_new_folder_has_no_first_drill(tmp_path: Path) -> None:
    assert read_first(tmp_path) is None


def test_the_first_drill_is_remembered_until_and_after_its_end(tmp_path: Path) -> None:
    run = Run.begin("flood", 6, NOW)
    begun = begin_first(tmp_path, run)
    kept = read_first(tmp_path)
    assert kept == begun
    assert not begun.finished
    begun.finish()
    after = read_first(tmp_path)
    assert after is not None
    assert after.finished
    assert after.run == run


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"key": "x", "finished": true}', '{"key": 1}'])
def test_a_file_that_is_no_drill_is_refused_and_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "drill.json").write_text(content)
    with pytest.raises(RunError, match=r"drill\.json"):
        read_first(tmp_path)


def test_the_file_holds_what_a_person_would_look_for(tmp_path: Path) -> None:
    run = Run.begin("flood", 6, NOW)
    begin_first(tmp_path, run)
    kept = json.loads((tmp_path / "drill.json").read_text())
    assert kept == {"name": "flood", "key": run.key, "speed": 6.0, "finished": False}
