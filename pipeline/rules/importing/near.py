"""Near misses: what a person may have meant. A suggestion, never applied by itself."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_CLOSE_ENOUGH = 0.8
_SHORTEST = 4  # below it two different words are close by chance


class Near:
    """Finds the nearest of some known words; remembers what it was asked, since files repeat themselves."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = set(known)
        self._by_letters: dict[str, list[str]] = {}
        for word in sorted(self._known):
            self._by_letters.setdefault(_letters(word), []).append(word)
        self._asked: dict[str, str] = {}

    def to(self, value: str) -> str:
        """The known word that `value` probably means: the same letters in other case or spacing, else one close
        by spelling. Empty when the value is known itself, or nothing, or not exactly one word, is near."""
        if value not in self._asked:
            self._asked[value] = self._find(value)
        return self._asked[value]

    def _find(self, value: str) -> str:
        letters = _letters(value)
        if value in self._known or not letters or len(value) > 200:
            return ""
        same = self._by_letters.get(letters)
        if same:
            return same[0] if len(same) == 1 else ""
        if len(letters) < _SHORTEST:
            return ""
        close = get_close_matches(letters, self._by_letters, 1, _CLOSE_ENOUGH)
        words = self._by_letters[close[0]] if close else []
        return words[0] if len(words) == 1 else ""


def _letters(word: str) -> str:
    return "".join(letter for letter in word.casefold() if letter.isalnum())
