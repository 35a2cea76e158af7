import numpy as np
import pytest

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.control.supervisor import Event, State, Supervisor
from sovereign_robot.control.watches import JUMP_RAD, SCENE_RAD
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


def test_a_clock_that_jumps_again_and_again_does_not_let_a_sagging_arm_sink():
    bench = Bench(start_s=50.0)
    bench.start()
    bench.run(20)
    rests_rad = bench.run(40)[-1].command_rad
    bench.tick(-50.0, steady_step_s=TICK_S)
    rests_rad = bench.run(40)[-1].command_rad
    for i in range(100):
        bench.measured_rad = rests_rad - 0.004 * min(i, 5)
        tick = bench.tick(50.0 if i % 2 else -50.0, steady_step_s=TICK_S)
        assert tick.state is not State.RUNNING
        assert np.array_equal(tick.command_rad, rests_rad)


def test_an_arm_that_was_put_elsewhere_while_the_clock_jumped_gets_no_command_until_a_person_resets():
    bench = Bench(start_s=50.0)
    bench.start()
    bench.measured_rad = SO101.home.copy()
    bench.measured_rad[0] += JUMP_RAD + 0.3
    assert bench.tick(-40.0, steady_step_s=TICK_S).command_rad is not None
    ticks = bench.run(5)
    assert all(tick.command_rad is None for tick in ticks)
    assert ticks[-1].state is State.HOLDING
    bench.supervisor.reset()
    assert bench.tick().command_rad == pytest.approx(bench.measured_rad)


@pytest.mark.parametrize("away_rad", [0.5 * SCENE_RAD, 2.0 * SCENE_RAD])
def test_a_new_scene_begins_where_the_arm_is_unless_it_never_left(away_rad: float):
    bench = Bench()
    rests_rad = bench.tick().command_rad
    bench.now_s += 10.0
    bench.supervisor.begin_scene(bench.now_s)
    bench.measured_rad = rests_rad + away_rad
    tick = bench.tick()
    assert (tick.state, tick.reason) == (State.READY, "waiting for policy/action_chunk")
    assert np.array_equal(tick.command_rad, rests_rad if away_rad < SCENE_RAD else bench.measured_rad)


def test_a_new_scene_takes_no_plan_from_before_it():
    bench = Bench()
    bench.start()
    seen_s = bench.now_s
    bench.now_s += 10.0
    bench.supervisor.begin_scene(bench.now_s)
    bench.supervisor.on_chunk(chunk(seen_s))
    tick = bench.tick()
    assert tick.state is State.READY
    assert "before the last stop or reset" in tick.refusals[0]
