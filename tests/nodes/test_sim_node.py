import json
from functools import partial

import numpy as np
import pytest
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image, JointState
from std_msgs.msg import Float64MultiArray, String
from std_srvs.srv import SetBool, Trigger

from sovereign_robot.contract import names
from sovereign_robot.contract.errors import ContractError, UsageError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.nodes import ros_msgs
from sovereign_robot.nodes.qos import EVERY, SENSOR
from sovereign_robot.nodes.ros_time import RESET_LEAP_S, s_from_stamp
from sovereign_robot.nodes.sim_node import SimNode
from tests.nodes.conftest import Ros

FAST = 20.0


def test_it_publishes_clock_joints_pictures_intrinsics_and_truth(ros: Ros, contract: RobotContract):
    peer = ros.peer()
    clock = ros.hear(peer, Clock, names.CLOCK, SENSOR)
    joints = ros.hear(peer, JointState, names.JOINT_STATES, SENSOR)
    pictures = {c: ros.hear(peer, Image, names.camera_image_topic(c), SENSOR) for c in contract.camera_names}
    infos = {c: ros.hear(peer, CameraInfo, names.camera_info_topic(c), SENSOR) for c in contract.camera_names}
    truth = ros.hear(peer, String, names.SIM_STATE, EVERY)
    ros.node(SimNode, seed=5)
    ros.spin_until(lambda: clock and joints and truth and all(pictures.values()) and all(infos.values()))
    assert tuple(joints[0].name) == contract.joint_names
    first = {c: s_from_stamp(heard[0].header.stamp) for c, heard in pictures.items()}
    assert any(abs(first["front"] - s_from_stamp(m.header.stamp)) < 1e-9 for m in pictures["wrist"])
    picture = ros_msgs.image_from(pictures["front"][0], "front")
    assert picture.shape == (contract.cameras[0].height_px, contract.cameras[0].width_px, 3)
    assert picture.std() > 5
    assert infos["wrist"][0].header.frame_id == contract.camera("wrist").frame
    assert ros_msgs.json_from(truth[0])["seed"] == 5


def test_reset_begins_the_scenes_by_seed_and_says_what_is_asked(ros: Ros):
    peer = ros.peer()
    node = ros.node(SimNode, seed=7, real_time_factor=FAST)
    answers = [ros.call(peer, Trigger, names.SIM_RESET, Trigger.Request()) for _ in range(2)]
    scenes = [json.loads(answer.message) for answer in answers]
    assert [scene["seed"] for scene in scenes] == [7, 8]
    assert all(scene["split"] == "layout" and scene["instruction"] for scene in scenes)
    assert node.arm.now_s > 2 * RESET_LEAP_S


def test_a_task_named_on_the_topic_goes_on_from_its_first_seed_in_time_that_never_runs_back(ros: Ros):
    peer = ros.peer()
    truth = ros.hear(peer, String, names.SIM_STATE, EVERY)
    clock = ros.hear(peer, Clock, names.CLOCK, EVERY)
    task = peer.create_publisher(String, names.SIM_TASK, EVERY)
    node = ros.node(SimNode, seed=7, real_time_factor=FAST)
    ros.spin_until(lambda: truth and task.get_subscription_count())
    ros.call(peer, Trigger, names.SIM_RESET, Trigger.Request())

    for name in ("juggle", "lift", "lift"):
        task.publish(String(data=name))
    ros.spin_until(lambda: ros_msgs.json_from(truth[-1])["task"] == "lift")
    answers = [ros.call(peer, Trigger, names.SIM_RESET, Trigger.Request()) for _ in range(2)]

    scenes = [json.loads(answer.message) for answer in answers]
    assert [(scene["task"], scene["seed"]) for scene in scenes] == [("lift", 7), ("lift", 8)]
    times_s = [s_from_stamp(heard.clock) for heard in clock]
    assert times_s == sorted(times_s)
    assert node.arm.now_s > 4 * RESET_LEAP_S


def test_the_clock_stands_still_while_paused_and_goes_on_afterwards(ros: Ros):
    peer = ros.peer()
    clock = ros.hear(peer, Clock, names.CLOCK, SENSOR)
    node = ros.node(SimNode, real_time_factor=FAST)
    ros.spin_until(lambda: clock)
    assert ros.call(peer, SetBool, names.SIM_PAUSE, SetBool.Request(data=True)).message == "paused"
    paused_s = node.arm.now_s
    timer = peer.create_timer(0.2, partial(clock.append, None))
    clock.clear()
    ros.spin_until(lambda: None in clock)
    timer.cancel()
    assert node.arm.now_s == paused_s
    ros.call(peer, SetBool, names.SIM_PAUSE, SetBool.Request(data=False))
    ros.spin_until(lambda: node.arm.now_s > paused_s)


def test_the_arm_follows_commands_and_a_wrong_one_changes_nothing(ros: Ros, contract: RobotContract):
    peer = ros.peer()
    commands = peer.create_publisher(Float64MultiArray, names.ARM_COMMANDS, SENSOR)
    node = ros.node(SimNode)
    ros.spin_until(lambda: node.arm.truth().time_s > 0.4 and commands.get_subscription_count())
    goal = np.array(node.arm.truth().joint_position_rad) + 0.2
    commands.publish(ros_msgs.command_msg(goal))
    ros.spin_until(lambda: np.allclose(node.arm.truth().command_rad, goal))
    node.arm.command(goal)
    commands.publish(ros_msgs.command_msg(np.full(len(contract.joints), np.nan)))
    seen_s = node.arm.now_s
    ros.spin_until(lambda: node.arm.now_s > seen_s + 0.05)
    assert np.isfinite(node.arm.truth().command_rad).all()


@pytest.mark.parametrize(
    ("parameters", "error", "sentence"),
    [
        ({"robot": "so100"}, ContractError, "robot 'so100' is not known.*did you mean so101"),
        (
            {"task": "place_in_box"},
            UsageError,
            "task 'place_in_box' is not known; .*did you mean place_in_bin",
        ),
        ({"split": "test"}, UsageError, "split 'test' is not known"),
        ({"real_time_factr": 2.0}, UsageError, "did you mean real_time_factor"),
        ({"real_time_factor": 0.0}, UsageError, "expected float in 0.01 .. 20"),
    ],
)
def test_a_wrong_parameter_is_refused_with_a_sentence(ros: Ros, parameters, error, sentence):
    with pytest.raises(error, match=sentence):
        ros.node(SimNode, **parameters)


def test_a_task_of_a_megabyte_is_refused_in_a_short_sentence(ros: Ros, capfd):
    node = ros.node(SimNode)
    node._on_task(String(data=1_000_000 * "a"))
    said = capfd.readouterr().err
    assert "a task of 1000000 characters is not known" in said
    assert len(said) < 1000
