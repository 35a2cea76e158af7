"""ROS messages to contract types and back; nowhere else is a message taken apart.

Arrays go in as `array.array` of the field's type: rclpy takes those whole and checks anything else element
by element (a 640x480 image: 0.3 ms against 0.3 s).
"""

import json
import math
from array import array
from collections.abc import Mapping

import numpy as np
from builtin_interfaces.msg import Duration
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo
from sensor_msgs.msg import Image as ImageMessage
from sensor_msgs.msg import JointState as JointStateMessage
from std_msgs.msg import Float64MultiArray, String
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from sovereign_robot.contract.errors import CommandError, ObservationError
from sovereign_robot.contract.names import ACTION_CHUNK, ARM_COMMANDS, JOINT_STATES
from sovereign_robot.contract.robot import Camera, RobotContract
from sovereign_robot.contract.types import ActionChunk, Array, Image, JointState
from sovereign_robot.nodes.diagnosis import Diagnosis
from sovereign_robot.nodes.ros_time import NS_PER_S, s_from_stamp, stamp_from_s

MAX_POINTS = 1000
MAX_JSON = 1_000_000
STEP_TOLERANCE_S = 1e-6
_CHANNELS_TO_RGB = {"rgb8": slice(None), "bgr8": slice(None, None, -1)}


def clock_msg(time_s: float) -> Clock:
    """Simulated time."""
    return Clock(clock=stamp_from_s(time_s))


def joint_state_msg(joints: JointState) -> JointStateMessage:
    """Measured joints; effort is left empty, which in ROS means not measured."""
    message = JointStateMessage(name=list(joints.joint_names))
    message.header.stamp = stamp_from_s(joints.stamp_s)
    message.position = array("d", joints.position_rad.tobytes())
    message.velocity = array("d", joints.velocity_rad_s.tobytes())
    return message


def joint_state_from(message: JointStateMessage, contract: RobotContract) -> JointState:
    """The contract's joints in its order, picked by name out of a message that may hold more.

    Raises:
        ObservationError: a joint is missing or there twice, or one has no position or velocity.
    """
    index = {name: i for i, name in enumerate(message.name)}
    if len(index) != len(message.name):
        twice = sorted({name for name in message.name if list(message.name).count(name) > 1})
        raise ObservationError(f"{JOINT_STATES} names {', '.join(twice)} twice")
    missing = [name for name in contract.joint_names if name not in index]
    if missing:
        raise ObservationError(
            f"{JOINT_STATES} lacks {', '.join(missing)}: it names {', '.join(message.name) or 'no joint'}"
        )
    for part in ("position", "velocity"):
        if len(getattr(message, part)) != len(index):
            raise ObservationError(
                f"{JOINT_STATES} has {len(getattr(message, part))} values of {part} for {len(index)} joints"
            )
    order = [index[name] for name in contract.joint_names]
    position_rad, velocity_rad_s = np.asarray(message.position), np.asarray(message.velocity)
    stamp_s = s_from_stamp(message.header.stamp)
    return JointState(stamp_s, contract.joint_names, position_rad[order], velocity_rad_s[order])


def image_msg(camera: Camera, stamp_s: float, image: Image) -> ImageMessage:
    """An uint8 RGB picture (H, W, 3) of a camera."""
    height_px, width_px, _ = image.shape
    message = ImageMessage(height=height_px, width=width_px, encoding="rgb8", step=3 * width_px)
    message.header.stamp, message.header.frame_id = stamp_from_s(stamp_s), camera.frame
    message.data = array("B")
    message.data.frombytes(memoryview(np.ascontiguousarray(image)).cast("B"))
    return message


def image_from(message: ImageMessage, camera: str) -> Image:
    """The picture as uint8 RGB (H, W, 3), on the message's own memory where the encoding allows.

    Raises:
        ObservationError: unknown encoding, or the data does not fill the stated size; names the camera.
    """
    order = _CHANNELS_TO_RGB.get(message.encoding)
    if order is None:
        known = ", ".join(_CHANNELS_TO_RGB)
        raise ObservationError(
            f"camera {camera} sends encoding {message.encoding!r}, expected one of {known}"
        )
    if message.step < 3 * message.width or len(message.data) != message.step * message.height:
        raise ObservationError(
            f"camera {camera} sends {len(message.data)} bytes with a step of {message.step} "
            f"for {message.width}x{message.height} pixels of 3 bytes"
        )
    rows = np.frombuffer(message.data, np.uint8).reshape(message.height, message.step)
    return rows[:, : 3 * message.width].reshape(message.height, message.width, 3)[:, :, order]


