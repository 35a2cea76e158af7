import numpy as np
import pytest

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.control.supervisor import Event, State, Supervisor
from tests.control.supervisor_bench import (
    SO101,
    TICK_S,
    Bench,
    chunk,
    joints,
)


@pytest.mark.parametrize(
    ("step_s", "sentence"),
    [
        (-3600.0, "the clock jumped back by 3600.010 s; call safety/reset, then safety/start"),
        (-0.05, "the clock jumped back by 0.060 s; call safety/reset, then safety/start"),
        (0.07, "the clock jumped forward by 0.060 s; call safety/reset, then safety/start"),
        (3600.0, "the clock jumped forward by 3599.990 s; call safety/reset, then safety/start"),
    ],
)
def test_a_clock_jump_drops_the_plan_and_holds_until_a_person_starts_again(step_s: float, sentence: str):
    bench = Bench(start_s=4000.0)
    bench.start()
    jumped = bench.tick(step_s, steady_step_s=TICK_S)
    assert (jumped.state, jumped.reason) == (State.HOLDING, sentence)
    assert jumped.interventions == (Event.CLOCK_JUMP,)
    rests = bench.run(20)[-1]
    bench.supervisor.on_chunk(chunk(bench.now_s))
    held = bench.tick()
    assert (held.state, held.reason) == (State.HOLDING, sentence)
    assert held.refusals == (f"action chunk refused: {sentence}",)
    assert np.array_equal(held.command_rad, rests.command_rad)
    bench.supervisor.reset()
    bench.supervisor.start()
    assert bench.tick().state is State.READY
    bench.supervisor.on_chunk(chunk(bench.now_s))
    assert bench.tick().state is State.RUNNING


def test_a_clock_that_is_set_by_little_is_no_fault():
    bench = Bench()
    bench.start()
    assert bench.tick(0.05, steady_step_s=TICK_S).state is State.RUNNING
    assert bench.tick(-0.02, steady_step_s=TICK_S).state is State.RUNNING


def test_chunks_from_before_a_clock_jump_are_refused():
    bench = Bench()
    bench.start()
    bench.tick(0.6, steady_step_s=TICK_S)
    before_s = bench.now_s - 0.1
    bench.run(20)
    bench.supervisor.reset()
    bench.supervisor.start()
    bench.supervisor.on_chunk(chunk(before_s))
    tick = bench.tick()
    assert tick.state is State.READY
    assert "before the last stop or reset" in tick.refusals[0]


def test_joints_from_before_a_clock_jump_do_not_count_as_fresh():
    bench = Bench()
    bench.start()
    bench.tick(-0.06, steady_step_s=TICK_S)
    bench.tick(measured=False)
    with pytest.raises(CommandError, match="the hold stays latched: joint_states has not been received"):
        bench.supervisor.reset()


def test_a_tick_at_the_same_time_repeats_the_command():
    bench = Bench()
    bench.start()
    before = bench.tick()
    again = bench.supervisor.tick(bench.now_s)
    assert again.state is State.RUNNING
    assert np.array_equal(again.command_rad, before.command_rad)


def test_a_late_tick_makes_no_late_jump():
    bench = Bench()
    bench.start()
    before = bench.tick()
    late = bench.tick(0.4)
    assert (
        np.abs(late.command_rad - before.command_rad).max()
        <= SO101.velocity_rad_s.max() * 2.0 * TICK_S + 1e-12
    )


@pytest.mark.parametrize("now_s", [float("nan"), float("inf")])
def test_a_clock_that_is_not_finite_is_refused(now_s: float):
    with pytest.raises(CommandError, match="expected a finite time"):
        Supervisor(SO101).tick(now_s)


def test_clear_plan_forgets_the_scene_and_refuses_what_was_seen_before():
    bench = Bench()
    bench.start()
    seen_s = bench.now_s
    bench.now_s += TICK_S
    bench.supervisor.clear_plan(bench.now_s)
    bench.supervisor.on_joint_state(joints(seen_s))
    bench.supervisor.on_chunk(chunk(seen_s))
    tick = bench.supervisor.tick(bench.now_s)
    assert (tick.state, tick.command_rad) == (State.INIT, None)
    assert "before the last stop or reset" in tick.refusals[0]
    bench.measured_rad = SO101.home + 0.1
    ready = bench.tick()
    assert ready.state is State.READY
    assert np.array_equal(ready.command_rad, SO101.home + 0.1)


def test_clear_plan_without_a_time_follows_a_clock_that_starts_anew():
    bench = Bench(start_s=20.0)
    bench.start()
    bench.supervisor.clear_plan()
    bench.now_s = 0.0
    bench.supervisor.on_joint_state(joints(0.0))
    bench.supervisor.on_chunk(chunk(0.0))
    assert bench.supervisor.tick(0.0).state is State.RUNNING
