import pytest

from sovereign_robot.control.stop_lines import LOST_S, StopLines

LATER_S = LOST_S + 0.01


def test_a_key_is_pressed_once_and_is_no_line():
    lines = StopLines()
    assert lines.hear(1, "key", True, 0.0).line == ""
    assert lines.lost(100.0) == ()


def test_who_said_that_all_is_well_must_go_on_saying_so():
    lines = StopLines()
    assert lines.hear(1, "button", False, 0.0).line == "button"
    assert lines.lost(LOST_S) == ()
    assert lines.lost(LATER_S) == ("button",)
    lines.hear(1, "button", False, 1.0)
    assert lines.lost(0.99 + LOST_S) == ()


def test_a_line_that_is_open_is_still_a_line():
    lines = StopLines()
    lines.hear(1, "button", False, 0.0)
    assert lines.hear(1, "button", True, 0.1).line == "button"
    assert lines.lost(0.1 + LATER_S) == ("button",)


def test_a_node_that_was_started_again_takes_the_place_of_its_silent_line_once_it_is_closed():
    lines = StopLines()
    lines.hear(1, "button", False, 0.0)
    assert lines.lost(LATER_S) == ("button",)
    assert lines.hear(2, "button #2", True, 1.0) == ("", ())
    assert lines.lost(1.0) == ("button",)
    assert lines.hear(2, "button #2", False, 1.1) == ("button #2", ("button",))
    assert lines.lost(1.2) == ()


def test_a_line_is_never_replaced_before_its_silence_was_told():
    lines = StopLines()
    lines.hear(1, "button", False, 0.0)
    assert lines.hear(2, "button #2", False, LATER_S).replaces == ()
    assert lines.lost(LATER_S) == ("button",)
    assert lines.hear(2, "button #2", False, LATER_S + 0.02).replaces == ("button",)


@pytest.mark.parametrize(("name", "since_s"), [("lever", 1.0), ("button #2", 0.0)], ids=["other", "older"])
def test_another_node_and_a_line_that_was_there_before_replace_nothing(name: str, since_s: float):
    lines = StopLines()
    lines.hear(2, name, False, since_s)
    lines.hear(1, "button", False, 0.1)
    assert "button" in lines.lost(0.1 + LATER_S)
    assert lines.hear(2, name, False, 1.0).replaces == ()
    assert "button" in lines.lost(1.0)


def test_a_line_whose_name_was_not_known_at_first_is_replaced_by_the_name_known_since():
    lines = StopLines()
    lines.hear(1, "publisher 0a", False, 0.0)
    lines.hear(1, "button", False, 0.1)
    assert lines.lost(0.1 + LATER_S) == ("publisher 0a",)
    assert lines.hear(2, "button #2", False, 1.0) == ("button #2", ("publisher 0a",))
