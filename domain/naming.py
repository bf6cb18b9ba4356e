"""What people call a figure, a consultation, a task, a referral or a conference in place of its id: 口径2, 会商1."""

from domain.labels import label
from domain.refusals import Language
from domain.vocabulary import ConferenceForm

_CALLED = {
    "figure": ("口径", "figure "),
    "consultation": ("会商", "consultation "),
    "task": ("交办", "task "),
    "referral": ("线索移交", "referral "),
    "conference": ("发布会", "conference "),
}
PROCEEDINGS = frozenset(_CALLED)
"""Fields of facts that hold such an id."""


def called(kind: str, id_: str, language: Language, form: ConferenceForm | None = None) -> str:
    """Its word and its number. `form` is that of a conference, where it is known."""
    word = _CALLED[kind][language is Language.EN]
    if form is not None:
        word = label(form, language) + (" " if language is Language.EN else "")
    return f"{word}{id_.lstrip('abcdefghijklmnopqrstuvwxyz')}"
