import pytest
import torch

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.learning.language import teach_words
from sovereign_robot.learning.student import TextEncoder

WIDTH = 96


def taught(steps: int, *tasks: str) -> tuple[TextEncoder, float]:
    torch.manual_seed(0)
    encoder = TextEncoder(WIDTH)
    return encoder, teach_words(encoder, WIDTH, 0, steps, tasks or ("place_in_bin",))


def test_a_few_steps_teach_colour_and_bin_in_both_languages():
    _, guessed = taught(0)
    _, right = taught(40)

    assert guessed < 0.5
    assert right > 0.9


def test_a_few_steps_teach_which_task_is_meant_and_what_is_said_of_its_slots():
    _, guessed = taught(0, "press_button", "turn_knob")
    _, right = taught(40, "press_button", "turn_knob")

    assert guessed < 0.5
    assert right > 0.8


def test_the_same_seed_teaches_the_same_weights():
    (one, _), (other, _) = taught(2), taught(2)

    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)


def test_a_task_that_does_not_exist_is_refused():
    with pytest.raises(UsageError, match="task 'juggle' is not known"):
        taught(0, "juggle")
