import torch

from sovereign_robot.learning.language import teach_words
from sovereign_robot.learning.student import TextEncoder

WIDTH = 96


def taught(steps: int) -> tuple[TextEncoder, float]:
    torch.manual_seed(0)
    encoder = TextEncoder(WIDTH)
    return encoder, teach_words(encoder, WIDTH, 0, steps)


def test_a_few_steps_teach_colour_and_bin_in_both_languages():
    _, guessed = taught(0)
    _, right = taught(40)

    assert guessed < 0.5
    assert right > 0.9


def test_the_same_seed_teaches_the_same_weights():
    (one, _), (other, _) = taught(2), taught(2)

    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)
