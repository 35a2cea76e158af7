"""The student in LeRobot's hands: trained and run by its own commands, carried both ways bit by bit."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import load_file

from sovereign_robot.cli import train
from sovereign_robot.contract.conformance import check_policy
from sovereign_robot.contract.errors import CheckpointError, ContractMismatch, InstructionError, UsageError
from sovereign_robot.contract.fakes import example_observation
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.learning import checkpoint
from sovereign_robot.learning.export import export
from sovereign_robot.learning.language import STEPS
from sovereign_robot.learning.lerobot_foreign import LeRobotPolicy
from sovereign_robot.policy.onnx_policy import OnnxPolicy

ROOT = Path(__file__).parents[2]
LEROBOT = """
import json, sys
from lerobot.scripts import lerobot_eval, lerobot_train
for main, flags in zip((lerobot_train.main, lerobot_eval.main), json.loads(sys.argv[1])):
    sys.argv[1:] = flags
    main()
"""


@pytest.fixture(scope="module")
def lerobot() -> ModuleType:
    from tests.learning import with_lerobot_policy

    return with_lerobot_policy


@pytest.fixture(scope="module")
def run(small_dataset, robot, tmp_path_factory) -> Path:
    """What lerobot-train and lerobot-eval left: three steps, and one short episode."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "robot.yaml").write_text(yaml.safe_dump(robot.model_dump(mode="json")))
    policy = folder / "train" / "checkpoints" / "last" / "pretrained_model"
    training = [
        "--policy.type=sovereign",
        "--policy.device=cpu",
        "--policy.push_to_hub=false",
        "--policy.lessons=2",
        "--policy.student.width=8",
        "--dataset.repo_id=local/small",
        f"--dataset.root={small_dataset}",
        f"--output_dir={folder / 'train'}",
        "--num_workers=0",
        "--batch_size=4",
        "--steps=3",
    ]
    evaluate = [
        f"--policy.path={policy}",
        "--policy.device=cpu",
        "--env.type=sovereign",
        "--env.task=reach",
        f"--env.robot={folder / 'robot.yaml'}",
        "--env.episode_length=6",
        "--eval.n_episodes=1",
        "--eval.batch_size=1",
        f"--output_dir={folder / 'eval'}",
    ]
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    env |= {"HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", LEROBOT, json.dumps([training, evaluate])]
    done = subprocess.run(command, env=env, capture_output=True, text=True, cwd=folder, timeout=280)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@pytest.fixture
def carried(lerobot, untrained_dir, robot, tmp_path) -> Path:
    lerobot.to_lerobot(untrained_dir, tmp_path / "carried", robot)
    return tmp_path / "carried"


def test_lerobot_finds_the_policy_by_itself(lerobot):
    lerobot.register_third_party_plugins()
    assert "sovereign" in lerobot.PreTrainedConfig.get_known_choices()


def test_its_defaults_are_those_of_train(lerobot):
    config = lerobot.PreTrainedConfig.get_choice_class("sovereign")()
    args = train.Args(dataset=(), out=Path())
    names = ("student", "learning_rate", "text", "attention", "keyframe", "augment")
    assert {n: getattr(config, n) for n in names} == {n: getattr(args, n) for n in names}
    assert config.lessons == STEPS


def test_lerobot_trains_it_and_the_average_follows(run):
    weights = load_file(run / "train" / "checkpoints" / "last" / "pretrained_model" / "model.safetensors")
    assert int(weights["updates"]) == 3
    moved = [n for n in weights if n.startswith("model.student") and "enter" in n]
    assert moved
    for name in moved:
        average = weights[name.replace("model.", "average.", 1)]
        assert not torch.equal(weights[name], average)
        assert torch.allclose(weights[name], average, atol=0.1)
    text = [n for n in weights if n.startswith("model.text")]
    assert all(torch.equal(weights[n], weights[n.replace("model.", "average.", 1)]) for n in text)


def test_lerobot_evaluates_what_it_trained(run):
    found = json.loads((run / "eval" / "eval_info.json").read_text(encoding="utf-8"))
    assert found["overall"]["n_episodes"] == 1


