"""Slips: what they change, and what a reader must still be able to tell."""

import re
from collections.abc import Iterator
from itertools import combinations
from zlib import crc32

import numpy as np
import pytest

from sovereign_robot.contract.instruction import normalise
from sovereign_robot.sim.language import english_slips, japanese_slips
from sovereign_robot.sim.language.grammar import LANGUAGES, grammar_of
from sovereign_robot.sim.language.lexicon import SLOTS, VOCABULARIES
from sovereign_robot.sim.language.misspelling import Edit, Slip, Spelling
from sovereign_robot.sim.language.slips import HELD_OUT_EVERY, is_held_out, slipped

LETTERS = {"en": english_slips.misspelt, "ja": japanese_slips.misspelt}
EDITS = {"en": english_slips.EDITS, "ja": japanese_slips.EDITS}


def said(task: str, language: str, count: int) -> Iterator[str]:
    grammar, rng = grammar_of(task), np.random.default_rng(crc32(f"{task}{language}".encode()))
    for _ in range(count):
        goal = grammar.goals()[int(rng.integers(len(grammar.goals())))]
        yield grammar.sentence(rng, language, goal, bool(rng.random() < 0.5), (goal,))


def edits(edit: Edit, language: str, count: int) -> list[tuple[str, Slip]]:
    rng = np.random.default_rng(0)
    found = [(text, edit(rng, text)) for task in SLOTS for text in said(task, language, count)]
    return [(text, slip) for text, slip in found if slip is not None and slip.text != text]


def distance(one: str, other: str) -> int:
    """Letters to drop, add, change or swap until both are equal."""
    rows = [[i + j if i * j == 0 else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            cost = int(one[i - 1] != other[j - 1])
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + cost)
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("task", SLOTS)
def test_every_sentence_can_slip_and_the_normal_form_does_not_undo_it(task: str, language: str):
    rng = np.random.default_rng(1)

    for text in said(task, language, 30):
        for held_out in (False, True):
            assert normalise(slipped(rng, text, held_out)) != normalise(text)


def test_the_same_random_numbers_make_the_same_slip():
    one, other = (slipped(np.random.default_rng(4), "lift the red cube", True) for _ in range(2))

    assert one == other


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_misspelt_word_is_nearer_to_itself_than_to_any_word_of_another_value(language: str):
    words = {
        word: (name, value)
        for name, vocabulary in VOCABULARIES.items()
        for value, words in vocabulary.items()
        for word in words.stems()
    }
    for _, slip in edits(LETTERS[language], language, 40):
        meant, typed = slip.change.split(">")
        apart = [word for word in words if words[word] != words.get(meant) and word != meant]
        assert distance(meant, typed) <= 1
        assert all(distance(typed, word) > 1 for word in apart), (meant, typed)


@pytest.mark.parametrize("language", LANGUAGES)
def test_short_words_and_first_letters_are_never_misspelt(language: str):
    changes = {slip.change for _, slip in edits(LETTERS[language], language, 40)}

    assert changes
    for change in changes:
        meant, typed = change.split(">")
        assert len(meant) >= 4
        assert meant[0] == typed[0]


def test_a_lost_particle_stands_between_words_and_the_words_stay():
    for text, slip in edits(japanese_slips.particle_lost, "ja", 20):
        assert len(slip.text) == len(text) - 1
        for one in "赤青緑黄左右奥":
            assert slip.text.count(one) == text.count(one)


def test_kana_for_kanji_sounds_the_same_for_no_two_values():
    read = {kanji: kana for kanji, kana in japanese_slips.KANA.items() if kanji in "赤青緑黄色左右手前奥中央"}

    assert all(not one.startswith(other) for one, other in combinations(read.values(), 2))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_slip_happens(language: str):
    for edit in EDITS[language]:
        assert edits(edit, language, 20), edit.__name__


def test_a_fifth_of_the_changes_is_kept_from_training():
    changes = {s.change for lang in LANGUAGES for e in EDITS[lang] for _, s in edits(e, lang, 20) if s.change}
    kept = {change for change in changes if is_held_out(change)}

    assert len(changes) > 300
    assert abs(len(kept) / len(changes) - 1 / HELD_OUT_EVERY) < 0.05


def test_a_slip_of_training_is_never_one_that_is_kept_from_it():
    rng = np.random.default_rng(2)
    text = "push the yellow button"
    kept = {f"{m}{t}" for m, t in _misspellings(rng, text) if is_held_out(f"{m}>{t}")}
    shown = {f"{m}{t}" for m, t in _misspellings(rng, text) if not is_held_out(f"{m}>{t}")}
    typed = {_changed(text, slipped(rng, text, False).lower()) for _ in range(300)}

    assert kept
    assert typed & shown
    assert not typed & kept


def test_a_word_that_could_be_another_is_not_clear():
    spelling = Spelling(("left", "lift", "right"))

    assert spelling.is_clear("right", "rihgt")
    assert not spelling.is_clear("left", "lft")
    assert not spelling.is_clear("left", "left")
    assert not spelling.is_clear("left", "lift")


def _misspellings(rng: np.random.Generator, text: str) -> set[tuple[str, str]]:
    slips = (english_slips.misspelt(rng, text) for _ in range(2000))
    return {(meant, typed) for slip in slips if slip for meant, typed in [slip.change.split(">")]}


def _changed(text: str, typed: str) -> str:
    """The word of a sentence that was misspelt, and how; "" if the words are not the same otherwise."""
    ours, theirs = text.split(), re.findall("[a-z]+", normalise(typed))
    pairs = [(m, t) for m, t in zip(ours, theirs, strict=False) if m != t]
    return "".join(pairs[0]) if len(ours) == len(theirs) and len(pairs) == 1 else ""
