from sovereign_robot.control.stop_lines import LOST_S, StopLines


def test_a_key_is_pressed_once_and_is_no_line():
    lines = StopLines()
    assert not lines.hear("key", True, 0.0)
    assert lines.lost(100.0) == ()


def test_who_said_that_all_is_well_must_go_on_saying_so():
    lines = StopLines()
    assert lines.hear("button", False, 0.0)
    assert lines.lost(LOST_S) == ()
    assert lines.lost(LOST_S + 0.01) == ("button",)
    lines.hear("button", False, 1.0)
    assert lines.lost(0.99 + LOST_S) == ()


def test_a_line_that_is_open_is_still_a_line():
    lines = StopLines()
    lines.hear("button", False, 0.0)
    assert lines.hear("button", True, 0.1)
    assert lines.lost(0.1 + LOST_S + 0.01) == ("button",)