def test_what_lerobot_trained_becomes_our_policy_and_plans_the_same(lerobot, run, robot, tmp_path):
    given = run / "train" / "checkpoints" / "last" / "pretrained_model"
    lerobot.from_lerobot(given, tmp_path / "training", robot)
    trained = checkpoint.load(tmp_path / "training", robot)
    weights = load_file(given / "model.safetensors")
    for name, tensor in trained.tensors.items():
        assert torch.equal(tensor, weights[name.replace("/", ".")]), name
    assert trained.facts["step"] == 3
    assert trained.facts["recipe"]["command"] == "lerobot-train"
    assert trained.facts["recipe"]["batch"] == 4
    assert trained.facts["loss"] > 0.0
    assert trained.facts["datasets"][0]["successes"] == 3

    (tmp_path / "policy").mkdir()
    export(tmp_path / "training", tmp_path / "policy", robot, draws=20)
    observation = example_observation(robot)
    theirs, ours = LeRobotPolicy.load(given, robot), OnnxPolicy.load(tmp_path / "policy", robot)
    rows = ours.predict(observation).position_rad
    np.testing.assert_allclose(theirs.predict(observation).position_rad, rows, atol=1e-4)
    promised = rows[:3] + 0.02
    np.testing.assert_allclose(
        theirs.predict(observation, promised).position_rad,
        ours.predict(observation, promised).position_rad,
        atol=1e-4,
    )
    check_policy(theirs, observation)


def test_ours_goes_to_lerobot_and_back_bit_by_bit(lerobot, carried, untrained_dir, robot, tmp_path):
    lerobot.from_lerobot(carried, tmp_path / "back", robot)

    before, after = checkpoint.load(untrained_dir, robot), checkpoint.load(tmp_path / "back", robot)
    assert after.config == before.config
    for name, tensor in before.tensors.items():
        assert torch.equal(after.tensors[name], tensor), name
    assert {n: after.facts[n] for n in checkpoint.RUN} == {n: before.facts[n] for n in checkpoint.RUN}


def test_actions_left_over_are_repeated_and_what_fills_them_up_is_not(lerobot, carried, robot):
    policy, batch = lerobot.opened(carried, example_observation(robot))
    left = torch.full((10, len(robot.joints)), 0.3)
    left[2:] = 0.0

    chunk = policy.predict_action_chunk(batch, inference_delay=4, prev_chunk_left_over=left)
    assert policy.supports_rtc()
    torch.testing.assert_close(chunk[0, :2], left[:2])
    assert not torch.equal(chunk[0, 2:4], left[2:4])
    free = policy.predict_action_chunk(batch)
    torch.testing.assert_close(policy.predict_action_chunk(batch, 0, left), free)


def test_single_actions_are_the_chunk_until_it_looks_again(lerobot, carried, robot):
    policy, batch = lerobot.opened(carried, example_observation(robot))
    chunk = policy.predict_action_chunk(batch)
    played = [policy.select_action(batch) for _ in range(policy.config.n_action_steps + 1)]
    torch.testing.assert_close(torch.stack(played[:-1], dim=1), chunk[:, : len(played) - 1])
    assert not torch.equal(played[-1], chunk[:, len(played) - 1])

    policy.reset()
    torch.testing.assert_close(policy.select_action(batch), chunk[:, 0])


def test_a_batch_teaches_what_ours_teaches(lerobot, small_dataset, robot):
    batches, samples, given = lerobot.lesson(small_dataset, robot)
    made = batches.batch(given, np.random.default_rng(0), torch.float32)
    delay = np.random.default_rng(0).integers(-1, 5, len(given["index"]))
    numbers = samples.numbers(given["index"].numpy(), delay)
    for name in ("joints_rad", "anchor_rad", "committed_rad", "mask", "target_rad", "weight", "tokens"):
        np.testing.assert_allclose(getattr(made, name).numpy(), getattr(numbers, name), atol=1e-6)
    front = given[f"observation.images.{robot.camera_names[0]}"] * 255.0 - 128.0
    torch.testing.assert_close(made.images[:, 0], front.round(), atol=1.0, rtol=0.0)


def test_a_policy_that_has_no_dataset_does_not_learn(lerobot, carried, robot):
    policy, batch = lerobot.opened(carried, example_observation(robot))
    with pytest.raises(UsageError, match=r"give --dataset\.root"):
        policy.forward(batch)


def test_no_sentence_is_refused(lerobot):
    with pytest.raises(InstructionError, match="got no sentence"):
        lerobot.SentenceStep()({})


def test_another_robot_and_another_kind_of_policy_are_refused(lerobot, carried, tmp_path):
    with pytest.raises(ContractMismatch, match="width_px: 128 != 64"):
        lerobot.from_lerobot(carried, tmp_path / "training", load_robot("so101"))
    act = lerobot.write_untrained_act(tmp_path / "act", lerobot.SovereignEnv())
    with pytest.raises(CheckpointError, match="is of type act, expected sovereign"):
        lerobot.from_lerobot(act, tmp_path / "training", load_robot("so101"))
