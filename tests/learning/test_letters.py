import numpy as np
import torch

from sovereign_robot.learning.letters import KnownLetters
from sovereign_robot.policy.text import token_ids

TAUGHT = ("press the red button", "赤いボタンを押して")


def new_letters(text: str) -> tuple[int, int]:
    """How many pairs and triples of letters are new."""
    letters = KnownLetters()
    letters.teach(torch.from_numpy(np.concatenate([token_ids(one) for one in TAUGHT])))
    pairs, triples = letters(torch.from_numpy(token_ids(text)))[0]
    return int(pairs.sum()), int(triples.sum())


def test_nothing_is_new_in_words_that_were_taught_in_whatever_order():
    assert new_letters("the red button press") == (0, 0)
    assert new_letters("ボタンを押して") == (0, 0)


def test_a_slip_makes_a_few_new_triples_and_an_unknown_word_a_run_of_them():
    _, slip = new_letters("press the red buttn")
    _, unknown = new_letters("press the silver button")

    assert 0 < slip <= 2
    assert unknown >= 4


def test_the_first_and_the_last_letters_of_two_words_are_no_pair():
    assert new_letters("red red") == (0, 0)


def test_what_is_known_is_part_of_the_weights():
    letters, other = KnownLetters(), KnownLetters()
    letters.teach(torch.from_numpy(token_ids("red")))
    other.load_state_dict(letters.state_dict())

    assert int(other.known.sum()) == 3
