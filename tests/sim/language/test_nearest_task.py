import numpy as np
import pytest

from sovereign_robot.contract.errors import InstructionError
from sovereign_robot.sim.language.grammar import LANGUAGES, grammar_of
from sovereign_robot.sim.language.nearest_task import nearest_task
from sovereign_robot.sim.tasks.registry import TASKS


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("put the red cube in the left bin", "place_in_bin"),
        ("赤いキューブを左の箱に入れて", "place_in_bin"),
        ("pick up the green disc", "lift"),
        ("青いボタンを押して", "press_button"),
        ("push the blue button!", "press_button"),
    ],
)
def test_a_sentence_means_the_task_with_the_sentences_most_like_it(text, task):
    assert nearest_task(text, tuple(TASKS)) == task


def test_nearly_every_sentence_of_every_task_means_that_task():
    rng = np.random.default_rng(3)
    right = []
    for task in TASKS:
        goals = grammar_of(task).goals()
        for i in range(6):
            goal = goals[int(rng.integers(len(goals)))]
            text = grammar_of(task).sentence(rng, LANGUAGES[i % 2], goal, held_out=i % 3 == 0)
            right.append(nearest_task(text, tuple(TASKS)) == task)
    assert np.mean(right) > 0.85


def test_only_the_given_tasks_are_meant():
    assert nearest_task("put the red cube in the left bin", ("lift", "reach")) in ("lift", "reach")


def test_a_sentence_that_names_nothing_is_refused():
    with pytest.raises(InstructionError, match="'make coffee' names none of what there is"):
        nearest_task("make coffee", tuple(TASKS))
