"""How people type in a hurry: a sentence with one slip that still asks for one thing, to any reader.

A slip is an edit that the normal form of an instruction does not undo; sometimes what it does undo comes on
top (width, letter case, "!!"). The same kinds of slips occur in training and in the split `typo`. New in
`typo` are the phrasings, as in `phrase`, and the misspellings and lost particles: every fifth of these, by
its hash, is never shown in training. Other spellings (kana, other kanji, "plz"), lost articles and word order
are shown: nobody guesses ひだり who has never seen it.
"""

from zlib import crc32

import numpy as np

from sovereign_robot.contract.instruction import normalise
from sovereign_robot.sim.language import english_slips, japanese_slips

TRIES = 300
HELD_OUT_EVERY = 5
UNDONE_CHANCE = 0.3
_WIDE = {code: code + 0xFEE0 for code in (*range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x61, 0x7B))}
_ENDS = ("!!", "！", "。。。", " ...", "~", "  ")


def slipped(rng: np.random.Generator, text: str, held_out: bool) -> str:
    """The sentence with one slip; as it is where nothing in it can be mistyped.

    Args:
        rng: decides the kind and the place.
        text: a sentence of a grammar.
        held_out: whether a misspelling or a lost particle is one that training never shows.
    """
    edits = english_slips.EDITS if text.isascii() else japanese_slips.EDITS
    for _ in range(TRIES):
        slip = edits[int(rng.integers(len(edits)))](rng, text)
        if slip is None or (slip.change and is_held_out(slip.change) != held_out):
            continue
        if normalise(slip.text) != normalise(text):
            return _undone(rng, slip.text)
    return text


def is_held_out(change: str) -> bool:
    """Whether training never shows a change of letters: every fifth by its hash."""
    return crc32(change.encode()) % HELD_OUT_EVERY == 0


def _undone(rng: np.random.Generator, text: str) -> str:
    """Sometimes what the normal form takes back: full width, letter case, or a loud end."""
    if rng.random() >= UNDONE_CHANCE:
        return text
    kind = int(rng.integers(3))
    if kind == 0:
        return text.translate(_WIDE)
    return text.upper() if kind == 1 else text + _ENDS[int(rng.integers(len(_ENDS)))]
