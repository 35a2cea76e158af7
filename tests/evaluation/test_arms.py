import pytest

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.evaluation.arms import control_names, other_goal
from sovereign_robot.sim.sampling import sample_scene
from sovereign_robot.sim.tasks.registry import TASKS, load_task


def test_arms_are_named_once_each_and_none_is_none():
    assert control_names("") == ()
    assert control_names("expert, still,expert") == ("expert", "still")


def test_an_unknown_arm_is_refused_with_those_there_are():
    with pytest.raises(UsageError, match="arm 'oracle' is not known; choose one of expert, still, wrong_s"):
        control_names("oracle")


@pytest.mark.parametrize("name", TASKS)
def test_the_other_goal_is_open_in_the_picture_and_of_the_same_kind_of_split(name):
    task = load_task(name)
    for split in ("layout", "combo"):
        for seed in range(5):
            scene = sample_scene(load_robot("so101"), task, seed, split)
            other = other_goal(task, scene)
            assert other in scene.choices
            assert other != scene.goal
            assert other == other_goal(task, scene)
            if split == "layout":
                assert not task.is_held_out(other)
