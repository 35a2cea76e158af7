"""Which characters of a sentence name a colour or a thing: marks for the reader that must not know which one.

Where "green" stands decides what it is for, not that it is green; a reader that cannot see which colour
stands there reads a pair of values that it never heard like any other.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sovereign_robot.sim.language.lexicon import CARE, COLOUR, SHAPE, Words

MARKS = ("none", "colour", "shape", "care", "stranger")
UNCLEAR = -1

Marks = NDArray[np.int64]


def marks_of(normal: str, strangers: Mapping[str, Words]) -> Marks:
    """The number of the mark of every character of a sentence in normal form.

    Args:
        normal: the sentence.
        strangers: words that no task has, by the mark that their characters get.
    """
    marks = np.zeros(len(normal), dtype=np.int64)
    spans = [(mark, match) for mark, pattern in _patterns().items() for match in pattern.finditer(normal)]
    spans += [(m, match) for m, words in strangers.items() for match in _pattern([words]).finditer(normal)]
    for mark, match in spans:
        marks[match.start() : match.end()] = MARKS.index(mark)
    return marks


def carried(marks: Marks, normal: str, typed: str) -> Marks:
    """The marks of what was typed for a sentence, UNCLEAR where another character stands."""
    new = np.full(len(typed), UNCLEAR, dtype=np.int64)
    for block in SequenceMatcher(None, normal, typed, autojunk=False).get_matching_blocks():
        new[block.b : block.b + block.size] = marks[block.a : block.a + block.size]
    return new


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    kinds = {"colour": COLOUR, "shape": SHAPE, "care": CARE}
    return {mark: _pattern(vocabulary.values()) for mark, vocabulary in kinds.items()}


def _pattern(words: Iterable[Words]) -> re.Pattern[str]:
    every = {word for one in words for word in _forms(one)}
    longest_first = sorted(every, key=len, reverse=True)
    return re.compile("|".join(rf"\b{word}\b" if word.isascii() else word for word in longest_first))


def _forms(words: Words) -> Iterator[str]:
    for forms in (words.ja, words.en):
        yield from (word for form, every in forms.items() if form != "where" for word in every)
