import itertools

import numpy as np
import pytest

from sovereign_robot.contract.errors import InstructionError
from sovereign_robot.policy.text import TOKENS, UNKNOWN, normalise, token_ids
from sovereign_robot.sim.tasks.phrases import BINS, COLOURS, LANGUAGES, goal_of, instruction

GOALS = list(itertools.product(LANGUAGES, COLOURS, BINS))


@pytest.mark.parametrize(("language", "colour", "bin_name"), GOALS)
def test_a_sentence_names_its_target_and_no_other(language, colour, bin_name):
    rng = np.random.default_rng(0)
    for _ in range(60):
        assert goal_of(instruction(rng, language, colour, bin_name)) == (colour, bin_name)


def test_every_sentence_fits_the_text_encoder_and_is_spelt_with_known_characters():
    rng = np.random.default_rng(0)
    for language, colour, bin_name in GOALS * 20:
        text = instruction(rng, language, colour, bin_name)
        assert len(normalise(text)) <= TOKENS
        assert UNKNOWN not in token_ids(text)


def test_two_goals_never_share_a_sentence():
    rng = np.random.default_rng(0)
    texts = {goal: {instruction(rng, *goal) for _ in range(300)} for goal in GOALS}

    for a, b in itertools.combinations(GOALS, 2):
        assert not texts[a] & texts[b]


def test_width_and_case_do_not_change_the_goal():
    assert goal_of("PUT THE ＲＥＤ CUBE in the Left bin") == ("red", "left")


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "put the red cube away",
        "put the red and the blue cube in the left bin",
        "紫のキューブを左の箱に",
    ],
)
def test_a_sentence_without_one_goal_is_refused_with_what_there_is(text):
    with pytest.raises(InstructionError) as refusal:
        goal_of(text)

    assert "red, blue, green, yellow" in str(refusal.value)
    assert "left, middle, right" in str(refusal.value)
