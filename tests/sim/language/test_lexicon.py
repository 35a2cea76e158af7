import itertools

import pytest

from sovereign_robot.contract.instruction import normalise
from sovereign_robot.sim.language.lexicon import LANGUAGES, SLOTS, VOCABULARIES


@pytest.mark.parametrize("name", VOCABULARIES)
def test_no_word_means_two_values(name: str):
    stems = [words.stems() for words in VOCABULARIES[name].values()]

    assert all(not one & other for one, other in itertools.combinations(stems, 2))
    assert "" not in set().union(*stems)


@pytest.mark.parametrize("name", VOCABULARIES)
def test_words_are_written_in_normal_form(name: str):
    stems = {stem for words in VOCABULARIES[name].values() for stem in words.stems()}

    assert {normalise(stem) for stem in stems} == stems


@pytest.mark.parametrize("name", VOCABULARIES)
def test_each_value_of_a_vocabulary_has_every_form(name: str):
    for language in LANGUAGES:
        assert len({tuple(getattr(words, language)) for words in VOCABULARIES[name].values()}) == 1


def test_every_slot_has_a_vocabulary_and_every_vocabulary_a_slot():
    assert {name for slots in SLOTS.values() for name in slots.values()} == set(VOCABULARIES)
