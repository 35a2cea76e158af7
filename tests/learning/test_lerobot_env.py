"""The environments in LeRobot's hands: its own plugin discovery, make_env and lerobot-eval."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import gymnasium
import numpy as np
import pytest

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.sim.collection import Recorder
from sovereign_robot.sim.env import env_id
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.tasks.registry import TASKS

ROOT = Path(__file__).parents[2]
TASK, SEED, SPLIT = "place_in_bin", 3, "layout"


@pytest.fixture(scope="module")
def lerobot() -> ModuleType:
    from tests.learning import with_lerobot

    return with_lerobot


def test_lerobot_finds_the_plugin_by_itself(lerobot):
    lerobot.register_third_party_plugins()
    assert lerobot.EnvConfig.get_choice_class("sovereign") is lerobot.SovereignEnv
    assert lerobot.SovereignEnv(TASK).type == "sovereign"


def test_features_are_those_of_the_robot_and_of_its_datasets(lerobot):
    config, robot = lerobot.SovereignEnv(TASK), load_robot("so101")
    features = lerobot.env_to_policy_features(config)

    assert config.fps == robot.policy_rate_hz
    assert features["action"].shape == features["observation.state"].shape == (len(robot.joints),)
    for camera in robot.cameras:
        image = features[f"observation.images.{camera.name}"]
        assert image.shape == (3, camera.height_px, camera.width_px)


def test_several_tasks_are_groups_of_their_own(lerobot):
    envs = lerobot.make_env(lerobot.SovereignEnv("place_in_bin,lift"), n_envs=2)
    assert {task: list(group) for task, group in envs.items()} == {"place_in_bin": [0], "lift": [0]}
    for task, group in envs.items():
        assert group[0].num_envs == 2
        assert group[0].call("task") == (task, task)
        group[0].close()


def test_an_episode_may_be_shortened_and_else_has_the_time_of_its_task(lerobot):
    (own,) = lerobot.make_env(lerobot.SovereignEnv(TASK))[TASK].values()
    (short,) = lerobot.make_env(lerobot.SovereignEnv(TASK, episode_length=7))[TASK].values()
    assert own.call("_max_episode_steps") == (round(TASKS[TASK].timeout_s * own.metadata["render_fps"]),)
    assert short.call("_max_episode_steps") == (7,)
    own.close()
    short.close()


def test_an_unknown_task_is_refused(lerobot):
    with pytest.raises(UsageError, match="task 'stak' is not known"):
        lerobot.make_env(lerobot.SovereignEnv("lift,stak"))


def test_an_episode_ends_the_same_through_gymnasium_and_through_lerobot(lerobot):
    simulation = Simulation(load_robot("so101"), TASK)
    recorded = Recorder(simulation, 0.0).record(SEED, SPLIT)
    simulation.close()
    alone = gymnasium.make(env_id(TASK), split=SPLIT)
    (through_lerobot,) = lerobot.make_env(lerobot.SovereignEnv(TASK, split=SPLIT))[TASK].values()
    seen, info = alone.reset(seed=SEED)
    also_seen, _ = through_lerobot.reset(seed=[SEED])
    assert through_lerobot.call("task_description") == (info["instruction"],) == (recorded.instruction,)

    steps = 0
    for action in recorded.action_rad.astype(np.float32):
        _require_equal(seen, also_seen)
        seen, reward, terminated, truncated, info = alone.step(action)
        also_seen, rewards, ends, cuts, infos = through_lerobot.step(action[None])
        assert (reward, terminated, truncated) == (rewards[0], ends[0], cuts[0])
        assert (info["is_success"], info["progress"]) == (infos["is_success"][0], infos["progress"][0])
        steps += 1
        if terminated:
            break

    assert info["is_success"]
    assert steps < len(recorded.action_rad)
    alone.close()
    through_lerobot.close()


def _require_equal(seen: dict, also_seen: dict) -> None:
    np.testing.assert_array_equal(seen["agent_pos"], also_seen["agent_pos"][0])
    for camera, image in seen["pixels"].items():
        np.testing.assert_array_equal(image, also_seen["pixels"][camera][0])


def test_lerobot_eval_measures_a_policy_without_a_network(lerobot, tmp_path):
    policy = lerobot.write_untrained_act(tmp_path / "policy", lerobot.SovereignEnv(TASK))
    command = [
        str(Path(sys.executable).with_name("lerobot-eval")),
        "--env.type=sovereign",
        f"--env.task={TASK}",
        "--env.episode_length=5",
        f"--policy.path={policy}",
        "--policy.device=cpu",
        "--eval.n_episodes=2",
        "--eval.batch_size=1",
        f"--seed={SEED}",
        f"--output_dir={tmp_path / 'eval'}",
    ]
    env = os.environ | {"PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    run = subprocess.run(command, env=env, capture_output=True, text=True, cwd=tmp_path, timeout=280)
    assert run.returncode == 0, run.stderr

    found = json.loads((tmp_path / "eval" / "eval_info.json").read_text(encoding="utf-8"))
    assert found["overall"]["n_episodes"] == 2
    assert found["per_group"][TASK]["pc_success"] == 0.0
    assert all(Path(video).stat().st_size > 0 for video in found["overall"]["video_paths"])
