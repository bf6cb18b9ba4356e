"""The drill that a new data folder begins with: remembered in a file, so that a crash resumes it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from runtime.drill.run import Run, RunError
from runtime.embedded.files import write_atomically

FILE = "drill.json"
FIRST = "canteen"
"""The drill a newcomer sees: a good minute. The others are played when somebody asks for them."""


@dataclass(frozen=True)
class FirstDrill:
    """`DIR/drill.json`, written before the first step and again after the last."""

    path: Path
    run: Run
    finished: bool

    def write(self) -> None:
        run = self.run
        state = {"name": run.name, "key": run.key, "speed": run.hour_seconds, "finished": self.finished}
        write_atomically(self.path, json.dumps(state, indent=2) + "\n")

    def finish(self) -> None:
        FirstDrill(self.path, self.run, finished=True).write()


def read_first(data: Path) -> FirstDrill | None:
    """The first drill of this data folder; None when it was not begun. Raises RunError for a file not ours."""
    path = data / FILE
    try:
        state = json.loads(path.read_text("utf-8"))
        return FirstDrill(path, Run.of_key(state["key"]), finished=state["finished"] is True)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, RunError) as error:
        raise RunError(f"{path} does not describe a drill: {error}; remove it to begin another") from None


def begin_first(data: Path, run: Run) -> FirstDrill:
    first = FirstDrill(data / FILE, run, finished=False)
    first.write()
    return first
