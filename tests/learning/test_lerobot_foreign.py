"""Policies that LeRobot itself saved, behind our port: the same exam as ours, and a sentence per refusal."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from sovereign_robot.contract.conformance import check_policy
from sovereign_robot.contract.errors import CheckpointError, ContractMismatch
from sovereign_robot.contract.fakes import example_observation
from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.contract.types import Observation
from sovereign_robot.learning.lerobot_foreign import LeRobotPolicy


@pytest.fixture(scope="module")
def lerobot() -> ModuleType:
    from tests.learning import with_lerobot

    return with_lerobot


@pytest.fixture(scope="module")
def so101() -> RobotContract:
    return load_robot("so101")


@pytest.fixture(scope="module")
def act(lerobot, tmp_path_factory) -> Path:
    return lerobot.write_untrained_act(tmp_path_factory.mktemp("act"), lerobot.SovereignEnv())


@pytest.fixture(scope="module")
def diffusion(lerobot, tmp_path_factory) -> Path:
    return lerobot.write_untrained_diffusion(tmp_path_factory.mktemp("diffusion"), lerobot.SovereignEnv())


def test_act_sits_the_exam_of_every_policy(act, so101):
    policy = LeRobotPolicy.load(act, so101)
    assert (policy.kind, policy.horizon, policy.max_committed) == ("act", 4, 3)
    check_policy(policy, example_observation(so101))


def test_diffusion_policy_sits_it_too_although_it_draws_noise(diffusion, so101):
    policy = LeRobotPolicy.load(diffusion, so101)
    assert (policy.kind, policy.horizon, policy.max_committed) == ("diffusion", 6, 4)
    check_policy(policy, example_observation(so101))


def test_a_chunk_is_what_lerobot_itself_plans(lerobot, act, so101):
    observation = example_observation(so101)
    ours = LeRobotPolicy.load(act, so101).predict(observation).position_rad
    np.testing.assert_allclose(ours, lerobot.plan(act, observation), atol=1e-6)


def test_a_run_of_lerobot_train_is_opened_at_its_newest_checkpoint(act, so101, tmp_path):
    shutil.copytree(act, tmp_path / "checkpoints" / "last" / "pretrained_model")
    assert LeRobotPolicy.load(tmp_path, so101).sha256 == LeRobotPolicy.load(act, so101).sha256


def test_a_policy_that_looks_back_sees_the_joints_of_one_step_earlier(diffusion, so101):
    policy = LeRobotPolicy.load(diffusion, so101)
    step_s, speed = so101.policy_step_s, np.full(len(so101.joints), 0.4)
    first = example_observation(so101)
    moved = first.joint_position_rad + speed * step_s
    second = replace(first, stamp_s=step_s, joint_position_rad=moved, joint_velocity_rad_s=speed)

    def after(earlier: Observation, now: Observation) -> np.ndarray:
        policy.reset()
        policy.predict(earlier)
        return policy.predict(now).position_rad

    seen = after(first, second)
    np.testing.assert_allclose(after(replace(first, stamp_s=-3 * step_s), second), seen, atol=1e-6)
    resting = replace(second, joint_velocity_rad_s=0.0 * speed)
    np.testing.assert_allclose(after(first, resting), seen, atol=1e-6)
    assert not np.allclose(after(replace(first, stamp_s=-3 * step_s), resting), seen, atol=1e-6)


def test_a_policy_without_chunks_gives_the_actions_that_it_would_play(lerobot, so101, tmp_path):
    policy = LeRobotPolicy.load(lerobot.write_stepping(tmp_path, lerobot.SovereignEnv()), so101)
    check_policy(policy, example_observation(so101))

    rows = policy.predict(example_observation(so101)).position_rad
    np.testing.assert_allclose(rows, so101.home + 0.01 * np.arange(1, 4)[:, None], atol=1e-6)


def test_another_robot_is_refused_with_both_sides(act, robot):
    with pytest.raises(ContractMismatch, match=r"images\.front: \(3, 48, 64\) != \(3, 96, 128\)"):
        LeRobotPolicy.load(act, robot)


def test_another_number_of_joints_is_refused_with_both_sides(act, so101, tmp_path):
    folder = altered(act, tmp_path, lambda config: config["output_features"]["action"].update(shape=[7]))
    with pytest.raises(ContractMismatch, match=r"action: \(6,\) != \(7,\)"):
        LeRobotPolicy.load(folder, so101)


def test_the_robot_of_the_dataset_is_compared_where_the_dataset_still_is(act, so101, robot, tmp_path):
    folder = shutil.copytree(act, tmp_path / "policy")
    (tmp_path / "data" / "meta").mkdir(parents=True)
    other = so101.model_copy(update={"policy_rate_hz": 10.0})
    (tmp_path / "data" / "meta" / "robot_contract.json").write_text(other.model_dump_json())
    (folder / "train_config.json").write_text(json.dumps({"dataset": {"root": str(tmp_path / "data")}}))
    with pytest.raises(ContractMismatch, match=r"policy_rate_hz: 20\.0 != 10\.0"):
        LeRobotPolicy.load(folder, so101)


def test_a_folder_that_is_no_policy_is_one_sentence(so101, tmp_path):
    with pytest.raises(CheckpointError, match="is no folder with"):
        LeRobotPolicy.load(tmp_path, so101)


@pytest.mark.parametrize(
    ("alter", "reason"),
    [
        (lambda config: config.update(type="smurf"), "smurf"),
        (lambda config: config.update(dim_model=64), "size mismatch"),
        (lambda config: config.update(nonsense=1), "nonsense"),
    ],
)
def test_a_broken_policy_is_one_sentence_with_the_reason(act, so101, tmp_path, alter, reason):
    with pytest.raises(CheckpointError, match=rf"cannot be run \(.*{reason}"):
        LeRobotPolicy.load(altered(act, tmp_path, alter), so101)


def altered(policy: Path, tmp_path: Path, alter) -> Path:
    folder = shutil.copytree(policy, tmp_path / "policy")
    config = json.loads((folder / "config.json").read_text())
    alter(config)
    (folder / "config.json").write_text(json.dumps(config))
    return folder
