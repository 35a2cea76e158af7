"""A student acts and the expert labels: with students whose motion is known in advance."""

import numpy as np
import pytest

from sovereign_robot.contract.errors import ContractMismatch
from sovereign_robot.contract.fakes import HoldPolicy, ScriptedPolicy
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import ActionChunk, Array, Episode, Observation
from sovereign_robot.sim.expert import Expert
from sovereign_robot.sim.performance import perform
from sovereign_robot.sim.relabelling import DECISION_STEPS, LABEL_ROWS, PROMISED_ROWS, Relabeller
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.tasks.registry import TASKS

SEED = 4


@pytest.fixture(scope="module")
def simulation(robot: RobotContract):
    simulation = Simulation(robot, "press_button")
    yield simulation
    simulation.close()


def swaying(robot: RobotContract, time_s: float) -> Array:
    """A slow turn of the arm's base that never does anything."""
    away = np.zeros(len(robot.joints))
    away[0] = 0.2 * np.sin(time_s)
    return robot.home + away


def doing(simulation: Simulation, seed: int, goal: dict[str, str] | None = None) -> ScriptedPolicy:
    """A student that does by heart what the expert does in that scene, maybe for another goal."""
    simulation.reset(seed, "layout")
    commands = perform(simulation, Expert(simulation), goal).command_rad
    ticks = np.arange(len(commands)) * simulation.contract.control_step_s

    def motion(time_s: float) -> Array:
        return np.array([np.interp(time_s, ticks, column) for column in commands.T])

    return ScriptedPolicy(simulation.contract, motion)


@pytest.fixture(scope="module")
def swayed(simulation, robot) -> Episode:
    student = ScriptedPolicy(robot, lambda time_s: swaying(robot, time_s))
    return Relabeller(simulation, student, rescue=False).record(SEED, "layout")


def test_only_the_moments_of_decision_are_recorded(swayed, simulation, robot):
    apart = DECISION_STEPS * robot.policy_step_s

    np.testing.assert_allclose(np.diff(swayed.stamp_s), apart)
    assert swayed.rate_hz == pytest.approx(1.0 / apart)
    assert swayed.stamp_s[0] == 0.0
    assert swayed.stamp_s[-1] > simulation.task.timeout_s - apart - 1e-6


def test_an_attempt_teaches_although_it_failed(swayed):
    assert not swayed.success
    assert swayed.teaches
    assert swayed.expert.all()


def test_every_moment_has_a_label_within_the_range_of_the_arm(swayed, robot):
    labels, frames = swayed.labels, len(swayed.stamp_s)

    assert labels.rows_rad.shape == (frames, LABEL_ROWS, len(robot.joints))
    assert labels.span.shape == (frames, 2)
    assert (labels.rows_rad >= robot.lower_rad).all()
    assert (labels.rows_rad <= robot.upper_rad).all()


def test_a_label_counts_after_the_promised_rows_which_are_none_when_the_policy_starts(swayed):
    begin, end = swayed.labels.span.T

    assert begin[0] == 0
    assert set(begin[1:]) == set(range(*PROMISED_ROWS))
    assert (end > begin).all()
    assert (end <= LABEL_ROWS).all()
    np.testing.assert_array_equal(swayed.action_rad, swayed.labels.rows_rad[np.arange(len(begin)), begin])


def test_the_promised_rows_are_the_students(swayed, robot):
    for stamp_s, rows, (begin, _) in zip(
        swayed.stamp_s, swayed.labels.rows_rad, swayed.labels.span, strict=True
    ):
        promised = [swaying(robot, stamp_s + (row + 1) * robot.policy_step_s) for row in range(begin)]
        if begin:
            np.testing.assert_allclose(rows[:begin], promised, atol=1e-9)


def test_the_expert_goes_on_from_the_promised_rows_without_a_jump(swayed, robot):
    for rows, (begin, _) in zip(swayed.labels.rows_rad[1:], swayed.labels.span[1:], strict=True):
        step = np.abs(np.diff(rows[begin - 1 :], axis=0))
        assert (step <= robot.velocity_rad_s * robot.policy_step_s + 1e-6).all()


