"""One JSON with everything, one drawing, and the page that says what they mean."""

import json
import os
import platform
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from bench import drawing
from bench.findings import Findings, Ratio, Table, number

RESULTS, DRAWING, PAGE = "results.json", "report.svg", "README.md"

_HEAD = """# Benchmarks

Written by `make bench`, like [results.json](results.json) and the drawing below; nothing here is typed by hand. All
figures are ratios of medians within one run on one machine: compare ratios, not milliseconds. What is measured
against, with its settings, is in [bench/opponents](../../bench/opponents); [profile.md](profile.md) says where the
time goes, and what was done about it.

![Ratios and their goals](report.svg)

```
make bench                              # all sections but the long one, about half an hour
make bench ARGS="--only posts whole"    # these; the others stay as they were found last
make bench ARGS="--quick"               # a minute or two, to see that everything runs
```

## Goals

| figure | measured | goal | |
|---|---|---|---|
"""

_OPPONENTS = """
## Who is measured against whom

All of them run on the same PostgreSQL 18 (durable: fsync on) and the same Temporal development server (a database
file with a write-ahead log), as `huiying up` starts them, on the same disk, one after the other.

| | process | settings |
|---|---|---|
"""
_WHO = (
    ("Huiying", "one API process, one worker", "those of `huiying up`, payloads encrypted"),
    (
        "bare Temporal",
        "as many updates, ordinary activities and timers as our own history holds; no rules, no database, no HTTP",
        "the SDK's defaults, sandbox on; a cache above whatever is open",
    ),
    (
        "bare Temporal, our worker's settings",
        "the same with local activities for short writes",
        "modules passed through the sandbox, sticky timeout 2 s",
    ),
    (
        "DBOS Transact",
        "our API, its commands sent by `DBOSClient`; one worker, one step for each command and each publication",
        "LISTEN/NOTIFY, 30 connections, shortest coalescing, a queue polled every 100 ms; a step waits its turn",
    ),
    (
        "polling scheduler",
        "our API; one worker, jobs taken by FOR UPDATE SKIP LOCKED in batches, each batch one transaction",
        "NOTIFY for commands, alarms polled every 100 ms, an index by due instant",
    ),
)
_COMMON = """
DBOS and the polling scheduler use the same rules (`domain/`), the same ledger and words (`db/`) and the same code of
admission and publishing. They know what the standard incident needs, and neither merging nor retracting, nor search
attributes for operators, which costs them less.
"""


def write(folder: Path, found: Mapping[str, Findings], seed: int, at: datetime) -> None:
    """Results of other sections stay as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    known = _read(folder / RESULTS)
    run = {"at": at.isoformat(timespec="minutes"), "seed": seed, "machine": machine()}
    known |= {name: {"run": run, **findings.model_dump(mode="json")} for name, findings in found.items()}
    (folder / RESULTS).write_text(json.dumps(known, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    sections = {
        name: Findings.model_validate({k: v for k, v in kept.items() if k != "run"}) for name, kept in known.items()
    }
    runs = {name: kept["run"] for name, kept in known.items()}
    (folder / DRAWING).write_text(drawing.draw([ratio for one in sections.values() for ratio in one.ratios]))
    (folder / PAGE).write_text(page(sections, runs))


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def line(ratio: Ratio) -> str:
    """For the terminal."""
    goal = f"  (goal {ratio.sense} {number(ratio.goal)}: {'met' if ratio.met else 'missed'})" if ratio.goal else ""
    return f"{ratio.name}: {number(ratio.value)} {ratio.unit}{goal}"


def page(sections: Mapping[str, Findings], runs: Mapping[str, Mapping[str, Any]]) -> str:
    goals = (_goal(ratio) for findings in sections.values() for ratio in findings.ratios if ratio.goal is not None)
    who = (f"| {' | '.join(row)} |\n" for row in _WHO)
    told = (_section(findings, runs[name]) for name, findings in sections.items())
    return "".join([_HEAD, *goals, _OPPONENTS, *who, _COMMON, *told])


def _goal(ratio: Ratio) -> str:
    met = "met" if ratio.met else "**missed**"
    return f"| {ratio.name} | {number(ratio.value)} {ratio.unit} | {ratio.sense} {number(ratio.goal or 0)} | {met} |\n"


def _section(findings: Findings, run: Mapping[str, Any]) -> str:
    rows = "".join(f"| {r.name} | {number(r.value)} {r.unit} |\n" for r in findings.ratios)
    said = f"\n## {findings.title}\n\n{findings.how}\n\n| | |\n|---|---|\n{rows}"
    said += "".join(_table(table) for table in findings.tables)
    return said + f"\n{run['at']}, seed {run['seed']}, {run['machine']}.\n"


def _table(table: Table) -> str:
    head = " | ".join(table.columns)
    rule = "|".join(["---"] + ["---:"] * (len(table.columns) - 1))
    rows = "\n".join(
        "| " + " | ".join(cell if isinstance(cell, str) else number(cell) for cell in row) + " |" for row in table.rows
    )
    return f"\n{table.title}:\n\n| {head} |\n|{rule}|\n{rows}\n"


def _read(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return found
