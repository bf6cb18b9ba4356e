"""The ledger as a history: a sentence for each entry, in the page's language."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain import events as e
from domain.commands import is_reference
from domain.county import County
from domain.labels import fact_label, label, refusal_names
from domain.refusals import Language
from domain.telling.names import Names
from domain.telling.tales import Tale, Teller
from domain.vocabulary import ReleaseId


@dataclass(frozen=True)
class Told:
    """`word` names the kind of event in a few letters. `link` is where to read on."""

    seq: int
    at: datetime
    fact: e.Fact
    word: str
    text: str
    link: str


def history(
    entries: Iterable[e.RecordedEntry],
    words: Mapping[str, str],
    titles: Mapping[ReleaseId, str],
    county: County,
    language: Language,
    *,
    drill: bool,
    when: Callable[[datetime], str],
) -> list[Told]:
    """In the order they were recorded. `words` are the texts the reader may see; others stand as an ellipsis."""
    names = Names(county.officers, county.units)
    teller = Teller(names, language, {str(id_): title for id_, title in titles.items()}, when, drill=drill)
    return [_told(entry, teller, words, names, language) for entry in entries]


def _told(entry: e.RecordedEntry, teller: Teller, words: Mapping[str, str], names: Names, language: Language) -> Told:
    fact, by = _worded(entry.fact, words), entry.by
    tale = teller.tell(fact, by.actor, by.seat.unit if by.seat else None)
    if tale is None:
        tale = _plainly(fact, by.actor, names, language)
    if by.on_behalf_of:
        behalf = names.people.get(by.on_behalf_of, by.on_behalf_of)
        said = f" (for {behalf})" if language is Language.EN else f"（代{behalf}办理）"
        tale = tale._replace(text=tale.text + said)
    return Told(entry.seq, entry.at, entry.fact, tale.word, tale.text, tale.link)


def _plainly(fact: e.Fact, actor: str | None, names: Names, language: Language) -> Tale:
    """What a drill leaves out: calls on channels as they begin, refusals, duties that nobody opened."""
    type_ = str(getattr(fact, "type", ""))
    word = fact_label(type_, language)
    match fact:
        case e.Refused():
            who = names.who(actor) if actor else ""
            sentence = fact.refusal.sentence(language, refusal_names(fact.refusal, language, names.people))
            text = f"{who}: {sentence}" if language is Language.EN else f"{who}：{sentence}"
        case e.PublicationIntended() | e.RetractionIntended():
            text = label(fact.channel, language)
        case _:
            text = ""
    return Tale(word, text)


def _worded(fact: e.Fact, words: Mapping[str, str]) -> e.Fact:
    """The fact with texts in place of references, as far as they may be shown."""
    changes = {name: _words(value, words) for name, value in fact if _refers(value)}
    return fact.model_copy(update=changes)


def _refers(value: object) -> bool:
    parts: Sequence[object] = value if isinstance(value, tuple) else (value,)
    return any(isinstance(part, str) and is_reference(part) for part in parts)


def _words(value: object, words: Mapping[str, str]) -> object:
    if isinstance(value, tuple):
        return tuple(_words(part, words) for part in value)
    return words.get(value, value) if isinstance(value, str) else value
