"""Rules of the agreed figures (回应口径): what all releases of an incident say alike (Art. 3, 15)."""

from domain import commands as c
from domain import events as e
from domain.case import Case
from domain.consulting import check_known
from domain.refusals import Code, Refusal


def agree_figure(command: c.AgreeFigure, case: Case, seat: e.Seat) -> list[e.Fact]:
    """A fact with whether it was checked and may be said. A checked one names the unit that verified it."""
    known = {figure.id for figure in case.incident.figures}
    if command.figure is not None and command.figure not in known:
        raise Refusal(Code.NO_FIGURE)
    if command.checked and command.verified_by is None:
        raise Refusal(Code.VERIFIER_NEEDED)
    if command.verified_by is not None:
        check_known((command.verified_by,), case)
    if command.valid_until is not None and command.valid_until <= case.now:
        raise Refusal(Code.IN_THE_PAST, field="valid_until", at=command.valid_until.isoformat())
    agreed = e.FigureAgreed(
        figure=command.figure or f"f{len(known) + 1}",
        text=command.fact,
        checked=command.checked,
        may_say=command.may_say,
        verified_by=command.verified_by,
        valid_until=command.valid_until,
    )
    return [agreed]


def withdraw_figure(command: c.WithdrawFigure, case: Case, seat: e.Seat) -> list[e.Fact]:
    if all(figure.id != command.figure or figure.withdrawn_at for figure in case.incident.figures):
        raise Refusal(Code.NO_FIGURE)
    return [e.FigureWithdrawn(figure=command.figure, reason=command.reason)]
