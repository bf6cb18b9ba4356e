"""What has been told already: the keys under which reminders and rungs of ladders are remembered."""

from datetime import datetime

from domain import events as e
from domain.vocabulary import ObligationKind


def reminder_key(round_: int, kind: ObligationKind, due_at: datetime, *, hard: bool) -> str:
    """A target that becomes a duty is told anew: its reminders go further up."""
    return f"{round_}/{kind}/{'hard' if hard else 'soft'}/{due_at.isoformat()}"


def chase_key(round_: int, fact: e.Chased) -> str:
    """What is being chased, since when; the parts that do not apply are left out."""
    parts = [fact.release, fact.version, fact.step, fact.unit, fact.about, fact.since.isoformat()]
    return "/".join([fact.subject, str(round_), *(str(part) for part in parts if part is not None)])
