import json
from pathlib import Path

import numpy as np
import pytest

from sovereign_robot.contract.errors import ObservationError
from sovereign_robot.contract.fakes import FakeRobot, ManualClock, ScriptedPolicy, example_observation
from sovereign_robot.contract.types import ActionChunk
from sovereign_robot.control.supervisor import Event, State, Supervisor
from tests.control.supervisor_bench import (
    ROWS,
    SO101,
    STEP_S,
    TICK_S,
    Bench,
    chunk,
    joints,
    wave,
)


def test_before_any_joint_state_nothing_is_commanded():
    tick = Supervisor(SO101).tick(0.0)
    assert tick.command_rad is None
    assert (tick.state, tick.reason) == (State.INIT, "joint_states has not been received")


def test_a_chunk_before_any_joint_state_moves_nothing():
    supervisor = Supervisor(SO101)
    supervisor.on_chunk(chunk(0.0))
    assert supervisor.tick(0.0).command_rad is None


def test_with_fresh_joints_and_no_plan_the_arm_is_held_where_it_is():
    bench = Bench()
    bench.measured_rad = SO101.home + 0.1
    tick = bench.tick()
    assert (tick.state, tick.reason) == (State.READY, "waiting for policy/action_chunk")
    assert np.array_equal(tick.command_rad, SO101.home + 0.1)
    bench.measured_rad = SO101.home + 0.2
    assert np.array_equal(bench.tick().command_rad, SO101.home + 0.1)


def test_an_arm_that_rests_just_outside_its_limits_is_held_at_the_limit():
    bench = Bench()
    bench.measured_rad = SO101.upper_rad + 0.02
    assert np.array_equal(bench.tick().command_rad, SO101.upper_rad)


def test_a_chunk_is_played_by_its_stamps():
    bench = Bench()
    bench.tick()
    start_s = bench.now_s
    bench.supervisor.on_chunk(chunk(start_s))
    for i in range(1, 60):
        tick = bench.tick()
        assert tick.state is State.RUNNING
        assert tick.reason == ""
        assert tick.observation_age_s == pytest.approx(i * TICK_S)
        assert tick.interventions == ()
        if i > 20:  # from rest into the motion
            assert tick.command_rad == pytest.approx(wave(start_s + i * TICK_S), abs=2e-3)


def test_a_perfect_policy_is_followed_in_closed_loop():
    clock = ManualClock()
    robot, supervisor = FakeRobot(SO101, clock), Supervisor(SO101)
    policy = ScriptedPolicy(SO101, wave, ROWS)
    supervisor.on_joint_state(robot.read())
    supervisor.tick(clock.now_s())
    for i in range(400):
        supervisor.on_joint_state(robot.read())
        now_s = clock.now_s()
        if i % 20 == 0:
            promised = supervisor.committed(now_s, policy.max_committed)
            assert len(promised) == (0 if i == 0 else 4)
            supervisor.on_chunk(policy.predict(example_observation(SO101, now_s), promised))
        tick = supervisor.tick(now_s)
        if i > 20:  # from rest into the motion
            assert tick.command_rad == pytest.approx(wave(now_s), abs=2e-3)
        robot.command(tick.command_rad)
        clock.advance(TICK_S)
    assert sum(supervisor.counts.values()) == 0


def test_a_command_passes_the_safety_filter():
    bench = Bench()
    bench.tick()
    bench.supervisor.on_chunk(chunk(bench.now_s, offset_rad=5.0))
    before = SO101.home
    for tick in bench.run(40):
        assert (np.abs(tick.command_rad - before) <= SO101.velocity_rad_s * TICK_S + 1e-12).all()
        assert (tick.command_rad <= SO101.upper_rad).all()
        before = tick.command_rad
    assert "tool_speed" in bench.supervisor.counts  # the player keeps the plan inside the joint ranges


def test_stale_joints_hold_the_arm_and_name_stream_and_age():
    bench = Bench()
    bench.start()
    last = bench.tick()
    for _ in range(3):
        assert bench.tick(measured=False).state is State.RUNNING
    held = bench.tick(measured=False)
    assert held.state is State.HOLDING
    assert held.reason == "joint_states is 0.040 s old, expected at most 0.030 s"
    assert held.interventions == (Event.STALE,)
    assert held.observation_age_s is None
    assert np.abs(held.command_rad - last.command_rad).max() < 0.05


