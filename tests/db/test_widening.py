"""A step may only widen: the version before it goes on working on the same tables until it has been replaced.

What narrows comes one version later, when nothing uses any more what goes: such a step says so with
`contracts = "VERSION"`, the first released version that does without.
"""

import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event

from db.migrate import upgrade
from runtime.embedded.postgres import EmbeddedPostgres

LANDED = "0011"
"""Steps up to this one were made before there was anything to run beside."""
CHANGELOG = Path(__file__).parents[2] / "CHANGELOG.md"

_NAME = r'(?:ONLY )?"?(?:PUBLIC\.)?"?(\w+)"?'
_TABLE = re.compile(rf"^(?:ALTER TABLE|DELETE FROM|TRUNCATE(?: TABLE)?|DROP TABLE) (?:IF EXISTS )?{_NAME}")
_MADE = re.compile(rf"^CREATE TABLE (?:IF NOT EXISTS )?{_NAME}")
_UNIQUE = re.compile(rf"^CREATE UNIQUE INDEX .*? ON {_NAME}")
_NUMBER = re.compile(r"(?:UPDATE|INSERT INTO) alembic_version .*?'(\d+)'")
_BREAKS = {
    "removes a table": r"^DROP (TABLE|VIEW|MATERIALIZED VIEW)\b",
    "removes a column": r"^ALTER TABLE .* DROP (COLUMN|(?!DEFAULT)\"?\w+\"?(,|$))",
    "renames": r"^ALTER (TABLE|INDEX|SEQUENCE) .* RENAME\b",
    "changes a type": r"^ALTER TABLE .* ALTER (COLUMN )?\S+ (SET DATA )?TYPE\b",
    "refuses what the version before writes": (
        r"^ALTER TABLE .* "
        r"(ALTER (COLUMN )?\S+ (SET NOT NULL|DROP DEFAULT)|ADD (CONSTRAINT|UNIQUE|CHECK|FOREIGN|EXCLUDE))\b"
    ),
    "leaves a column unfilled": r"^ALTER TABLE .* ADD (COLUMN )?(?!.*\bDEFAULT\b).*\bNOT NULL\b",
    "removes rows": r"^(DELETE FROM|TRUNCATE)\b",
}


def breaks(statement: str, made: set[str]) -> str | None:
    """Why the version before could not go on, or None. Nobody uses yet the tables that were `made` beside it."""
    sql = " ".join(re.sub(r"--[^\n]*", " ", statement).upper().split())
    about = _TABLE.match(sql) or _UNIQUE.match(sql)
    if about and about[1].lower() in made:
        return None
    if _UNIQUE.match(sql):
        return "refuses what the version before writes"
    return next((why for why, pattern in _BREAKS.items() if re.search(pattern, sql)), None)


def statements_of(executed: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Each step with its statements: it ends where its number is written down."""
    kept: list[str] = []
    for statement in executed:
        kept += [part for part in statement.split(";") if part.strip()]
        if number := _NUMBER.search(statement):
            yield number[1], kept
            kept = []


@pytest.fixture
def steps(postgres: EmbeddedPostgres) -> Iterator[dict[str, list[str]]]:
    """What every step does to an empty database."""
    url, executed = postgres.create_database("steps"), list[str]()

    def keep(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        executed.append(statement)

    event.listen(Engine, "before_cursor_execute", keep)
    try:
        with ThreadPoolExecutor(1) as thread:
            # It starts an event loop of its own, and this one is running.
            thread.submit(upgrade, url).result()
    finally:
        event.remove(Engine, "before_cursor_execute", keep)
    yield dict(statements_of(executed))
    postgres.drop_database("steps")


def test_no_new_step_takes_away_what_the_version_before_works_with(steps: dict[str, list[str]]) -> None:
    config = Config()
    config.set_main_option("script_location", "db:migrations")
    modules = {step.revision: step.module for step in ScriptDirectory.from_config(config).walk_revisions()}
    assert set(steps) == set(modules)
    narrows = {number: getattr(module, "contracts", None) for number, module in modules.items()}
    for number, version in narrows.items():
        assert version is None or f"## [{version}]" in CHANGELOG.read_text(), f"{number}: {version} was not released"
    found = []
    for number, statements in steps.items():
        made = {match[1].lower() for one in statements if (match := _MADE.match(" ".join(one.upper().split())))}
        wrong = [(number, why, one) for one in statements if (why := breaks(one, made))]
        found += wrong if number > LANDED and narrows[number] is None else []
    assert found == []


def test_the_steps_are_seen_as_they_are_done(steps: dict[str, list[str]]) -> None:
    """Among those that landed there is one that would not pass today: the check looks at what is really done."""
    assert any(breaks(one, set()) == "refuses what the version before writes" for one in steps["0011"])


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("DROP TABLE texts", "removes a table"),
        ("ALTER TABLE incidents DROP COLUMN course", "removes a column"),
        ('ALTER TABLE incidents DROP "course"', "removes a column"),
        ("ALTER TABLE incidents RENAME COLUMN phase TO stage", "renames"),
        ("ALTER TABLE incidents RENAME TO matters", "renames"),
        ("ALTER TABLE incidents ALTER COLUMN head_seq TYPE BIGINT", "changes a type"),
        ("ALTER TABLE incidents ALTER phase SET NOT NULL", "refuses what the version before writes"),
        ("ALTER TABLE incidents ALTER COLUMN course DROP DEFAULT", "refuses what the version before writes"),
        ("ALTER TABLE notices ADD CONSTRAINT one UNIQUE (officer)", "refuses what the version before writes"),
        ("CREATE UNIQUE INDEX one ON notices (officer)", "refuses what the version before writes"),
        (
            "ALTER TABLE incidents\n  ADD COLUMN due TEXT NOT NULL",
            "leaves a column unfilled",
        ),
        ("DELETE FROM texts WHERE true", "removes rows"),
        ("TRUNCATE TABLE ledger", "removes rows"),
        ("ALTER TABLE incidents ADD COLUMN due TEXT", None),
        ("ALTER TABLE incidents ADD COLUMN due TEXT DEFAULT '' NOT NULL", None),
        ("ALTER TABLE incidents ALTER COLUMN due DROP NOT NULL", None),
        ("CREATE INDEX some ON notices (officer)", None),
        ("CREATE TABLE fresh (id INT NOT NULL)", None),
        ("ALTER TABLE fresh ADD CONSTRAINT one UNIQUE (id)", None),
        ("UPDATE incidents SET phase = 'closed' WHERE false", None),
    ],
)
def test_what_narrows_is_told_from_what_widens(statement: str, why: str | None) -> None:
    assert breaks(statement, {"fresh"}) == why
