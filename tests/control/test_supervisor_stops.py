import numpy as np
import pytest

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.control.supervisor import Event, RequiredNode, State
from tests.control.supervisor_bench import SO101, TICK_S, Bench, chunk, contract_that_stops_by, joints

DRIVER = RequiredNode("arm_driver", 0.3, State.PROTECTIVE_STOP)
POLICY = RequiredNode("policy_node", 0.3)


def running() -> Bench:
    bench = Bench()
    bench.start()
    bench.run(20)
    return bench


def test_joints_that_are_missing_for_too_long_are_a_protective_stop():
    bench = running()
    ticks = [bench.tick(measured=False) for _ in range(21)]
    assert ticks[19].state is State.HOLDING
    assert ticks[20].state is State.PROTECTIVE_STOP
    assert ticks[20].reason == "joint_states is 0.210 s old, expected at most 0.030 s"
    assert ticks[20].interventions == (Event.PROTECTIVE_STOP,)
    assert ticks[20].stop_category == 2
    assert bench.run(5)[-1].state is State.PROTECTIVE_STOP
    bench.supervisor.reset()
    bench.supervisor.start()
    bench.supervisor.on_chunk(chunk(bench.now_s))
    assert bench.tick().state is State.RUNNING


def test_joints_from_the_future_are_a_protective_stop_when_no_true_ones_come():
    bench = running()
    for _ in range(25):
        bench.supervisor.on_joint_state(joints(bench.now_s + 1.0))
        tick = bench.tick(measured=False)
    assert tick.state is State.PROTECTIVE_STOP


def test_joints_that_never_came_are_no_stop():
    bench = Bench()
    ticks = [bench.tick(measured=False) for _ in range(100)]
    assert {tick.state for tick in ticks} == {State.INIT}


@pytest.mark.parametrize("act", ["estop", "protective_stop"])
@pytest.mark.parametrize(("stop", "category"), [("limp", 0), ("park_then_release", 1), ("hold", 2)])
def test_a_stop_is_named_by_its_category_and_comes_to_rest(act: str, stop: str, category: int):
    bench = Bench(contract_that_stops_by(stop))
    bench.start()
    bench.run(20)
    getattr(bench.supervisor, act)("test")
    ticks = bench.run(400)
    assert {(tick.state, tick.reason, tick.stop_category) for tick in ticks} == {
        (State(act), "test", category)
    }
    if category < 2:
        assert ticks[-1].command_rad is None
    else:
        assert np.array_equal(ticks[-1].command_rad, ticks[100].command_rad)


def test_only_an_emergency_stop_drives_home_before_the_release():
    ends = {}
    for act in ("estop", "protective_stop"):
        bench = Bench(contract_that_stops_by("park_then_release"))
        bench.measured_rad = SO101.home + 0.3
        bench.tick()
        getattr(bench.supervisor, act)("test")
        driven = [tick.command_rad for tick in bench.run(400) if tick.command_rad is not None]
        ends[act] = np.abs((driven or [SO101.home + 0.3])[-1] - SO101.home).max()
    assert ends["estop"] < 0.01
    assert ends["protective_stop"] == pytest.approx(0.3)


def test_an_emergency_stop_after_a_protective_one_changes_the_reason():
    bench = running()
    bench.supervisor.protective_stop("contact")
    bench.supervisor.estop("button")
    assert (bench.tick().state, bench.tick().reason) == (State.ESTOP, "button")


def test_a_stop_before_joints_are_known_commands_nothing_also_when_they_come():
    bench = Bench()
    bench.supervisor.estop("test")
    assert all(tick.command_rad is None for tick in bench.run(5))
    bench.supervisor.reset()
    assert np.array_equal(bench.tick().command_rad, SO101.home)


def test_a_reset_is_refused_while_the_arm_still_moves():
    bench = running()
    bench.supervisor.estop("test")
    with pytest.raises(CommandError, match="stays latched: the arm has not come to rest yet"):
        bench.supervisor.reset()


def test_a_reset_is_refused_while_a_button_is_pressed():
    bench = running()
    bench.supervisor.on_stop_input("left button", True)
    assert bench.run(50)[-1].reason == "emergency stop left button is pressed"
    with pytest.raises(CommandError, match="left button is still pressed"):
        bench.supervisor.reset()
    bench.supervisor.on_stop_input("left button", False)
    assert bench.tick().state is State.ESTOP
    bench.supervisor.reset()
    assert bench.tick().state is State.READY


def test_a_start_is_refused_without_a_reset_and_while_running():
    bench = running()
    with pytest.raises(CommandError, match="start is refused in running; it is taken in ready, holding"):
        bench.supervisor.start()
    bench.supervisor.estop("test")
    with pytest.raises(CommandError, match="start is refused in estop"):
        bench.supervisor.start()


