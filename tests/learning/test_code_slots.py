import numpy as np
import pytest

from sovereign_robot.learning.code_slots import Halves, motion_mask
from sovereign_robot.learning.goal_code import GoalCode

CODE = GoalCode()
LEFT_FIRST = {"colour": "red", "bin": "left", "other": "green", "other_bin": "right"}
RIGHT_FIRST = {"colour": "green", "bin": "right", "other": "red", "other_bin": "left"}


def test_what_a_trunk_hears_is_everything_but_the_colours():
    mask = motion_mask(CODE)
    heard = CODE.vector("sort_two", LEFT_FIRST) * mask

    assert np.array_equal(heard, CODE.vector("sort_two", {"bin": "left", "other_bin": "right"}))
    assert mask.sum() == CODE.width - 3 * 4


@pytest.mark.parametrize("turn", [True, False])
def test_a_sentence_of_two_halves_is_said_the_other_way_round_on_demand(turn):
    codes = np.stack([CODE.vector("sort_two", LEFT_FIRST)] * 2)
    said = Halves(CODE).exchanged(codes, np.array([turn, False]))

    assert np.array_equal(said[0], CODE.vector("sort_two", RIGHT_FIRST if turn else LEFT_FIRST))
    assert np.array_equal(said[1], codes[1])


@pytest.mark.parametrize(
    ("task", "goal"),
    [("place_in_bin", {"colour": "red", "bin": "middle"}), ("stack", {"colour": "red", "onto": "blue"})],
)
def test_a_sentence_without_a_second_half_stays_as_it_is(task, goal):
    codes = CODE.vector(task, goal)[None]

    assert np.array_equal(Halves(CODE).exchanged(codes, np.array([True])), codes)
