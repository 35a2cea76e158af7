"""The other side of a policy node, for tests: cameras, joints and a clock that the test moves."""

from functools import partial
from threading import Event

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.node import Node
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image
from sensor_msgs.msg import JointState as JointStateMessage
from std_msgs.msg import String
from trajectory_msgs.msg import JointTrajectory

from sovereign_robot.contract import names
from sovereign_robot.contract.fakes import HoldPolicy, PickyPolicy
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import JointState, Observation
from sovereign_robot.nodes import ros_msgs
from sovereign_robot.nodes.policy_node import PolicyNode
from sovereign_robot.nodes.qos import EVERY, LATCHED, SENSOR
from sovereign_robot.nodes.ros_time import RosClock
from tests.nodes.conftest import Ros

ASKED = "赤いキューブを左の箱に入れて"


class WatchedPolicy(HoldPolicy):
    """Stays, and remembers what it saw; thinks for as long as `waits` is not set."""

    def __init__(self, contract: RobotContract) -> None:
        super().__init__(contract)
        self.seen: list[Observation] = []
        self.waits = Event()
        self.waits.set()

    def predict(self, observation, committed=None):
        self.seen.append(observation)
        self.waits.wait(10.0)
        return super().predict(observation, committed)


class WatchedPickyPolicy(PickyPolicy, WatchedPolicy):
    """Follows one sentence alone, and remembers what it saw."""

    def __init__(self, contract: RobotContract) -> None:
        super().__init__(contract, [ASKED])
        self.seen: list[Observation] = []
        self.waits = Event()
        self.waits.set()


class Robot:
    """The other side of a policy node: cameras, joints and a clock that the test moves."""

    def __init__(
        self, ros: Ros, contract: RobotContract, policy: WatchedPolicy | None = None, **parameters: object
    ) -> None:
        self.ros, self.contract = ros, contract
        self.policy = policy or WatchedPolicy(contract)
        self.peer = ros.peer()
        self.chunks = ros.hear(self.peer, JointTrajectory, names.ACTION_CHUNK, EVERY)
        self.diagnostics = ros.hear(self.peer, DiagnosticArray, names.DIAGNOSTICS, EVERY)
        self.active = ros.hear(self.peer, String, names.INSTRUCTION_ACTIVE, LATCHED)
        self._clock = self.peer.create_publisher(Clock, names.CLOCK, EVERY)
        self._joints = self.peer.create_publisher(JointStateMessage, names.JOINT_STATES, SENSOR)
        topics = {c: names.camera_image_topic(c) for c in contract.camera_names}
        self._images = {c: self.peer.create_publisher(Image, t, SENSOR) for c, t in topics.items()}
        self._words = self.peer.create_publisher(String, names.INSTRUCTION, EVERY)
        self.node: Node = ros.node(
            partial(PolicyNode, lambda folder, robot: self.policy), use_sim_time=True, **parameters
        )
        self._node_time = RosClock(self.node)
        self.now_s = 1.0
        self.position_rad = contract.home
        publishers = (self._clock, self._joints, self._words, *self._images.values())
        ros.spin_until(lambda: all(p.get_subscription_count() for p in publishers))

    def say(self, text: str) -> None:
        """Say it and wait until the node has answered."""
        self.active.clear()
        self._words.publish(String(data=text))
        self.ros.spin_until(lambda: self.active)

    def told(self) -> DiagnosticStatus:
        """The next status of the node."""
        self.diagnostics.clear()
        self.ros.spin_until(lambda: self.diagnostics)
        return self.diagnostics[-1].status[0]

    def frame(self, without: tuple[str, ...] = (), step_s: float = 0.05, **how: object) -> None:
        """One policy step passes, with joints and pictures but for those left out."""
        self.now_s += step_s
        if names.JOINT_STATES not in without:
            self.publish_joints(self.now_s)
        self.tell_time()
        self.publish_pictures(self.now_s, without, **how)
        for _ in range(8):
            self.ros.executor.spin_once(timeout_sec=0.005)

    def publish_joints(self, stamp_s: float) -> None:
        zeros = np.zeros(len(self.contract.joints))
        state = JointState(stamp_s, self.contract.joint_names, self.position_rad, zeros)
        self._joints.publish(ros_msgs.joint_state_msg(state))

    def publish_pictures(
        self, stamp_s: float, without: tuple[str, ...] = (), level: int = 100, frame: str = ""
    ) -> None:
        """Pictures of one grey level; of another tf frame than the contract's, where one is given."""
        for camera in self.contract.cameras:
            if camera.name not in without:
                image = np.full((camera.height_px, camera.width_px, 3), level, np.uint8)
                message = ros_msgs.image_msg(camera, stamp_s, image)
                message.header.frame_id = frame or message.header.frame_id
                self._images[camera.name].publish(message)

    def tell_time(self) -> None:
        self._clock.publish(ros_msgs.clock_msg(self.now_s))
        self.ros.spin_until(lambda: self._node_time.now_s() >= self.now_s - 1e-6)

    def frames_until(self, happened, **how) -> None:
        def framed() -> bool:
            self.frame(**how)
            return bool(happened())

        self.ros.spin_until(framed)