def test_while_held_the_arm_comes_to_rest_within_its_limits_and_stays():
    bench = Bench()
    bench.start()
    held = [bench.tick(measured=False) for _ in range(40)]
    velocity = np.diff([t.command_rad for t in held], axis=0) / TICK_S
    acceleration = np.diff(velocity, axis=0) / TICK_S
    assert (np.abs(acceleration) <= SO101.acceleration_rad_s2 * (1.0 + 1e-6)).all()
    assert all(np.array_equal(t.command_rad, held[-1].command_rad) for t in held[25:])


def test_after_a_stale_hold_the_arm_goes_on_without_a_jump():
    bench = Bench()
    bench.start()
    held = [bench.tick(measured=False) for _ in range(20)][-1]
    resumed = bench.run(45)
    assert all(t.state is State.RUNNING for t in resumed)
    assert np.abs(resumed[0].command_rad - held.command_rad).max() <= SO101.velocity_rad_s.max() * TICK_S
    assert resumed[-1].command_rad == pytest.approx(wave(bench.now_s), abs=2e-3)


def test_a_plan_that_runs_out_holds_the_arm_and_says_how_old_it_is():
    bench = Bench()
    bench.start()
    last = bench.run(79)[-1]
    assert last.state is State.RUNNING
    held = bench.run(2)[-1]
    assert held.state is State.HOLDING
    assert held.interventions == (Event.STARVED,)
    assert held.reason == (
        "policy/action_chunk ran out: its newest observation is 0.820 s old and reaches 0.800 s; that came "
        "0.010 s after its observation, and the next must come before 0.800 s"
    )
    assert held.command_rad == pytest.approx(last.command_rad, abs=0.01)


def test_a_policy_that_comes_back_continues_from_the_held_command():
    bench = Bench()
    bench.start()
    held = bench.run(200)[-1]
    bench.supervisor.on_chunk(chunk(bench.now_s))
    resumed = bench.run(60)
    assert resumed[0].state is State.RUNNING
    assert np.abs(resumed[0].command_rad - held.command_rad).max() <= SO101.velocity_rad_s.max() * TICK_S
    assert resumed[-1].command_rad == pytest.approx(wave(bench.now_s), abs=2e-3)


def test_nothing_is_committed_while_the_arm_is_held():
    bench = Bench()
    bench.start()
    assert len(bench.supervisor.committed(bench.now_s, 4)) == 4
    for _ in range(6):
        bench.tick(measured=False)
    assert len(bench.supervisor.committed(bench.now_s, 4)) == 0


def test_a_bad_chunk_is_refused_counted_and_the_plan_goes_on():
    bench = Bench()
    bench.start()
    broken = chunk(bench.now_s)
    broken.position_rad[2, 1] = np.nan
    bench.supervisor.on_chunk(broken)
    tick = bench.tick()
    assert tick.state is State.RUNNING
    assert tick.refusals == ("action chunk row 2 of joint shoulder_lift is not finite",)
    assert bench.supervisor.counts[Event.CHUNK_REFUSED] == 1
    assert bench.tick().refusals == ()


def test_a_flood_of_bad_chunks_keeps_the_work_of_a_tick_bounded():
    bench = Bench()
    bench.start()
    for _ in range(1000):
        bench.supervisor.on_chunk(ActionChunk(0.0, 2.0 * STEP_S, SO101.joint_names, np.zeros((1, 6))))
    assert len(bench.tick().refusals) == 8


def test_a_bad_joint_state_is_refused_counted_and_leads_to_a_hold():
    bench = Bench()
    bench.start()
    for _ in range(4):
        with pytest.raises(ObservationError, match="shoulder_pan is at nan rad"):
            bench.supervisor.on_joint_state(joints(bench.now_s + TICK_S, np.full(6, np.nan)))
        tick = bench.tick(measured=False)
    assert tick.state is State.HOLDING
    assert "joint_states is 0.040 s old" in tick.reason
    assert bench.supervisor.counts[Event.JOINT_STATE_REFUSED] == 4


def test_commands_cannot_be_changed_behind_the_supervisors_back():
    bench = Bench()
    bench.start()
    with pytest.raises(ValueError, match="read-only"):
        bench.tick().command_rad[0] = 1.0


def test_states_and_counts_are_plain_text_for_a_message():
    bench = Bench()
    bench.start()
    bench.run(100)
    message = json.dumps({"state": bench.supervisor.state, "counts": dict(bench.supervisor.counts)})
    assert json.loads(message)["state"] == "holding"
    assert json.loads(message)["counts"]["starved"] > 0


def test_no_clock_is_read_in_control():
    folder = Path(__file__).resolve().parents[2] / "sovereign_robot" / "control"
    for file in folder.glob("*.py"):
        assert "import time" not in file.read_text(encoding="utf-8")
