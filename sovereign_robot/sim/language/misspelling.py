"""One wrong letter in a word that nobody takes for another word."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Slip:
    """A sentence after an edit.

    Attributes:
        text: the sentence.
        change: what tells this edit from others, "" for a kind that is shown whole in training.
    """

    text: str
    change: str = ""


Edit = Callable[[np.random.Generator, str], Slip | None]  # None where the sentence leaves no room for it
Letter = Callable[[np.random.Generator, str, int], str]  # a word with another letter at a place


class Spelling:
    """The words that there are; two words that one wrong letter each could make equal are near."""

    def __init__(self, words: Iterable[str]) -> None:
        """Take all words."""
        self._near: dict[str, set[str]] = {}
        for word in words:
            for variant in _variants(word):
                self._near.setdefault(variant, set()).add(word)

    def is_clear(self, word: str, typed: str) -> bool:
        """Whether what was typed is no word, and near to no other word than the one that was meant."""
        near = {known for variant in _variants(typed) for known in self._near.get(variant, ())}
        return typed != word and near <= {word}


def lost(rng: np.random.Generator, word: str, at: int) -> str:
    """The letter is missing."""
    return word[:at] + word[at + 1 :]


def doubled(rng: np.random.Generator, word: str, at: int) -> str:
    """The letter comes twice."""
    return word[:at] + word[at] + word[at:]


def swapped(rng: np.random.Generator, word: str, at: int) -> str:
    """The letter and the one behind it change places."""
    return word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]


def _variants(word: str) -> set[str]:
    """The word, and the word without one of its letters."""
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}
