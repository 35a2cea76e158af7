import numpy as np

from sovereign_robot.contract.instruction import normalise
from sovereign_robot.learning.goal_code import GoalCode
from sovereign_robot.learning.lessons import Lessons, Manner, lessons
from sovereign_robot.learning.marks import MARKS, UNCLEAR, carried, marks_of
from sovereign_robot.sim.language.grammar import grammar_of
from sovereign_robot.sim.language.lexicon import COLOUR
from sovereign_robot.sim.tasks.registry import TASKS, load_task

CODE = GoalCode()


def drawn(size: int, tasks: tuple[str, ...] = tuple(TASKS), **how: object) -> Lessons:
    return lessons(np.random.default_rng(0), size, CODE, tasks, Manner(**how))


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


def test_what_is_impossible_asks_for_no_task_and_says_nothing():
    lesson = drawn(100, impossible=1.0)

    assert all(said(row) == {} for row in lesson.answers.tolist())


def test_a_mark_covers_colours_and_things_whole_and_nothing_else():
    lesson = drawn(300, ("place_in_bin",))

    for text, marks in zip(lesson.texts, lesson.marks.tolist(), strict=True):
        normal = normalise(text)
        colour = "".join(c for c, mark in zip(normal, marks, strict=False) if mark == MARKS.index("colour"))
        assert grammar_of("place_in_bin").goal_of(f"{colour} left")["colour"] in COLOUR
        assert marks[len(normal) :] == [UNCLEAR] * (len(marks) - len(normal))


def test_a_strange_colour_is_marked_like_any_other():
    lesson = drawn(100, ("turn_knob",), strange=1.0)

    for text, marks in zip(lesson.texts, lesson.marks.tolist(), strict=True):
        assert MARKS.index("colour") in marks, text


def test_the_marks_of_a_mistyped_sentence_lie_where_its_words_are():
    text, typed = "push the red cube to the left", "push the red cubee to the left"
    marks = carried(marks_of(text, {}), text, typed)

    assert [typed[i] for i in np.flatnonzero(marks == MARKS.index("colour"))] == list("red")
    assert [typed[i] for i in np.flatnonzero(marks == UNCLEAR)] == ["e"]
