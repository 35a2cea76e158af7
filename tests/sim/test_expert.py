import math

import numpy as np
import pytest

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.sim.expert import Expert
from sovereign_robot.sim.kinematics import ToolKinematics
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.tasks.place_in_bin import in_bin
from tests.sim.tasks.playing import let_pass, play, put

SEEDS = 100


@pytest.fixture(scope="module")
def played(simulation):
    """(seed, success, commands) of many held-out scenes, without rendering."""
    expert, results = Expert(simulation), []
    for seed in range(SEEDS):
        simulation.reset(seed, "layout")
        commands = play(simulation, expert)
        results.append((seed, simulation.success(), commands))
    return results


def test_the_expert_succeeds_in_at_least_98_of_100_scenes(played):
    failed = [seed for seed, success, _ in played if not success]

    assert len(failed) <= 0.02 * SEEDS, f"failed at seeds {failed}"


def test_its_commands_keep_the_contracts_position_speed_and_acceleration(played, robot):
    step_s = robot.control_step_s
    for _, _, commands in played:
        speed = np.diff(commands, axis=0) / step_s
        pull = np.diff(speed, axis=0) / step_s
        assert (commands >= robot.lower_rad - 1e-6).all()
        assert (commands <= robot.upper_rad + 1e-6).all()
        assert (np.abs(speed) <= robot.velocity_rad_s).all()
        assert (np.abs(pull) <= robot.acceleration_rad_s2).all()


def test_only_the_named_cube_is_moved(simulation):
    simulation.reset(8, "layout")
    scene = simulation.scene
    before = {name: simulation.state.position_m(name) for name in scene.props}
    play(simulation, Expert(simulation))
    moved = {n for n in before if np.linalg.norm(simulation.state.position_m(n) - before[n]) > 0.02}

    assert moved == {scene.goal["colour"]}


def test_a_plan_begins_at_the_command_in_force_with_its_speed(simulation, robot):
    simulation.reset(3)
    command, speed = robot.home + 0.05, np.full(len(robot.joints), 0.2)
    plan = Expert(simulation).plan(command, speed)

    np.testing.assert_allclose(plan.position_rad(0.0), command)
    np.testing.assert_allclose((plan.position_rad(1e-4) - command) / 1e-4, speed, atol=0.01)


def test_after_success_the_expert_only_leaves(simulation):
    simulation.reset(3)
    commands = play(simulation, Expert(simulation))
    assert simulation.success()
    plan = Expert(simulation).plan(commands[-1], np.zeros_like(commands[-1]))

    assert plan.carries == ()
    assert plan.duration_s < 1.0


def test_a_cube_dropped_on_the_way_is_fetched_again(simulation):
    scene = simulation.reset(3)
    expert, step_s = Expert(simulation), simulation.contract.control_step_s
    start = np.array(scene.start_rad)
    plan = expert.plan(start, np.zeros_like(start))
    while simulation.time_s < plan.carries[0].from_s + 0.3:
        command = plan.position_rad(simulation.time_s + step_s)
        simulation.step_control(command)
    cube = scene.goal["colour"]
    assert simulation.state.holding(cube)
    pose = scene.props[cube]
    put(simulation, cube, (pose.x_m, pose.y_m, 0.014))
    simulation.advance()

    again, began_s = expert.plan(command, np.zeros_like(command)), simulation.time_s
    while simulation.time_s < began_s + again.duration_s:
        simulation.step_control(again.position_rad(simulation.time_s - began_s + step_s))
    let_pass(simulation, 0.4)

    assert again.carries[0].from_s > 0.0
    assert simulation.success()


def test_an_expert_without_a_scene_is_refused(robot):
    with pytest.raises(UsageError, match="reset the simulation first"):
        Expert(Simulation(robot)).plan(robot.home, np.zeros(len(robot.joints)))


def test_a_cube_that_is_still_held_is_not_placed(simulation, robot):
    scene = simulation.reset(3)
    expert, step_s = Expert(simulation), robot.control_step_s
    start = np.array(scene.start_rad)
    plan = expert.plan(start, np.zeros_like(start))
    while simulation.time_s < plan.carries[0].to_s - 0.05:
        command = plan.position_rad(simulation.time_s + step_s)
        simulation.step_control(command)
    goal = simulation.state.position_m(f"{scene.goal['bin']}_bin")
    low = goal + np.array([0.0, 0.0, 0.025])
    down = ToolKinematics(robot).solve(low, math.atan2(goal[1], goal[0]), command)
    for share in np.linspace(0.0, 1.0, 60):
        simulation.step_control(command + share * (down - command))
    for _ in range(60):
        simulation.step_control(down)

    assert in_bin(simulation.state, scene.goal["colour"], f"{scene.goal['bin']}_bin")
    assert simulation.state.holding(scene.goal["colour"])
    assert not simulation.success()
