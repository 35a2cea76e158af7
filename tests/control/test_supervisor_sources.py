import numpy as np
import pytest

from sovereign_robot.contract.types import ActionChunk, Array
from sovereign_robot.control.supervisor import Event, Source, State
from tests.control.supervisor_bench import SO101, STEP_S, TICK_S, Bench, chunk


def leader(stamp_s: float, pose_rad: Array | None) -> ActionChunk:
    """What a leader arm sends: its pose, or that its switch was let go."""
    rows = np.empty((0, 6)) if pose_rad is None else pose_rad[None, :]
    return ActionChunk(stamp_s, STEP_S, SO101.joint_names, rows)


def lead(bench: Bench, ticks: int, pose_rad: Array) -> list:
    """Ticks while a leader arm rests at a pose and sends at the policy rate."""
    ticked = []
    for i in range(ticks):
        if i % 5 == 0:
            bench.supervisor.on_chunk(leader(bench.now_s, pose_rad), Source.TELEOP)
        ticked.append(bench.tick())
    return ticked


def test_a_person_takes_over_from_the_policy_without_a_jump_and_is_named():
    bench = Bench()
    bench.start()
    before = bench.run(10)[-1]
    assert before.source is Source.POLICY
    ticks = lead(bench, 50, before.command_rad + 0.05)
    assert {(tick.state, tick.source) for tick in ticks} == {(State.RUNNING, Source.TELEOP)}
    commands = np.array([before.command_rad, *(tick.command_rad for tick in ticks)])
    assert (np.abs(np.diff(commands, axis=0)) <= SO101.velocity_rad_s * TICK_S + 1e-12).all()
    assert commands[-1] == pytest.approx(before.command_rad + 0.05, abs=1e-3)


def test_letting_go_holds_within_one_tick_and_the_policy_waits_for_start():
    bench = Bench()
    bench.start()
    pose_rad = bench.tick().command_rad
    lead(bench, 20, pose_rad)
    bench.supervisor.on_chunk(leader(bench.now_s, None), Source.TELEOP)
    tick = bench.tick()
    assert (tick.state, tick.interventions) == (State.HOLDING, (Event.RELEASED,))
    held_rad = bench.run(30)[-1].command_rad
    bench.supervisor.on_chunk(chunk(bench.now_s))
    tick = bench.tick()
    assert tick.state is State.HOLDING
    assert tick.refusals == ("policy/action_chunk is refused while teleop/command leads",)
    assert np.array_equal(tick.command_rad, held_rad)
    before_s = bench.now_s - TICK_S
    bench.supervisor.start()
    bench.supervisor.on_chunk(chunk(before_s))
    assert "before the last stop or reset" in bench.tick().refusals[0]
    bench.supervisor.on_chunk(chunk(bench.now_s))
    assert bench.tick().state is State.RUNNING


def test_a_leader_that_is_killed_holds_the_arm_and_is_then_a_protective_stop():
    bench = Bench()
    bench.start()
    lead(bench, 20, bench.tick().command_rad)
    ticks = bench.run(60)
    states = [tick.state for tick in ticks]
    assert states.index(State.HOLDING) <= 10
    assert states.index(State.PROTECTIVE_STOP) <= 50
    assert states[-1] is State.PROTECTIVE_STOP
    assert "teleop/command has been silent for 0.5" in ticks[-1].reason


def test_a_policy_that_falls_silent_is_no_protective_stop():
    bench = Bench()
    bench.start()
    assert {tick.state for tick in bench.run(1000)} == {State.RUNNING, State.HOLDING}


def test_a_leader_far_from_the_arm_holds_it_and_says_which_joint():
    bench = Bench()
    bench.start()
    away_rad = SO101.home + 0.1
    away_rad[0] += 0.4
    ticks = lead(bench, 20, away_rad)
    assert {tick.state for tick in ticks} == {State.HOLDING}
    assert "shoulder_pan of the leader is +" in ticks[-1].reason
    assert ticks[-1].interventions == (Event.MISALIGNED,)