def camera_info_msg(camera: Camera, stamp_s: float, vertical_view_rad: float) -> CameraInfo:
    """Intrinsics of a camera without distortion whose picture is `vertical_view_rad` high."""
    focal_px = 0.5 * camera.height_px / math.tan(0.5 * vertical_view_rad)
    x_px, y_px = 0.5 * camera.width_px, 0.5 * camera.height_px
    message = CameraInfo(height=camera.height_px, width=camera.width_px, distortion_model="plumb_bob")
    message.header.stamp, message.header.frame_id = stamp_from_s(stamp_s), camera.frame
    message.d = [0.0] * 5
    message.k = np.array([focal_px, 0.0, x_px, 0.0, focal_px, y_px, 0.0, 0.0, 1.0])
    message.r = np.eye(3).ravel()
    message.p = np.array([focal_px, 0.0, x_px, 0.0, 0.0, focal_px, y_px, 0.0, 0.0, 0.0, 1.0, 0.0])
    return message


def chunk_msg(chunk: ActionChunk) -> JointTrajectory:
    """An action chunk: stamp = observation time, one point per row."""
    message = JointTrajectory(joint_names=list(chunk.joint_names))
    message.header.stamp = stamp_from_s(chunk.stamp_s)
    rows = np.ascontiguousarray(chunk.position_rad, dtype=np.float64)
    message.points = [
        JointTrajectoryPoint(
            positions=array("d", row.tobytes()), time_from_start=_duration((i + 1) * chunk.step_s)
        )
        for i, row in enumerate(rows)
    ]
    return message


def withdrawal_msg(contract: RobotContract, stamp_s: float) -> JointTrajectory:
    """The trajectory without points by which a source withdraws the plan that it has sent."""
    message = JointTrajectory(joint_names=list(contract.joint_names))
    message.header.stamp = stamp_from_s(stamp_s)
    return message


def chunk_from(message: JointTrajectory, topic: str = ACTION_CHUNK) -> ActionChunk:
    """The chunk of a trajectory whose points are evenly spaced from its stamp on.

    Without points it has no rows: a teleoperator lets go, another source withdraws its plan.

    Args:
        message: the trajectory.
        topic: where it came from, for the sentence that refuses it.

    Raises:
        CommandError: too many points, of unequal length, or not evenly spaced.
    """
    count, stamp_s = len(message.points), s_from_stamp(message.header.stamp)
    if count == 0:
        return ActionChunk(stamp_s, 0.0, tuple(message.joint_names), np.empty((0, len(message.joint_names))))
    if count > MAX_POINTS:
        raise CommandError(f"{topic} has {count} points, expected at most {MAX_POINTS}")
    if len({len(point.positions) for point in message.points}) > 1:
        raise CommandError(f"{topic} has points of different length")
    from_start_s = np.array([_seconds(point.time_from_start) for point in message.points])
    step_s = float(from_start_s[0])
    if np.abs(from_start_s - step_s * np.arange(1, count + 1)).max() > STEP_TOLERANCE_S:
        raise CommandError(f"{topic} has points that are not evenly spaced from its stamp on")
    rows = np.array([point.positions for point in message.points], dtype=np.float64)
    return ActionChunk(stamp_s, step_s, tuple(message.joint_names), rows)


def command_msg(position_rad: Array) -> Float64MultiArray:
    """A command (J,) [rad] for a forward position controller, in the contract's joint order."""
    return Float64MultiArray(data=array("d", position_rad.tobytes()))


def command_from(message: Float64MultiArray, contract: RobotContract) -> Array:
    """A command (J,) [rad].

    Raises:
        CommandError: not one finite value for each joint.
    """
    position_rad = np.array(message.data, dtype=np.float64)
    if position_rad.shape != (len(contract.joints),) or not np.isfinite(position_rad).all():
        raise CommandError(
            f"{ARM_COMMANDS} holds {position_rad.tolist()}, "
            f"expected a finite position for each of {', '.join(contract.joint_names)}"
        )
    return position_rad


def diagnostics_msg(time_s: float, name: str, hardware_id: str, diagnosis: Diagnosis) -> DiagnosticArray:
    """How one component of one piece of hardware is, for people."""
    values = [KeyValue(key=key, value=value) for key, value in diagnosis.facts.items()]
    status = DiagnosticStatus(
        level=bytes([diagnosis.level]),
        name=name,
        message=diagnosis.message,
        hardware_id=hardware_id,
        values=values,
    )
    message = DiagnosticArray(status=[status])
    message.header.stamp = stamp_from_s(time_s)
    return message


def json_msg(content: Mapping[str, object]) -> String:
    """A JSON object as text."""
    return String(data=json.dumps(content, ensure_ascii=False))


def json_from(message: String) -> dict[str, object]:
    """The JSON object in a text.

    Raises:
        ObservationError: it is too long, not JSON, or not an object.
    """
    if len(message.data) > MAX_JSON:
        raise ObservationError(f"a text of {len(message.data)} characters, expected at most {MAX_JSON}")
    try:
        content = json.loads(message.data)
    except (ValueError, RecursionError) as error:
        raise ObservationError(f"a text that is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise ObservationError(f"JSON that is a {type(content).__name__}, expected an object")
    return content


def _duration(seconds: float) -> Duration:
    sec, nanosec = divmod(round(seconds * NS_PER_S), NS_PER_S)
    return Duration(sec=sec, nanosec=nanosec)


def _seconds(duration: Duration) -> float:
    return (duration.sec * NS_PER_S + duration.nanosec) / NS_PER_S
