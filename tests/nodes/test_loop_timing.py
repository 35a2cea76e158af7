import pytest

from sovereign_robot.nodes.loop_timing import LoopTiming


def test_periods_are_those_between_ticks():
    timing = LoopTiming()
    for steady_s in (1.0, 1.01, 1.03):
        timing.on_tick(steady_s, steady_s, None)
    assert timing.take()["tick_periods_s"] == pytest.approx([0.01, 0.02])


def test_what_was_taken_is_not_given_twice():
    timing = LoopTiming()
    timing.on_tick(1.0, 0.0, 0.05)
    timing.on_tick(1.01, 0.01, 0.06)
    timing.take()
    empty = timing.take()
    assert (empty["tick_periods_s"], empty["observation_ages_s"], empty["first_commands"]) == ([], [], [])


def test_each_observation_has_one_first_command_with_its_stamp_and_steady_time():
    timing = LoopTiming()
    for i, stamp_s in enumerate((5.0, 5.0, 5.2, 5.2)):
        now_s = 5.03 + 0.1 * i
        timing.on_tick(100.0 + i, now_s, now_s - stamp_s)
    first = timing.take()["first_commands"]
    assert [f["stamp_s"] for f in first] == pytest.approx([5.0, 5.2])
    assert [f["steady_s"] for f in first] == [100.0, 102.0]
    assert [f["age_s"] for f in first] == pytest.approx([0.03, 0.03])


def test_a_held_tick_has_a_period_but_no_age():
    timing = LoopTiming()
    timing.on_tick(1.0, 0.0, None)
    timing.on_tick(1.01, 0.01, None)
    taken = timing.take()
    assert len(taken["tick_periods_s"]) == 1
    assert taken["observation_ages_s"] == []


def test_the_pause_of_a_reset_is_no_tick_period():
    timing = LoopTiming()
    timing.on_tick(1.0, 0.0, None)
    timing.forget()
    timing.on_tick(4.0, 10.0, None)
    assert timing.take()["tick_periods_s"] == []


def test_the_time_since_the_last_tick_grows_while_the_clock_stands():
    timing = LoopTiming()
    assert timing.since_tick_s(7.0) == 0.0
    timing.on_tick(7.0, 0.0, None)
    assert timing.since_tick_s(7.5) == 0.5


def test_people_read_the_period_in_milliseconds():
    timing = LoopTiming()
    assert timing.summary() == {}
    for i in range(5):
        timing.on_tick(0.01 * i, 0.01 * i, 0.05)
    assert timing.summary()["tick period p50 ms"] == "10.00"
    assert timing.summary()["observation to command ms"] == "50"
