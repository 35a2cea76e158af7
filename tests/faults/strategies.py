"""Messages as a broken or hostile node may send them: every field of its type, none of its meaning."""

import math
from array import array

from hypothesis import strategies as st
from sensor_msgs.msg import Image, JointState
from std_msgs.msg import Float64MultiArray, String
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from sovereign_robot.contract.robot import load_robot

ROBOT = load_robot("so101")
NUMBERS = st.floats() | st.sampled_from([0.0, math.nan, math.inf, -math.inf, 1e300, -1e-300])
ROWS = st.lists(NUMBERS, max_size=8) | st.just(list(ROBOT.home))
NAMES = st.lists(st.sampled_from([*ROBOT.joint_names, "", "x"]), max_size=8) | st.just(
    list(ROBOT.joint_names)
)
SECONDS = st.integers(-(2**31), 2**31 - 1) | st.integers(0, 5)
NANOSECONDS = st.integers(0, 2**32 - 1)
TEXTS = st.text(max_size=300) | st.sampled_from(["", "\0", "[]", "null", "{", '{"state": 3}', 5000 * "["])


@st.composite
def joint_states(draw: st.DrawFn) -> JointState:
    message = JointState(name=draw(NAMES), position=array("d", draw(ROWS)), velocity=array("d", draw(ROWS)))
    message.header.stamp.sec, message.header.stamp.nanosec = draw(SECONDS), draw(NANOSECONDS)
    return message


@st.composite
def chunks(draw: st.DrawFn) -> JointTrajectory:
    message = JointTrajectory(joint_names=draw(NAMES))
    message.header.stamp.sec, message.header.stamp.nanosec = draw(SECONDS), draw(NANOSECONDS)
    evenly = draw(st.booleans())
    for i, row in enumerate(draw(st.lists(ROWS, max_size=6))):
        point = JointTrajectoryPoint(positions=array("d", row))
        point.time_from_start.sec = 0 if evenly else draw(SECONDS)
        point.time_from_start.nanosec = (i + 1) * 50_000_000 if evenly else draw(NANOSECONDS)
        message.points.append(point)
    return message


@st.composite
def images(draw: st.DrawFn) -> Image:
    height, width = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    if draw(st.booleans()):
        height, width = ROBOT.cameras[0].height_px, ROBOT.cameras[0].width_px
    message = Image(height=height, width=width, encoding=draw(st.sampled_from(["rgb8", "bgr8", "mono8", ""])))
    message.step = draw(st.sampled_from([3 * width, 0, 1, 2**32 - 1]))
    wanted = min(height * message.step, 10**6)
    size = draw(st.sampled_from([wanted, 0, max(0, wanted - 1)]))
    message.data = array("B", bytes(size))
    message.header.stamp.sec, message.header.stamp.nanosec = draw(SECONDS), draw(NANOSECONDS)
    message.header.frame_id = draw(st.text(max_size=20))
    return message


def strings() -> st.SearchStrategy[String]:
    return TEXTS.map(lambda text: String(data=text))


def commands() -> st.SearchStrategy[Float64MultiArray]:
    return ROWS.map(lambda row: Float64MultiArray(data=array("d", row)))
