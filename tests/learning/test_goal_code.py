from sovereign_robot.learning.goal_code import TASK, GoalCode


def test_a_slot_of_one_name_is_one_group_in_every_task():
    code = GoalCode(("lift", "bring_to_tray"))

    assert code.groups == {
        TASK: ("lift", "bring_to_tray"),
        "colour": ("red", "blue", "green", "yellow"),
        "kind": ("cube", "disc", "tower", "medicine", "cup", "bottle"),
        "tray": ("left", "right"),
    }
    assert code.width == 14


def test_what_is_said_is_one_and_everything_else_is_zero():
    code = GoalCode(("press_button", "place_in_bin"))

    vector = code.vector("place_in_bin", {"colour": "green", "bin": "left"})

    assert vector.sum() == 3.0
    assert [name for name, entry in zip(_names(code), vector, strict=True) if entry] == [
        "task place_in_bin",
        "colour green",
        "bin left",
    ]


def test_a_slot_that_is_not_said_has_the_answer_after_its_last_value():
    code = GoalCode(("press_button", "place_in_bin"))

    assert code.answers("press_button", {"place": "right"}) == [0, 4, 2, 3]


def _names(code: GoalCode) -> list[str]:
    return [f"{slot} {value}" for slot, values in code.groups.items() for value in values]
