import warnings

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from sovereign_robot.contract.errors import CommandError, UsageError
from sovereign_robot.sim.env import MAX_STEPS, PLACE_IN_BIN

ON_THE_FLOOR_M = np.array([0.0, 0.0, 0.016])
TOLERATED = "we recommend using a symmetric and normalized space"


@pytest.fixture(scope="module")
def env():
    env = gymnasium.make(PLACE_IN_BIN, render_mode="rgb_array")
    yield env
    env.close()


def test_the_environment_passes_gymnasiums_own_check():
    env = gymnasium.make(PLACE_IN_BIN, render_mode="rgb_array")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        check_env(env.unwrapped)

    assert [str(w.message) for w in caught if TOLERATED not in str(w.message)] == []


def test_a_seed_gives_the_scene_of_that_seed_in_the_split_that_is_asked_for(env):
    sentences = {}
    for split in ("train", "held_out"):
        observation, info = env.reset(seed=4, options={"split": split})
        sentences[split] = info["instruction"]
        assert env.unwrapped.task_description == info["instruction"]
        assert observation in env.observation_space

    assert sentences["train"] != sentences["held_out"]
    assert env.reset(seed=4)[1]["instruction"] == sentences["train"]


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
    env.reset(seed=2)
    simulation = env.unwrapped.simulation
    cube = simulation.data.joint(f"{simulation.scene.target}/free")
    cube.qpos[:3] = simulation.fixture_position_m(simulation.scene.destination) + ON_THE_FLOOR_M
    rewards = []
    for _ in range(8):
        _, reward, terminated, _, info = env.step(np.array(simulation.scene.start_rad))
        rewards.append(reward)
        if terminated:
            break

    assert terminated
    assert info["is_success"]
    assert rewards[-1] == 1.0
    assert sum(rewards) == 1.0


def test_an_episode_is_cut_off_at_its_longest(env):
    assert env.spec.max_episode_steps == MAX_STEPS


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
    with pytest.raises(UsageError, match="task 'stack' is not known"):
        gymnasium.make(PLACE_IN_BIN, task="stack")


def test_the_picture_for_people_is_larger_than_the_policys(env):
    env.reset(seed=0)

    assert env.render().shape == (360, 480, 3)