def test_chunks_between_reset_and_start_never_move_the_arm():
    bench = running()
    bench.supervisor.estop("test")
    bench.run(50)
    bench.supervisor.reset()
    rests_rad = bench.tick().command_rad
    for _ in range(50):
        bench.supervisor.on_chunk(chunk(bench.now_s))
        tick = bench.tick()
        assert tick.state is State.READY
        assert np.array_equal(tick.command_rad, rests_rad)
    bench.supervisor.start()
    assert bench.tick().state is State.READY


def test_a_required_node_that_was_never_heard_keeps_the_arm_in_init():
    bench = Bench(required=(POLICY,))
    bench.supervisor.on_chunk(chunk(0.0))
    tick = bench.tick()
    assert (tick.state, tick.command_rad) == (State.INIT, None)
    assert tick.reason == "no heartbeat of policy_node has been received"


def test_a_node_that_is_lost_holds_the_arm_until_it_is_back():
    bench = Bench(required=(POLICY,))
    bench.supervisor.on_heartbeat("policy_node", 0.0)
    bench.start()
    ticks = bench.run(35)
    assert ticks[-1].state is State.HOLDING
    assert ticks[-1].interventions == (Event.HEARTBEAT_LOST,)
    assert "the heartbeat of policy_node is 0.3" in ticks[-1].reason
    bench.supervisor.on_heartbeat("policy_node", bench.steady_s)
    assert bench.tick().state is State.RUNNING


def test_a_driver_that_is_lost_is_a_protective_stop_that_stays():
    bench = Bench(required=(DRIVER,))
    bench.supervisor.on_heartbeat("arm_driver", 0.0)
    bench.start()
    tick = bench.run(35)[-1]
    assert tick.state is State.PROTECTIVE_STOP
    assert "the heartbeat of arm_driver is 0.3" in tick.reason
    with pytest.raises(CommandError, match="stays latched: the heartbeat of arm_driver"):
        bench.supervisor.reset()
    bench.supervisor.on_heartbeat("arm_driver", bench.steady_s)
    assert bench.run(20)[-1].state is State.PROTECTIVE_STOP
    bench.supervisor.on_heartbeat("arm_driver", bench.steady_s)
    bench.supervisor.reset()
    assert bench.tick().state is State.READY


def test_heartbeats_and_joints_are_not_lost_while_simulated_time_is_paused():
    bench = Bench(required=(POLICY,))
    bench.supervisor.on_heartbeat("policy_node", 0.0)
    bench.start()
    before_rad = bench.tick().command_rad
    for _ in range(500):
        bench.supervisor.on_heartbeat("policy_node", bench.steady_s)
        tick = bench.tick(0.0, steady_step_s=TICK_S)
    assert (tick.state, tick.interventions) == (State.HOLDING, (Event.CLOCK_STOPPED,))
    assert np.array_equal(tick.command_rad, before_rad)
    assert bench.tick().state is State.RUNNING


def test_a_starved_supervisor_goes_on_from_rest_and_counts_it():
    bench = running()
    before = bench.tick()
    late = bench.tick(0.4)
    assert (late.state, late.interventions) == (State.HOLDING, (Event.OVERRUN,))
    assert np.array_equal(late.command_rad, before.command_rad)
    after = bench.tick()
    assert after.state is State.RUNNING
    reach_rad = SO101.acceleration_rad_s2 * TICK_S**2
    assert (np.abs(after.command_rad - late.command_rad) <= np.maximum(reach_rad, 0.031)).all()
    assert bench.supervisor.counts[Event.OVERRUN] == 1


def test_a_starved_supervisor_does_not_take_what_it_has_not_read_for_lost():
    bench = Bench(required=(DRIVER,))
    bench.supervisor.on_heartbeat("arm_driver", 0.0)
    bench.start()
    late = bench.tick(0.4, measured=False)
    assert late.state is State.HOLDING
    assert bench.tick(measured=False).state is State.HOLDING
    assert bench.tick().state is State.RUNNING
    late = bench.tick(0.4, measured=False)
    stopped = [bench.tick(measured=False).state for _ in range(21)]
    assert stopped[:20] == [State.HOLDING] * 20
    assert stopped[20] is State.PROTECTIVE_STOP


def test_a_chunk_beyond_all_numbers_holds_the_arm_and_nothing_breaks():
    bench = running()
    bench.supervisor.on_chunk(chunk(bench.now_s, offset_rad=1.7e308))
    bench.tick()
    bench.supervisor.on_chunk(chunk(bench.now_s, offset_rad=-1.7e308))
    for tick in bench.run(30):
        assert np.isfinite(tick.command_rad).all()


def test_a_scene_that_is_reset_while_it_waits_for_start_goes_on_waiting():
    bench = running()
    bench.supervisor.estop("test")
    bench.run(50)
    bench.supervisor.reset()
    bench.supervisor.clear_plan(bench.now_s)
    assert bench.tick().reason == "waiting for safety/start"
    bench.supervisor.on_chunk(chunk(bench.now_s))
    assert bench.tick().state is State.READY
