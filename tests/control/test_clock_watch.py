import pytest

from sovereign_robot.contract.robot import load_robot
from sovereign_robot.control.clock_watch import ClockStep, ClockWatch
from sovereign_robot.control.safety_state import Event

SO101 = load_robot("so101")


@pytest.fixture
def watch() -> ClockWatch:
    watch = ClockWatch(SO101)
    watch.step(100.0, 7.0)
    return watch


def event(step: ClockStep) -> Event | None:
    return step.fault.event if step.fault else None


def test_the_first_tick_counts_as_one_control_period():
    assert ClockWatch(SO101).step(1e9, 3.0) == ClockStep(0.01, None)


@pytest.mark.parametrize("step_s", [0.001, 0.01, 0.05])
def test_time_that_both_clocks_tell_is_time_to_move_in(watch: ClockWatch, step_s: float):
    step = watch.step(100.0 + step_s, 7.0 + step_s)
    assert step.step_s == pytest.approx(step_s)
    assert step.fault is None


@pytest.mark.parametrize(
    ("now_s", "sentence"),
    [
        (3700.0, "the clock jumped forward by 3599.990 s"),
        (100.07, "the clock jumped forward by 0.060 s"),
        (99.95, "the clock jumped back by 0.060 s"),
        (-3500.0, "the clock jumped back by 3600.010 s"),
    ],
)
def test_a_difference_of_over_50_ms_is_a_jump(watch: ClockWatch, now_s: float, sentence: str):
    step = watch.step(now_s, 7.01)
    assert (event(step), step.fault.reason) == (Event.CLOCK_JUMP, sentence)
    assert step.step_s == pytest.approx(0.01)


@pytest.mark.parametrize("now_s", [100.045, 99.965])
def test_a_smaller_difference_is_none(watch: ClockWatch, now_s: float):
    assert watch.step(now_s, 7.01).fault is None


def test_a_clock_that_runs_back_a_little_gives_no_time_to_move_in(watch: ClockWatch):
    assert watch.step(99.97, 7.01) == ClockStep(0.0, None)


def test_a_clock_that_stands_still_is_told_after_three_periods_and_heals(watch: ClockWatch):
    assert watch.step(100.0, 7.03) == ClockStep(0.0, None)
    step = watch.step(100.0, 7.04)
    assert (event(step), step.step_s) == (Event.CLOCK_STOPPED, 0.0)
    assert step.fault.reason == "the clock has been standing still for 0.040 s"
    assert event(watch.step(100.0, 3607.0)) is Event.CLOCK_STOPPED
    assert watch.step(100.01, 3607.01).fault is None


def test_a_clock_that_catches_up_after_it_was_not_told_is_no_jump(watch: ClockWatch):
    watch.step(100.0, 7.045)
    assert event(watch.step(100.05, 7.05)) is None


def test_a_simulation_slower_than_real_time_is_no_fault(watch: ClockWatch):
    steps = [watch.step(100.0 + 0.01 * i, 7.0 + 1.0 * i) for i in range(1, 20)]
    assert all(step.fault is None for step in steps)


def test_a_starved_loop_is_told_and_has_no_time_to_move_in(watch: ClockWatch):
    step = watch.step(100.4, 7.4)
    assert (event(step), step.step_s) == (Event.OVERRUN, 0.0)
    assert step.fault.reason == "the last tick was 0.400 s ago, expected at most 0.050 s: starved loop"


def test_with_one_clock_a_leap_ahead_is_a_late_tick_and_running_back_a_jump():
    watch = ClockWatch(SO101)
    watch.step(100.0)
    assert event(watch.step(3700.0)) is Event.OVERRUN
    assert event(watch.step(3699.0)) is Event.CLOCK_JUMP
    assert watch.step(3699.0).fault is None


def test_after_forget_the_next_tick_is_the_first(watch: ClockWatch):
    watch.forget()
    assert watch.step(0.0, 0.0) == ClockStep(0.01, None)
