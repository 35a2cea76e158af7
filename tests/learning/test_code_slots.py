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


GREEN_RIGHT = {"colour": "green", "bin": "right"}
SECOND, FIRST, WHOLE = 0.1, 0.5, 0.9  # draws


def said(task: str, goal: dict[str, str], draw: float) -> np.ndarray:
    return Halves(CODE).in_part(CODE.vector(task, goal)[None], np.array([draw]))[0]


@pytest.mark.parametrize(
    ("draw", "task", "part"),
    [
        (SECOND, "sort_two", {"other": "green", "other_bin": "right"}),
        (FIRST, "sort_two", GREEN_RIGHT),
        (WHOLE, "place_in_bin", GREEN_RIGHT),
    ],
)
def test_one_cube_and_its_bin_are_said_as_either_half_of_two(draw, task, part):
    assert np.array_equal(said("place_in_bin", GREEN_RIGHT, draw), CODE.vector(task, part))


def test_what_is_said_of_no_bin_goes_to_the_second_slots_alone():
    goal = {"colour": "red", "zone": "near"}
    second = CODE.vector("push_to_zone", {"other": "red", "zone": "near"})

    assert np.array_equal(said("push_to_zone", goal, SECOND), second)
    assert np.array_equal(said("push_to_zone", goal, FIRST), CODE.vector("push_to_zone", goal))


@pytest.mark.parametrize(
    ("task", "goal"), [("place_in_bin", {"colour": "red", "bin": "middle"}), ("sort_two", LEFT_FIRST)]
)
def test_what_a_second_half_cannot_say_stays_where_it_is(task, goal):
    assert np.array_equal(said(task, goal, SECOND), CODE.vector(task, goal))


def test_each_sentence_of_a_batch_is_said_by_its_own_draw():
    codes = np.stack([CODE.vector("place_in_bin", GREEN_RIGHT)] * 2)
    both = Halves(CODE).in_part(codes, np.array([WHOLE, FIRST]))

    assert np.array_equal(both[0], codes[0])
    assert np.array_equal(both[1], CODE.vector("sort_two", GREEN_RIGHT))