def test_a_second_policy_is_refused_by_name_and_counted():
    bench = Bench()
    bench.tick()
    bench.supervisor.on_chunk(chunk(bench.now_s), publisher="policy one")
    bench.supervisor.on_chunk(chunk(bench.now_s), publisher="policy two")
    tick = bench.tick()
    assert tick.state is State.RUNNING
    assert len(tick.refusals) == 1
    assert "'policy two' is refused: 'policy one' already publishes it" in tick.refusals[0]
    assert bench.supervisor.counts[Event.CHUNK_REFUSED] == 1


def test_a_replay_moves_the_arm_while_no_policy_does():
    bench = Bench()
    bench.tick()
    bench.supervisor.on_chunk(chunk(bench.now_s), Source.REPLAY)
    assert bench.tick().source is Source.REPLAY
    bench.supervisor.on_chunk(chunk(bench.now_s))
    assert bench.tick().source is Source.POLICY


def test_what_is_promised_belongs_to_whoever_leads():
    bench = Bench()
    bench.start()
    pose_rad = bench.tick().command_rad
    assert len(bench.supervisor.committed(bench.now_s, 4)) == 4
    lead(bench, 5, pose_rad)
    assert len(bench.supervisor.committed(bench.now_s, 4)) <= 1


def withdrawal(stamp_s: float) -> ActionChunk:
    return ActionChunk(stamp_s, STEP_S, SO101.joint_names, np.empty((0, 6)))


def test_a_withdrawn_plan_holds_the_arm_within_one_tick_and_says_whose_it_was():
    bench = Bench()
    bench.start()
    moving = bench.run(20)
    bench.supervisor.on_chunk(withdrawal(bench.now_s))
    held = bench.run(40)
    assert {tick.state for tick in held} == {State.HOLDING}
    assert held[0].interventions == (Event.WITHDRAWN,)
    assert held[0].reason == (
        "policy/action_chunk was withdrawn by its publisher, which says why on /diagnostics"
    )
    commands = np.array([tick.command_rad for tick in (*moving[-2:], *held)])
    acceleration = np.diff(commands, 2, axis=0) / TICK_S**2
    assert (np.abs(acceleration) <= SO101.acceleration_rad_s2 * (1.0 + 1e-6)).all()
    assert np.array_equal(commands[-1], commands[-15])


def test_after_a_withdrawal_only_what_was_seen_since_moves_the_arm():
    bench = Bench()
    bench.start()
    seen_s = bench.now_s
    bench.run(10)
    bench.supervisor.on_chunk(chunk(bench.now_s))  # taken by no tick yet
    bench.supervisor.on_chunk(withdrawal(bench.now_s))
    assert bench.run(20)[-1].state is State.HOLDING
    bench.supervisor.on_chunk(chunk(seen_s + TICK_S))
    tick = bench.tick()
    assert tick.state is State.HOLDING
    assert "before the last stop or reset" in tick.refusals[0]
    bench.supervisor.on_chunk(chunk(bench.now_s))
    assert bench.tick().state is State.RUNNING


def test_a_withdrawal_ends_no_other_plan():
    bench = Bench()
    bench.start()
    bench.supervisor.on_chunk(withdrawal(bench.now_s), Source.REPLAY)
    assert bench.tick().state is State.RUNNING
    bench.supervisor.on_chunk(withdrawal(bench.now_s), publisher="/second")
    tick = bench.tick()
    assert tick.state is State.RUNNING
    assert "policy/action_chunk of '/second' is refused" in tick.refusals[0]


def test_a_replay_may_follow_a_withdrawn_plan():
    bench = Bench()
    bench.start()
    bench.supervisor.on_chunk(withdrawal(bench.now_s))
    bench.tick()
    bench.supervisor.on_chunk(chunk(bench.now_s), Source.REPLAY)
    tick = bench.tick()
    assert (tick.state, tick.source) == (State.RUNNING, Source.REPLAY)


def test_a_withdrawal_before_the_first_plan_lets_in_nothing_from_before_a_new_scene():
    bench = Bench()
    bench.start()
    seen_s = bench.now_s
    bench.now_s += TICK_S
    bench.supervisor.clear_plan(bench.now_s)
    bench.supervisor.on_chunk(withdrawal(bench.now_s))
    bench.supervisor.on_chunk(chunk(seen_s))
    assert "before the last stop or reset" in bench.tick().refusals[0]
