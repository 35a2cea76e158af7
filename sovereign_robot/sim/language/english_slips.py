"""Slips in English: wrong letters, joined words, lost articles, and what people write for short."""

import re
from functools import cache

import numpy as np

from sovereign_robot.sim.language.english import ENGLISH
from sovereign_robot.sim.language.lexicon import VOCABULARIES
from sovereign_robot.sim.language.misspelling import Edit, Letter, Slip, Spelling, doubled, lost, swapped

MIN_LETTERS = 4
_WORD = re.compile(rf"[a-z]{{{MIN_LETTERS},}}")
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SHORT = {
    "please": ("plz", "pls"),
    "could you": ("could u", "cud you"),
    "can you": ("can u", "can ya"),
    "would you": ("would u",),
    "and": ("&", "n"),
    "I want": ("i wanna",),
    "I'd like": ("id like",),
    "it": ("that",),
}


def misspelt(rng: np.random.Generator, text: str) -> Slip | None:
    """One wrong letter in a word, behind its first one."""
    words = list(_WORD.finditer(text))
    if not words:
        return None
    found = words[int(rng.integers(len(words)))]
    letter = _LETTERS[int(rng.integers(len(_LETTERS)))]
    typed = letter(rng, found[0], 1 + int(rng.integers(len(found[0]) - 1)))
    if not _spelling().is_clear(found[0], typed):
        return None
    return Slip(text[: found.start()] + typed + text[found.end() :], f"{found[0]}>{typed}")


def joined(rng: np.random.Generator, text: str) -> Slip | None:
    """No space between two words."""
    spaces = [match.start() for match in re.finditer(r"(?<=[a-z]{3}) (?=[a-z]{3})", text)]
    if not spaces:
        return None
    at = spaces[int(rng.integers(len(spaces)))]
    return Slip(text[:at] + text[at + 1 :], f"{text[at - 3 : at]}+{text[at + 1 : at + 4]}")


def without_the(rng: np.random.Generator, text: str) -> Slip | None:
    """An article is missing, or all of them."""
    count = 1 if rng.random() < 0.5 else 0
    return Slip(re.sub(r"\bthe ", "", text, count=count))


def in_short(rng: np.random.Generator, text: str) -> Slip | None:
    """What people write for short."""
    usual = [words for words in _SHORT if re.search(rf"\b{words}\b", text)]
    if not usual:
        return None
    words = usual[int(rng.integers(len(usual)))]
    short = _SHORT[words]
    return Slip(re.sub(rf"\b{words}\b", short[int(rng.integers(len(short)))], text, count=1))


def please_elsewhere(rng: np.random.Generator, text: str) -> Slip | None:
    """The "please" stands at the other end, without its comma."""
    if text.startswith("please "):
        return Slip(text.removeprefix("please ") + " please")
    return Slip("please " + text.removesuffix(", please")) if text.endswith(", please") else None


def _neighbour(rng: np.random.Generator, word: str, at: int) -> str:
    """A key beside the right one."""
    row = next(keys for keys in _KEYBOARD if word[at] in keys)
    place = row.index(word[at]) + (1 if rng.random() < 0.5 else -1)
    return word[:at] + row[min(max(place, 0), len(row) - 1)] + word[at + 1 :]


_LETTERS: tuple[Letter, ...] = (lost, doubled, swapped, _neighbour)
EDITS: tuple[Edit, ...] = (misspelt, misspelt, misspelt, joined, without_the, in_short, please_elsewhere)


@cache
def _spelling() -> Spelling:
    """All words of the grammars."""
    said = [phrasing for speech in ENGLISH.values() for group in speech.groups for phrasing in group]
    said += [text for speech in ENGLISH.values() for options in speech.rules.values() for text in options]
    values = [value for vocabulary in VOCABULARIES.values() for value in vocabulary.values()]
    said += [word for value in values for form in value.en.values() for word in form]
    literal = (re.sub(r"\{[a-z0-9_:]*\}", " ", text.lower()) for text in said)
    return Spelling(word for text in literal for word in re.findall("[a-z]+", text))