def test_the_same_seed_gives_the_same_attempt(simulation, swayed, robot):
    student = ScriptedPolicy(robot, lambda time_s: swaying(robot, time_s))
    again = Relabeller(simulation, student, rescue=False).record(SEED, "layout")

    np.testing.assert_array_equal(again.labels.rows_rad, swayed.labels.rows_rad)
    np.testing.assert_array_equal(again.labels.span, swayed.labels.span)
    for name in ("joint_position_rad", "action_rad", "attention"):
        np.testing.assert_array_equal(getattr(again, name), getattr(swayed, name))
    for name, images in swayed.images.items():
        np.testing.assert_array_equal(again.images[name], images)


def test_where_the_student_stands_still_the_expert_brings_the_work_on(simulation, robot):
    still = Relabeller(simulation, HoldPolicy(robot), rescue=False).record(SEED, "layout")
    left_alone = simulation.progress()
    rescued = Relabeller(simulation, HoldPolicy(robot)).record(SEED, "layout")

    assert np.ptp(still.joint_position_rad, axis=0).max() < 0.05
    assert np.ptp(rescued.joint_position_rad, axis=0).max() > 0.2
    assert simulation.progress() > left_alone + 0.2


def test_an_attempt_ends_soon_after_success(simulation):
    student = doing(simulation, SEED)
    episode = Relabeller(simulation, student, rescue=False).record(SEED, "layout")

    assert episode.success
    assert episode.stamp_s[-1] < simulation.task.timeout_s - 1.0


def test_an_attempt_ends_when_it_can_no_longer_succeed(simulation):
    scene = simulation.reset(SEED, "layout")
    other = next(goal for goal in scene.choices if goal["colour"] != scene.goal["colour"])
    student = doing(simulation, SEED, other)
    episode = Relabeller(simulation, student, rescue=False).record(SEED, "layout")

    assert simulation.judge.spoilt
    assert episode.teaches
    assert not episode.success
    assert episode.stamp_s[-1] < simulation.task.timeout_s - 1.0


def test_a_student_of_another_robot_is_refused(simulation, robot):
    other = HoldPolicy(slower(robot))

    with pytest.raises(ContractMismatch, match="policy_rate_hz"):
        Relabeller(simulation, other)


def slower(robot: RobotContract) -> RobotContract:
    return robot.model_copy(update={"policy_rate_hz": 10.0})


class Obedient:
    """A student that does what the expert says, asked anew at every decision."""

    horizon, max_committed = LABEL_ROWS, 4

    def __init__(self, simulation: Simulation) -> None:
        self.contract = simulation.contract
        self._simulation, self._expert = simulation, Expert(simulation)
        self._command: Array | None = None

    def reset(self) -> None:
        """The scene's start is the command in force."""
        self._command = None

    def predict(self, observation: Observation, committed: Array | None = None) -> ActionChunk:
        """The promised rows, then the expert's."""
        now = self._simulation.start_rad if self._command is None else self._command
        before = np.vstack([now, now, *(() if committed is None else committed)])
        step_s = self.contract.policy_step_s
        plan = self._expert.plan(before[-1], (before[-1] - before[-2]) / step_s)
        free = [plan.position_rad(i * step_s) for i in range(1, self.horizon + 3 - len(before))]
        rows = np.clip(np.vstack([*before[2:], *free]), self.contract.lower_rad, self.contract.upper_rad)
        self._command = rows[DECISION_STEPS - 1]
        return ActionChunk(observation.stamp_s, step_s, self.contract.joint_names, rows)


@pytest.mark.parametrize("task", TASKS)
def test_an_expert_that_is_asked_anew_at_every_decision_goes_on_with_what_it_began(robot, task):
    simulation = Simulation(robot, task)
    try:
        done = Relabeller(simulation, Obedient(simulation), rescue=False).record(SEED)
    finally:
        simulation.close()

    assert done.success
