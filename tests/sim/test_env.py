import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from sovereign_robot.contract.errors import CommandError, UsageError
from sovereign_robot.sim.env import TabletopEnv, env_id
from sovereign_robot.sim.tasks.registry import TASKS
from tests.sim.first_moments import SPLITS, first_moments
from tests.sim.tasks.playing import put

ROOT = Path(__file__).parents[2]
PLACE_IN_BIN = "sovereign_robot/PlaceInBin-v0"
ON_THE_FLOOR_M = np.array([0.0, 0.0, 0.016])
TOLERATED = "we recommend using a symmetric and normalized space"


@pytest.fixture(scope="module")
def env():
    env = gymnasium.make(PLACE_IN_BIN, render_mode="rgb_array")
    yield env
    env.close()


def test_every_task_has_its_name_in_camel_case():
    assert env_id("place_in_bin") == PLACE_IN_BIN
    registered = {name for name in gymnasium.registry if name.startswith("sovereign_robot/")}
    assert registered == {env_id(task) for task in TASKS}


def test_gymnasium_finds_the_environments_by_the_module_that_registers_them():
    code = f"import gymnasium; print(gymnasium.make('sovereign_robot.sim.env:{PLACE_IN_BIN}').unwrapped.task)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=240)
    assert run.stdout.strip() == "place_in_bin", run.stderr


@pytest.mark.parametrize("task", TASKS)
def test_every_task_passes_gymnasiums_own_check(task):
    env = gymnasium.make(env_id(task), render_mode="rgb_array")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        check_env(env.unwrapped)
    env.close()

    assert [str(w.message) for w in caught if TOLERATED not in str(w.message)] == []


def test_two_processes_begin_a_seed_with_the_same_bits_and_the_same_pictures():
    command = [sys.executable, str(Path(__file__).with_name("first_moments.py"))]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, env=env, capture_output=True, text=True, timeout=240)
    assert run.returncode == 0, run.stderr

    ours = first_moments()
    assert json.loads(run.stdout) == ours
    assert len({moment["state"] for moment in ours.values()}) == len(TASKS) * len(SPLITS)


def test_a_seed_gives_the_scene_of_that_seed_in_the_split_that_is_asked_for(env):
    sentences = {}
    for split in ("train", "layout"):
        observation, info = env.reset(seed=4, options={"split": split})
        sentences[split] = info["instruction"]
        assert env.unwrapped.task_description == info["instruction"]
        assert observation in env.observation_space

    assert sentences["train"] != sentences["layout"]
    assert env.reset(seed=4)[1]["instruction"] == sentences["train"]


def test_a_split_can_be_chosen_for_every_reset():
    env = gymnasium.make(PLACE_IN_BIN, split="layout")
    info = env.reset(seed=4)[1]
    again = env.reset(seed=4, options={"split": "layout"})[1]
    assert info == again
    env.close()


def test_the_beginning_says_what_is_asked_in_words_and_as_a_goal(env):
    info = env.reset(seed=4)[1]
    assert info["goal"] == dict(env.unwrapped.simulation.scene.goal)
    assert set(info["goal"]) == {"colour", "bin"}
    assert not info["is_success"]
    assert info["progress"] == pytest.approx(0.0, abs=1e-9)


def test_resets_without_a_seed_draw_new_scenes_in_a_repeatable_order(env):
    def drawn() -> list[list[float]]:
        env.reset(seed=1)
        return [env.reset()[0]["agent_pos"].tolist() for _ in range(3)]

    first = drawn()
    assert drawn() == first
    assert len({tuple(pose) for pose in first}) == 3


def test_an_action_moves_the_joints_towards_it_within_one_policy_step(env):
    observation, _ = env.reset(seed=2)
    start = observation["agent_pos"]
    for _ in range(10):
        observation, reward, terminated, truncated, info = env.step(start + 0.1)

    np.testing.assert_allclose(observation["agent_pos"], start + 0.1, atol=0.03)
    assert (reward, terminated, truncated, info["is_success"]) == (0.0, False, False, False)
    assert 0.0 <= info["progress"] < 1.0


def test_success_ends_the_episode_with_a_reward_of_1(env):
    _, info = env.reset(seed=2)
    simulation = env.unwrapped.simulation
    bin_m = simulation.state.position_m(f"{info['goal']['bin']}_bin")
    put(simulation, info["goal"]["colour"], bin_m + ON_THE_FLOOR_M)
    rewards = []
    for _ in range(8):
        _, reward, terminated, truncated, info = env.step(simulation.start_rad)
        rewards.append(reward)
        if terminated:
            break

    assert terminated
    assert not truncated
    assert info["is_success"]
    assert rewards[-1] == 1.0
    assert sum(rewards) == 1.0


def test_an_episode_is_cut_off_when_the_tasks_time_is_over(env):
    observation, _ = env.reset(seed=2)
    longest = round(TASKS["place_in_bin"].timeout_s * env.unwrapped.simulation.contract.policy_rate_hz)
    ends = [env.step(observation["agent_pos"])[2:4] for _ in range(longest)]

    assert ends[-1] == (False, True)
    assert set(ends[:-1]) == {(False, False)}


def test_an_action_outside_the_limits_is_held_at_them(env):
    env.reset(seed=2)
    for _ in range(3):
        observation, *_ = env.step(env.action_space.high + 1.0)

    assert observation in env.observation_space


@pytest.mark.parametrize("action", [np.zeros(5), np.full(6, np.nan)])
def test_an_action_that_does_not_fit_is_refused(env, action):
    env.reset(seed=2)

    with pytest.raises(CommandError, match=r"action has shape .*expected \(6,\)"):
        env.unwrapped.step(action)


def test_an_unknown_split_or_task_is_refused(env):
    with pytest.raises(UsageError, match="split 'validation' is not known"):
        env.reset(seed=0, options={"split": "validation"})
    with pytest.raises(UsageError, match="split 'validation' is not known"):
        gymnasium.make(PLACE_IN_BIN, split="validation")
    with pytest.raises(UsageError, match="task 'stak' is not known"):
        TabletopEnv("stak")


def test_the_picture_for_people_is_larger_than_the_policys(env):
    env.reset(seed=0)

    assert env.render().shape == (360, 480, 3)
