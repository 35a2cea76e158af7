from collections.abc import Iterator

import numpy as np
import pytest

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.nodes.ros_time import RESET_LEAP_S
from sovereign_robot.nodes.sim_arm import SETTLE_S, WATCHDOG_S, SimArm
from sovereign_robot.sim.simulation import Simulation

STEP_S = 0.01


@pytest.fixture
def simulation(contract: RobotContract) -> Iterator[Simulation]:
    simulation = Simulation(contract)
    yield simulation
    simulation.close()


@pytest.fixture
def arm(simulation: Simulation) -> SimArm:
    return SimArm(simulation, seed=3, split="layout")


def run(arm: SimArm, seconds: float) -> None:
    for _ in range(round(seconds / STEP_S)):
        arm.step()


def test_time_goes_on_by_the_control_period(arm: SimArm):
    run(arm, 0.5)
    assert arm.now_s == pytest.approx(0.5)
    assert arm.joint_state().stamp_s == arm.now_s


def test_the_first_reset_begins_the_first_seed_and_the_next_ones_go_on(arm: SimArm):
    assert [arm.reset().seed for _ in range(3)] == [3, 4, 5]


def test_a_reset_moves_time_on_by_a_leap_and_the_scene_begins_anew(arm: SimArm):
    run(arm, 0.5)
    arm.reset()
    assert arm.now_s == pytest.approx(0.5 + RESET_LEAP_S)
    arm.step()
    assert arm.now_s == pytest.approx(0.51 + RESET_LEAP_S)
    assert arm.truth().time_s == pytest.approx(STEP_S)


def test_a_command_from_before_the_reset_does_not_move_the_new_scene(arm: SimArm, contract: RobotContract):
    arm.reset()
    start = arm.joint_state().position_rad
    while arm.truth().time_s < SETTLE_S - 2 * STEP_S:
        arm.command(contract.upper_rad)
        arm.step()
    np.testing.assert_allclose(arm.joint_state().position_rad, start, atol=0.05)


def test_a_command_moves_the_arm_once_the_scene_has_settled(arm: SimArm, contract: RobotContract):
    run(arm, SETTLE_S)
    goal = arm.joint_state().position_rad.copy()
    goal[0] += 0.3
    for _ in range(100):
        arm.command(goal)
        arm.step()
    assert arm.joint_state().position_rad[0] == pytest.approx(goal[0], abs=0.05)


def test_without_commands_the_arm_is_held_where_it_is(arm: SimArm):
    run(arm, SETTLE_S)
    goal = arm.joint_state().position_rad.copy()
    goal[0] += 1.5
    for _ in range(5):
        arm.command(goal)
        arm.step()
    run(arm, WATCHDOG_S + 3 * STEP_S)
    held_at = arm.truth().command_rad[0]
    run(arm, 0.5)
    assert arm.truth().command_rad[0] == held_at < goal[0] - 0.2
    assert arm.joint_state().position_rad[0] == pytest.approx(held_at, abs=0.1)


def steps_with_a_frame(arm: SimArm, steps: int) -> list[int]:
    due = []
    for step in range(1, steps + 1):
        arm.step()
        due += [step] * arm.frame_is_due()
    return due


def test_cameras_see_at_their_own_rate(arm: SimArm):
    assert steps_with_a_frame(arm, 20) == [5, 10, 15, 20]


def test_cameras_of_30_hz_see_30_times_in_a_second_of_100_steps(contract: RobotContract):
    cameras = tuple(camera.model_copy(update={"rate_hz": 30.0}) for camera in contract.cameras)
    simulation = Simulation(contract.model_copy(update={"cameras": cameras}))
    due = steps_with_a_frame(SimArm(simulation, seed=3, split="layout"), 100)
    simulation.close()
    assert len(due) == 30
    assert set(np.diff(due)) == {3, 4}


def test_the_truth_is_plain_data_of_the_scene(arm: SimArm):
    arm.step()
    truth = arm.truth()
    assert truth.seed == 3
    assert (truth.success, truth.progress < 0.5) == (False, True)
    assert len(truth.joint_position_rad) == len(truth.command_rad) == 6


def test_the_view_of_a_camera_is_an_angle(arm: SimArm):
    assert 0.3 < arm.vertical_view_rad("front") < 2.5


def test_success_is_what_the_last_understood_sentence_asks_for(arm: SimArm, simulation: Simulation):
    scene = arm.reset()
    other = next(choice for choice in scene.choices if choice["bin"] != scene.goal["bin"])
    sentence = f"put the {other['colour']} cube in the {other['bin']} bin"

    arm.listen(sentence)
    arm.listen("make some coffee")

    assert simulation.scene.goal == other
    assert simulation.judge.goal == other
    assert arm.reset().goal == simulation.judge.goal
