import numpy as np
import pytest

from sovereign_robot.learning.code_slots import Halves, motion_mask
from sovereign_robot.learning.goal_code import GoalCode

CODE = GoalCode()
LEFT_FIRST = {"colour": "red", "bin": "left", "other": "green", "other_bin": "right"}


def test_what_a_trunk_hears_is_everything_but_the_colours():
    mask = motion_mask(CODE)
    heard = CODE.vector("sort_two", LEFT_FIRST) * mask

    assert np.array_equal(heard, CODE.vector("sort_two", {"bin": "left", "other_bin": "right"}))
    assert mask.sum() == CODE.width - 3 * 4


@pytest.mark.parametrize("chosen", [True, False])
def test_a_sentence_of_one_half_is_said_as_a_second_one_on_demand(chosen):
    codes = np.stack([CODE.vector("place_in_bin", {"colour": "green", "bin": "right"})] * 2)
    said = Halves(CODE).moved(codes, np.array([chosen, False]))

    second = CODE.vector("place_in_bin", {"other": "green", "other_bin": "right"})
    assert np.array_equal(said[0], second if chosen else codes[1])
    assert np.array_equal(said[1], codes[1])


def test_the_rest_of_a_sentence_stays_where_it_is():
    codes = CODE.vector("push_to_zone", {"colour": "red", "zone": "near"})[None]

    expected = CODE.vector("push_to_zone", {"other": "red", "zone": "near"})
    assert np.array_equal(Halves(CODE).moved(codes, np.array([True]))[0], expected)


@pytest.mark.parametrize(
    ("task", "goal"), [("place_in_bin", {"colour": "red", "bin": "middle"}), ("sort_two", LEFT_FIRST)]
)
def test_what_a_second_half_cannot_say_stays_as_it_is(task, goal):
    codes = CODE.vector(task, goal)[None]

    assert np.array_equal(Halves(CODE).moved(codes, np.array([True])), codes)
