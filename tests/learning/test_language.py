import numpy as np
import pytest
import torch

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.learning.goal_code import GoalCode
from sovereign_robot.learning.language import taught_encoder, teach_words
from sovereign_robot.learning.text_encoder import GoalTextEncoder
from sovereign_robot.policy.text import token_ids

FEW = ("press_button", "turn_knob")


def taught(steps: int, *tasks: str) -> float:
    torch.manual_seed(0)
    return teach_words(GoalTextEncoder(), 0, steps, tasks or FEW)


def test_steps_teach_which_task_is_meant_and_what_is_said_of_its_slots():
    assert taught(0) < 0.1
    assert taught(150) > 0.5


def test_what_is_taught_is_read_from_the_code():
    encoder, code = taught_encoder(0, 200, FEW), GoalCode()

    with torch.no_grad():
        said = encoder(torch.from_numpy(token_ids("turn the red knob to the left")))[0].numpy()

    meant = code.vector("turn_knob", {"colour": "red", "way": "left"})
    assert np.array_equal(said > 0.5, meant > 0.5)


def test_the_same_seed_teaches_the_same_weights():
    one, other = taught_encoder(0, 2, FEW), taught_encoder(0, 2, FEW)

    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)


def test_teaching_leaves_the_random_numbers_of_others_alone():
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    taught_encoder(0, 1, FEW)

    assert torch.equal(torch.rand(1), expected)


def test_a_task_that_does_not_exist_is_refused():
    with pytest.raises(UsageError, match="task 'juggle' is not known"):
        taught(0, "juggle")
