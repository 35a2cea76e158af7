import numpy as np
import pytest

from sovereign_robot.contract.errors import InstructionError
from sovereign_robot.contract.instruction import check_instruction, normalise
from sovereign_robot.sim.language.grammar import LANGUAGES, grammar_of
from sovereign_robot.sim.language.impossible import impossible
from sovereign_robot.sim.language.lexicon import SLOTS, VOCABULARIES
from sovereign_robot.sim.language.strangers import strangers
from sovereign_robot.sim.language.unheard import TAUGHT, UNHEARD


def test_nothing_that_is_taught_is_in_the_examination():
    assert not {normalise(text) for text in TAUGHT} & {normalise(text) for text in UNHEARD}
    assert min(len(TAUGHT), len(UNHEARD)) > 200


@pytest.mark.parametrize("text", UNHEARD)
def test_every_sentence_of_the_examination_is_an_instruction(text: str):
    assert check_instruction(text)


def test_both_languages_are_examined():
    ascii_ = [text for text in UNHEARD if text.isascii()]

    assert 0.3 < len(ascii_) / len(UNHEARD) < 0.7


def test_no_stranger_is_a_word_of_the_lexicon():
    known = {word for words in VOCABULARIES.values() for value in words.values() for word in value.stems()}

    for vocabulary in VOCABULARIES:
        for words in strangers(vocabulary).values():
            assert not words.stems() & known


@pytest.mark.parametrize("task", SLOTS)
def test_no_spoilt_sentence_is_one_of_the_grammar_that_was_spoilt(task: str):
    grammar, rng = grammar_of(task), np.random.default_rng(0)

    for i in range(60):
        text = grammar.sentence(rng, LANGUAGES[i % 2], grammar.goals()[0], False)
        assert normalise(impossible(rng, text, task)) != normalise(text)


def test_a_sentence_with_a_stranger_names_no_goal():
    goal = {"colour": next(iter(strangers("colour"))), "bin": "left"}
    text = grammar_of("place_in_bin").sentence(np.random.default_rng(0), "en", goal, False)

    with pytest.raises(InstructionError, match="names left of what there is"):
        grammar_of("place_in_bin").goal_of(text)
