"""What becomes of a plan whose cameras are lost while it is played."""

from functools import partial

import pytest
from diagnostic_msgs.msg import DiagnosticStatus

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.control.camera_watch import FROZEN_S
from sovereign_robot.nodes.policy_node import MAX_PICTURE_BYTES
from tests.nodes.conftest import Ros
from tests.nodes.policy_bench import ASKED, Robot

SET_S = 0.05


@pytest.fixture
def robot(ros: Ros, contract: RobotContract) -> Robot:
    """A robot whose policy has a plan in play, and the node that looks at its cameras."""
    robot = Robot(ros, contract)
    robot.say(ASKED)
    robot.frames_until(lambda: robot.chunks)
    return robot


def withdrawn(robot: Robot) -> bool:
    return not robot.chunks[-1].points


def test_a_plan_is_withdrawn_once_the_newest_picture_is_older_than_the_contract_says(robot: Robot):
    robot.ros.spin_until(lambda: not robot.node._planner.busy)
    seen_s = robot.now_s
    hold_s = robot.contract.safety.image_hold_s
    while robot.now_s < seen_s + hold_s - SET_S:
        robot.frame(without=("front",))
        assert not withdrawn(robot)
    robot.frames_until(partial(withdrawn, robot), without=("front",))
    status = robot.told()
    assert status.level == DiagnosticStatus.WARN
    assert status.message.startswith("the plan is withdrawn: camera front is 0.5")
    assert f"expected at most {hold_s:.3f} s" in status.message


@pytest.mark.parametrize(
    ("how", "sentence"),
    [({"level": 0}, "camera front is black"), ({"frame": "wrist_optical"}, "are two cameras swapped?")],
    ids=["black", "swapped"],
)
def test_a_plan_is_withdrawn_with_the_first_wrong_picture(robot: Robot, how: dict, sentence: str):
    robot.now_s += SET_S
    robot.tell_time()
    robot.publish_pictures(robot.now_s, **how)
    robot.ros.spin_until(partial(withdrawn, robot), timeout_s=2.0)
    assert sentence in robot.told().message


def test_a_plan_is_withdrawn_when_a_picture_stays_the_same_while_the_arm_moves(robot: Robot):
    froze_s = robot.now_s
    for i in range(100):
        robot.position_rad = robot.contract.home + 0.01 * i
        robot.frame()
        if withdrawn(robot):
            break
    assert withdrawn(robot)
    assert FROZEN_S < robot.now_s - froze_s < FROZEN_S + 4 * SET_S
    assert "sends the same picture" in robot.told().message


def test_a_withdrawn_plan_is_withdrawn_once_and_followed_by_a_new_one(robot: Robot):
    robot.frames_until(partial(withdrawn, robot), level=0)
    for _ in range(5):
        robot.frame(level=0)
    count = len(robot.chunks)
    assert withdrawn(robot)
    assert sum(not chunk.points for chunk in robot.chunks) == 1
    robot.frames_until(lambda: len(robot.chunks) > count)
    assert not withdrawn(robot)
    assert robot.told().message == f"follows {ASKED!r}"


def test_a_plan_that_is_being_made_when_a_camera_is_lost_is_never_published(
    ros: Ros, contract: RobotContract
):
    robot = Robot(ros, contract)
    robot.say(ASKED)
    robot.frames_until(lambda: robot.chunks)
    robot.policy.waits.clear()
    seen = len(robot.policy.seen)
    robot.frames_until(lambda: len(robot.policy.seen) > seen)
    robot.frames_until(partial(withdrawn, robot), level=0)
    robot.policy.waits.set()
    robot.ros.spin_until(lambda: not robot.node._planner.busy)
    for _ in range(3):
        robot.frame(level=0)
    assert withdrawn(robot)


def test_a_robot_that_follows_nothing_withdraws_nothing(ros: Ros, contract: RobotContract):
    robot = Robot(ros, contract)
    for _ in range(5):
        robot.frame(level=0)
    assert robot.chunks == []


def test_a_picture_of_absurd_size_is_refused_unread_and_the_next_one_taken(robot: Robot, capfd):
    hears = next(s for s in robot.node.subscriptions if s.topic_name == "/camera/front/image_raw")
    assert hears.raw
    hears.callback(bytes(MAX_PICTURE_BYTES + 1), {})
    assert f"camera/front/image_raw brought {MAX_PICTURE_BYTES + 1} bytes" in capfd.readouterr().err
    count = len(robot.policy.seen)
    robot.frames_until(lambda: len(robot.policy.seen) > count)
