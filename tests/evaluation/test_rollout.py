import numpy as np
import pytest

from sovereign_robot.contract.errors import ContractMismatch, UsageError
from sovereign_robot.contract.fakes import HoldPolicy, ScriptedPolicy
from sovereign_robot.control.chunking import Chunking
from sovereign_robot.evaluation.expert_policy import ExpertPolicy
from sovereign_robot.evaluation.results import Phase
from sovereign_robot.evaluation.rollout import RolloutSettings, first_ages, rollout
from sovereign_robot.sim.expert import Expert

SHORT = RolloutSettings(timeout_s=1.0)


class Listener(HoldPolicy):
    """Holds, and keeps what it was asked."""

    def __init__(self, contract):
        super().__init__(contract)
        self.asked = []

    def predict(self, observation, committed=None):
        promised = 0 if committed is None else len(committed)
        self.asked.append((observation.stamp_s, promised, observation.instruction))
        return super().predict(observation, committed)


def test_the_experts_plan_succeeds_through_chunks_latency_and_supervisor(simulation):
    results = [rollout(simulation, ExpertPolicy(simulation), seed) for seed in range(3)]

    assert all(r.success for r in results)
    assert all(r.split == "layout" and r.time_s < 10.0 for r in results)


def test_a_policy_that_does_nothing_fails_at_the_timeout(simulation):
    result = rollout(simulation, HoldPolicy(simulation.contract), 0, settings=SHORT)

    assert not result.success
    assert result.time_s == pytest.approx(1.0, abs=0.02)


def test_the_same_seed_gives_the_same_episode(simulation):
    first, second = (rollout(simulation, ExpertPolicy(simulation), 5) for _ in range(2))

    np.testing.assert_array_equal(first.command_rad, second.command_rad)
    assert first.instruction == second.instruction


def test_the_policy_is_asked_every_few_steps_with_what_plays_meanwhile(simulation):
    policy = Listener(simulation.contract)

    rollout(simulation, policy, 0, settings=RolloutSettings(3, latency_s=0.08, timeout_s=1.0))

    stamps_s = [stamp_s for stamp_s, _, _ in policy.asked]
    assert np.diff(stamps_s) == pytest.approx(0.15)
    assert [committed for _, committed, _ in policy.asked] == [0] + [2] * (len(stamps_s) - 1)


def test_one_question_is_asked_at_a_time(simulation):
    policy = Listener(simulation.contract)

    rollout(simulation, policy, 0, settings=RolloutSettings(4, latency_s=0.43, timeout_s=2.0))

    assert np.diff([stamp_s for stamp_s, _, _ in policy.asked]) == pytest.approx(0.45)


@pytest.mark.parametrize("chunking", list(Chunking))
def test_a_plan_of_a_late_policy_reaches_until_the_next_one_comes(simulation, chunking):
    late = RolloutSettings(latency_s=0.43, timeout_s=6.0, chunking=chunking)

    result = rollout(simulation, HoldPolicy(simulation.contract), 0, settings=late)

    assert np.isfinite(result.age_s[45:]).all()
    assert "starved" not in result.interventions


def test_a_policy_too_late_for_its_first_chunk_is_followed_at_a_slower_pace(simulation):
    late = RolloutSettings(latency_s=0.9, timeout_s=6.0)

    result = rollout(simulation, HoldPolicy(simulation.contract), 0, settings=late)

    assert np.isfinite(result.age_s[300:]).all()


def test_latency_is_the_age_of_an_observation_when_it_first_moves_the_arm(simulation):
    result = rollout(simulation, HoldPolicy(simulation.contract), 0, settings=SHORT)

    assert result.latency_s == pytest.approx(np.full(len(result.latency_s), 0.03))
    assert len(result.latency_s) == len(result.inference_s) == 5


def test_nothing_is_sent_before_the_supervisor_knows_where_the_arm_is(simulation):
    result = rollout(simulation, HoldPolicy(simulation.contract), 0, settings=SHORT)

    sent = np.isfinite(result.command_rad).all(axis=1)
    assert sent[3:].all()
    assert result.command_rad.shape == result.joint_position_rad.shape == (len(result.stamp_s), 6)


def test_a_mistold_policy_that_listens_does_what_it_is_told_and_not_what_was_asked(simulation):
    asked = simulation.reset(2, "layout")

    told = rollout(simulation, ExpertPolicy(simulation), 2, mistold=True)

    assert (told.success, told.listened) == (False, True)
    assert told.labels == asked.goal
    assert told.instruction != asked.instruction
    assert simulation.scene.goal in asked.choices
    assert simulation.scene.instruction == told.instruction


class Deaf(ScriptedPolicy):
    """Does one thing, whatever it is told."""

    def __init__(self, simulation, goal):
        super().__init__(simulation.contract, lambda time_s: self.plan.position_rad(time_s))
        self.simulation, self.expert, self.goal = simulation, Expert(simulation), goal

    def reset(self):
        start_rad = self.simulation.start_rad
        self.plan = self.expert.plan(start_rad, np.zeros_like(start_rad), self.goal)


def test_a_mistold_policy_that_does_not_listen_ends_with_what_was_asked(simulation):
    asked = simulation.reset(2, "layout")

    told = rollout(simulation, Deaf(simulation, asked.goal), 2, mistold=True)

    assert (told.success, told.listened) == (True, False)
    assert told.time_s < 10.0


def test_an_episode_says_how_far_it_came_and_where_it_failed(simulation):
    held = rollout(simulation, HoldPolicy(simulation.contract), 0, settings=SHORT)
    done = rollout(simulation, ExpertPolicy(simulation), 0)

    assert (held.progress, held.phase) == (0.0, Phase.NOT_BEGUN)
    assert (done.progress, done.phase) == (1.0, None)


def test_without_another_limit_an_episode_lasts_as_long_as_its_task_allows(simulation):
    held = rollout(simulation, HoldPolicy(simulation.contract), 0)

    assert held.time_s == pytest.approx(simulation.task.timeout_s, abs=0.02)


def test_a_policy_for_another_robot_is_refused(simulation):
    other = simulation.contract.model_copy(update={"policy_rate_hz": 10.0})

    with pytest.raises(ContractMismatch, match="policy_rate_hz"):
        rollout(simulation, HoldPolicy(other), 0)


def test_settings_that_cannot_be_run_are_refused():
    with pytest.raises(UsageError, match="replan_every_steps 0"):
        RolloutSettings(replan_every_steps=0)


def test_an_age_counts_where_it_falls_or_begins():
    nan = np.nan
    age_s = np.array([nan, 0.03, 0.04, 0.05, 0.02, 0.03, nan, 0.07, 0.08])

    np.testing.assert_array_equal(first_ages(age_s), [0.03, 0.02, 0.07])
