"""Search: the words that a twin is found by, and how well they answer a question.

People know a part of a thing: the last digits of its VIN or serial, a part number without its hyphens, a word of its
name. So each text of a twin's head is kept as words: whole, each of its pieces between blanks, and each run of letters
and digits, all in capitals without accents or separators. Of a word of four characters or more, its mirror image behind
a mark is kept too: one index of the words then finds what a word begins with, and what it ends with.

The words are derived from the head alone, and neither hashed nor part of a version. Who changes these rules must also
give the field a new name in the twin's document, so that the store works it out anew for the twins that are there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import chain, islice
from urllib.parse import unquote

from twin.domain.history import Document
from twin.errors import InvalidInput, TooLarge, shown

MOST_WORDS = 128
LONGEST_WORD = 64
SHORTEST_MIRRORED = 4
MOST_ASKED = 5
SHORTEST_ASKED = 3

_MARK = "<"
_RUN = re.compile(r"[^\W_]+")
# Letters that Unicode does not take apart, though people type them without the stroke.
_STROKES = str.maketrans({"Æ": "AE", "Ð": "D", "Đ": "D", "Ł": "L", "Ø": "O", "Œ": "OE", "Þ": "TH"})
# The fields that are searched, the narrowest first, and what callers know them as.
_SEARCHED = {
    "link_id": "linkId",
    "identifiers": "identifiers",
    "former": "formerIdentifiers",
    "face": "face",
    "name": "name",
    "kind": "kind",
    "attributes": "attributes",
}
_IDENTIFIERS = frozenset({"identifiers", "former"})
_KEYED = frozenset({"gs1"})  # the schemes whose values alternate between a key and what it stands for

Way = tuple[str, ...]
"""One way to read a question: words, each of which must begin or end a word of the twin."""


class Fit(IntEnum):
    """How a word that is asked for stands in a word of the twin, the best first."""

    EXACT = 0
    END = 1
    BEGINNING = 2


@dataclass(frozen=True, slots=True)
class Match:
    """How a twin answers a question.

    Args:
        fit: that of the word which fits worst.
        paths: the fields that fit, such as `name` or `attributes.workOrder`.
    """

    fit: Fit
    paths: tuple[str, ...]


def words_of(state: Document) -> list[str]:
    """What a twin in this state is found by: its words and their mirror images, in the order of the characters.

    Args:
        state: a head, or a part of one; 128 words of it count at most, of the narrowest fields first.

    Examples:
        >>> words_of({"name": "Müller", "attributes": {"part": "PN-12 34"}})
        ['12', '34', '<21NP', '<4321NP', '<RELLUM', 'MULLER', 'PN', 'PN12', 'PN1234']
    """
    texts = (text for _, text in _texts(state))
    words = islice(dict.fromkeys(chain.from_iterable(map(_words_in, texts))), MOST_WORDS)
    return sorted(set(chain.from_iterable(map(_forms, words))))


def words_after(before: Document, after: Document) -> list[str] | None:
    """The words of a twin after a change of its state; None when it changed nothing that is searched."""
    return None if all(before.get(name) == after.get(name) for name in _SEARCHED) else words_of(after)


def ending(word: str) -> str:
    """What the mirror images of the words that end with this one begin with."""
    return _MARK + word[::-1]


def ways_of(text: str, identifiers: Iterable[str] = ()) -> list[Way]:
    """The ways to read a question: as one word, as words between blanks, as runs of letters and digits, and more.

    Args:
        text: what a person typed or pasted.
        identifiers: what the text may be, in canonical form: it is read as their words too.

    Raises:
        InvalidInput: no word of it has three letters or digits, or all are longer than words are.
        TooLarge: more than five words between blanks.

    Examples:
        >>> ways_of("PN-12 3456"), ways_of("vin:1M8GDM9AXKP042788", ["vin:1M8GDM9AXKP042788"])[-1]
        ([('PN123456',), ('PN12', '3456'), ('PN', '12', '3456')], ('1M8GDM9AXKP042788',))
    """
    whole, pieces, runs = _levels(text)
    if len(pieces) > MOST_ASKED:
        raise TooLarge(f"text: expected at most {MOST_ASKED} words, found {len(pieces)}.", path=("text",))
    named = (tuple(chain.from_iterable(_levels(part)[1] for part in _values(one))) for one in identifiers)
    ways = [way for way in dict.fromkeys((whole, pieces, runs, *named)) if _can_be_asked(way)]
    if not ways:
        raise InvalidInput(
            f"text: {shown(text)} has no word to search for; expected one of {SHORTEST_ASKED} to {LONGEST_WORD} "
            "letters and digits.",
            path=("text",),
        )
    return ways


def match(state: Document, ways: Sequence[Way]) -> Match | None:
    """How well a twin in this state answers a question; None when it does not.

    Args:
        state: what the caller may see of the head.
        ways: of the question; the one that fits best counts.

    Examples:
        >>> match({"name": "Bus 7", "identifiers": ["vin:1M8GDM9AXKP042788"]}, [("042788", "BUS")])
        Match(fit=<Fit.END: 1>, paths=('identifiers', 'name'))
    """
    words = _standing(state)
    found = [one for one in (_match(words, way) for way in ways) if one is not None]
    return min(found, key=lambda one: one.fit, default=None)


def _forms(word: str) -> tuple[str, ...]:
    """A word as it is kept, and its mirror image; what is too long is cut at its end."""
    if len(word) < SHORTEST_MIRRORED:
        return (word,)
    return word[:LONGEST_WORD], ending(word)[: len(_MARK) + LONGEST_WORD]


def _match(words: Mapping[str, Sequence[str]], way: Way) -> Match | None:
    worst, fitting = Fit.EXACT, set[str]()
    for asked in way:
        fits = {word: fit for word in words if (fit := _fit(asked, word)) is not None}
        if not fits:
            return None
        worst = max(worst, min(fits.values()))
        fitting |= fits.keys()
    paths = chain.from_iterable(paths for word, paths in words.items() if word in fitting)
    return Match(worst, tuple(dict.fromkeys(paths)))


def _fit(asked: str, word: str) -> Fit | None:
    if word.endswith(asked):
        return Fit.EXACT if word == asked else Fit.END
    return Fit.BEGINNING if word.startswith(asked) else None


def _can_be_asked(way: Way) -> bool:
    few = 1 <= len(way) <= MOST_ASKED and max(map(len, way)) <= LONGEST_WORD
    return few and max(map(len, way)) >= SHORTEST_ASKED


def _standing(state: Document) -> dict[str, list[str]]:
    """The words of a state, each with the fields that it stands in."""
    found: dict[str, list[str]] = {}
    for path, text in _texts(state):
        for word in _words_in(text):
            if word in found:
                found[word].append(path)
            elif len(found) < MOST_WORDS:
                found[word] = [path]
    return found


def _texts(state: Document) -> Iterator[tuple[str, str]]:
    """Every text that is searched, with the path of its field."""
    for name, path in _SEARCHED.items():
        for place, text in _leaves(state.get(name), path):
            for value in _values(text) if name in _IDENTIFIERS else (text,):
                yield place, value


def _leaves(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name in sorted(value):
            yield from _leaves(value[name], f"{path}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, path)


def _values(identifier: str) -> list[str]:
    """What an identifier in canonical form is made of, without the scheme and the keys.

    Examples:
        >>> _values("gs1:01/09506000134352/21/SER%2F42")
        ['09506000134352', 'SER/42']
    """
    scheme, _, value = identifier.partition(":")
    parts = value.split("/")
    return [unquote(part) for part in (parts[1::2] if scheme in _KEYED else parts)]


@lru_cache(1_024)  # most texts of a twin are those that it had before the change
def _words_in(text: str) -> Way:
    """The words of a text, each once."""
    return tuple(dict.fromkeys(chain.from_iterable(_levels(text))))


def _levels(text: str) -> tuple[Way, Way, Way]:
    """A text as one word, as its pieces between blanks, and as its runs of letters and digits."""
    runs = [_RUN.findall(piece) for piece in _folded(text).split()]
    pieces = tuple("".join(run) for run in runs if run)
    return (("".join(pieces),) if pieces else ()), pieces, tuple(chain.from_iterable(runs))


def _folded(text: str) -> str:
    """The text in capitals, without accents and strokes.

    Examples:
        >>> _folded("Straße, Müller & Sønn")
        'STRASSE, MULLER & SONN'
    """
    if text.isascii():
        return text.upper()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).upper().translate(_STROKES)
