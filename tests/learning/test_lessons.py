import numpy as np

from sovereign_robot.learning.goal_code import GoalCode
from sovereign_robot.learning.lessons import Lessons, lessons
from sovereign_robot.sim.tasks.registry import TASKS, load_task

CODE = GoalCode()


def drawn(size: int, tasks: tuple[str, ...] = tuple(TASKS), **how: object) -> Lessons:
    return lessons(np.random.default_rng(0), size, CODE, tasks, **how)


def said(row: list[int]) -> dict[str, str]:
    groups = list(CODE.groups.items())
    return {slot: values[n] for (slot, values), n in zip(groups, row, strict=True) if n < len(values)}


def test_training_never_says_a_pair_of_values_that_is_held_out():
    for row in drawn(3000).answers.tolist():
        goal = said(row)
        task = load_task(goal.pop("task"))
        if len(goal) == len(task.slots):
            assert not task.is_held_out(goal)


def test_a_strange_word_is_something_else_and_never_a_value():
    lesson = drawn(200, ("place_in_bin",), strange=1.0)

    for text, row in zip(lesson.texts, lesson.answers.tolist(), strict=True):
        groups = dict(zip(CODE.groups, row, strict=True))
        strange = {slot for slot, n in groups.items() if n == len(CODE.groups[slot]) + 1}
        assert strange
        assert strange <= {"colour", "bin"}, text


def test_a_button_may_be_named_by_colour_or_by_place_alone():
    rows = [said(row) for row in drawn(200, ("press_button",)).answers.tolist()]

    assert {frozenset(row) - {"task"} for row in rows} == {
        frozenset({"colour"}),
        frozenset({"place"}),
        frozenset({"colour", "place"}),
    }


def test_a_slip_changes_what_is_typed_and_not_what_is_meant():
    plain, slipped = drawn(20), drawn(20, slip=lambda rng, text: text + "x")

    assert plain.texts == slipped.texts
    assert not (plain.ids == slipped.ids).all()
    assert (plain.answers == slipped.answers).all()
