import numpy as np
import pytest

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.control.supervisor import State
from tests.control.supervisor_bench import (
    SO101,
    TICK_S,
    Bench,
    chunk,
    contract_that_stops_by,
)


def test_an_emergency_stop_latches_and_keeps_its_first_reason():
    bench = Bench()
    bench.start()
    before = bench.tick()
    bench.supervisor.estop("operator pressed stop")
    bench.supervisor.estop("second reason")
    for _ in range(5):
        bench.supervisor.on_chunk(chunk(bench.now_s))
        tick = bench.tick()
        assert (tick.state, tick.reason) == (State.ESTOP, "operator pressed stop")
        assert tick.refusals == ("action chunk refused during an emergency stop: operator pressed stop",)
    rests = bench.run(20)
    assert all(np.array_equal(tick.command_rad, rests[0].command_rad) for tick in rests)
    assert np.abs(rests[0].command_rad - before.command_rad).max() < 0.05
    assert len(bench.supervisor.committed(bench.now_s, 4)) == 0


def test_reset_leads_to_ready_where_the_arm_is_and_only_start_lets_new_chunks_move_it():
    bench = Bench()
    bench.start()
    bench.supervisor.estop("test")
    bench.run(20)
    before_s = bench.now_s - TICK_S
    bench.measured_rad = SO101.home + 0.1
    bench.tick()
    bench.supervisor.reset()
    bench.supervisor.on_chunk(chunk(before_s))
    tick = bench.tick()
    assert (tick.state, tick.reason) == (State.READY, "waiting for safety/start")
    assert np.array_equal(tick.command_rad, SO101.home + 0.1)
    assert tick.refusals == ("action chunk refused until safety/start is called",)
    bench.supervisor.start()
    bench.supervisor.on_chunk(chunk(before_s))
    assert "before the last stop or reset" in bench.tick().refusals[0]
    bench.supervisor.on_chunk(chunk(bench.now_s))
    assert bench.tick().state is State.RUNNING


def test_reset_is_refused_while_joints_are_stale():
    bench = Bench()
    bench.start()
    bench.supervisor.estop("test")
    for _ in range(10):
        bench.tick(measured=False)
    with pytest.raises(CommandError, match=r"stays latched: joint_states is 0\.100 s old"):
        bench.supervisor.reset()
    assert bench.supervisor.state is State.ESTOP


def test_reset_without_a_stop_is_refused_and_changes_nothing():
    bench = Bench()
    bench.start()
    with pytest.raises(CommandError, match="reset is refused in running"):
        bench.supervisor.reset()
    assert bench.tick().state is State.RUNNING


def test_an_arm_that_stops_limp_gets_no_command():
    bench = Bench(contract_that_stops_by("limp"))
    bench.start()
    bench.supervisor.estop("test")
    assert bench.tick().command_rad is None


def test_an_arm_that_parks_goes_home_within_its_limits_and_is_then_released():
    bench = Bench(contract_that_stops_by("park_then_release"))
    bench.measured_rad = SO101.home + 0.3
    before = bench.tick().command_rad
    bench.supervisor.estop("test")
    commands = [tick.command_rad for tick in bench.run(40)]
    parked = [command for command in commands if command is not None]
    for command in parked:
        assert (np.abs(command - before) <= SO101.velocity_rad_s * TICK_S + 1e-12).all()
        before = command
    assert len(parked) < 40
    assert np.abs(parked[-1] - SO101.home).max() <= SO101.velocity_rad_s.max() * TICK_S
    assert commands[len(parked) :] == [None] * (40 - len(parked))


def test_clear_plan_does_not_lift_an_emergency_stop():
    bench = Bench()
    bench.start()
    bench.supervisor.estop("test")
    bench.supervisor.clear_plan(bench.now_s)
    assert bench.tick().state is State.ESTOP
