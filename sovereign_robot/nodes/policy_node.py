"""Watch, listen and plan: cameras, joints and an instruction in, action chunks out."""

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

from sensor_msgs.msg import Image
from sensor_msgs.msg import JointState as JointStateMessage
from std_msgs.msg import String
from trajectory_msgs.msg import JointTrajectory

from sovereign_robot.contract import names
from sovereign_robot.contract.errors import CommandError, InstructionError, ObservationError
from sovereign_robot.contract.instruction import check_instruction
from sovereign_robot.contract.ports import Listener, Policy
from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.contract.types import ActionChunk
from sovereign_robot.control.chunking import chunking_of
from sovereign_robot.control.observation_builder import ObservationBuilder
from sovereign_robot.control.supervisor import State
from sovereign_robot.nodes import ros_msgs
from sovereign_robot.nodes.bounded import subscribe
from sovereign_robot.nodes.command_timing import PlanTiming
from sovereign_robot.nodes.diagnosis import Diagnosis, Level
from sovereign_robot.nodes.managed_node import ManagedNode
from sovereign_robot.nodes.parameters import PolicyParameters
from sovereign_robot.nodes.planner import Planner
from sovereign_robot.nodes.qos import EVERY, LATCHED, NEWEST, RECENT
from sovereign_robot.nodes.ros_main import run_node
from sovereign_robot.nodes.ros_time import on_leap, s_from_stamp
from sovereign_robot.policy.default import policy_dir
from sovereign_robot.policy.onnx_policy import OnnxPolicy

LOG_EVERY_S = 2.0
WATCH_EVERY_S = 0.5
CAMERAS_EVERY_S = 0.1
MAX_PICTURE_BYTES = 25_000_000  # 3840x2160 at three bytes a pixel
STOPPED = (State.PROTECTIVE_STOP, State.ESTOP)


def load_policy(name_or_path: str, robot: RobotContract) -> Policy:
    """The policy of a folder, or with "default" the one that the package carries."""
    return OnnxPolicy.load(policy_dir(name_or_path), robot)


class PolicyNode(ManagedNode[PolicyParameters]):
    """Builds observations of what streams in and has the planner answer each with a chunk."""

    def __init__(self, load: Callable[[str, RobotContract], Policy] = load_policy, **node: object) -> None:
        """Make the node; `node` goes to rclpy's node, such as a context or parameter overrides."""
        super().__init__("policy_node", PolicyParameters, **node)
        self._load = load
        self.instruction = ""

    def load(self) -> None:
        """Load the policy and hear; nothing is planned before `start`."""
        self.contract = load_robot(self.parameters.robot)
        self.hardware_id = self.contract.name
        self._chunks = self.create_publisher(JointTrajectory, names.ACTION_CHUNK, EVERY)
        self._timing = self.create_publisher(String, names.POLICY_TIMING, EVERY)
        self._active_words = self.create_publisher(String, names.INSTRUCTION_ACTIVE, LATCHED)
        self._builder = ObservationBuilder(self.contract)
        self._policy = self._load(self.parameters.policy, self.contract)
        chunking = chunking_of(self.parameters.chunking)
        self._planner = Planner(self._policy, self.time, self.steady, self._publish, chunking)
        self.acquired.callback(self._planner.close)
        self._planned_s = -float("inf")
        self._pictures: Counter[str] = Counter()
        self._pictures_of_plan: dict[str, int] = {}
        self._in_play = False  # whether a chunk was published that has not been withdrawn
        self._withdrawn = ""  # why the last one was
        self.instruction = ""
        self._refusal = ""  # why the newest instruction is not followed
        self._heard: dict[str, str] = {}
        if self.parameters.instruction:
            self._on_instruction(String(data=self.parameters.instruction))
        self._subscribe()
        self.acquired.callback(on_leap(self, self._on_leap).unregister)
        self._was_late = False
        self.create_timer(WATCH_EVERY_S, self._watch, clock=self.steady.ros)
        self.create_timer(CAMERAS_EVERY_S, self._judge_cameras, clock=self.steady.ros)

    def hold(self) -> None:
        """Plan no more; a plan that is being made is not published."""
        self._planner.reset()

    def _subscribe(self) -> None:
        subscribe(self, JointStateMessage, names.JOINT_STATES, self._on_joints, RECENT)
        for camera in self.contract.camera_names:
            topic = names.camera_image_topic(camera)
            subscribe(self, Image, topic, partial(self._on_image, camera), NEWEST, MAX_PICTURE_BYTES)
        subscribe(self, String, names.INSTRUCTION, self._on_instruction, EVERY)
        subscribe(self, String, names.SAFETY_STATE, self._on_safety_state, LATCHED)

    def _on_joints(self, message: JointStateMessage) -> None:
        try:
            self._builder.on_joint_state(ros_msgs.joint_state_from(message, self.contract))
        except ObservationError as error:
            self.get_logger().error(str(error), throttle_duration_sec=LOG_EVERY_S)

    def _on_image(self, camera: str, message: Image) -> None:
        try:
            image = ros_msgs.image_from(message, camera)
            self._pictures[camera] += 1
            stamp_s, frame = s_from_stamp(message.header.stamp), message.header.frame_id
            self._builder.on_image(camera, stamp_s, image, frame)
            self._judge_cameras()
            self._plan_when_due()
        except (ObservationError, CommandError) as error:
            self.get_logger().warning(f"no action chunk: {error}", throttle_duration_sec=LOG_EVERY_S)

    def _plan_when_due(self) -> None:
        """Plan on every n-th complete set of pictures, and on the first after a new instruction."""
        stamp_s = self._builder.stamp_s
        wait_s = (self.parameters.replan_every_steps - 0.5) * self.contract.policy_step_s
        if (
            not self.active
            or not self.instruction
            or stamp_s is None
            or stamp_s - self._planned_s < wait_s
            or self._planner.busy
        ):
            return
        self._planned_s, self._pictures_of_plan = stamp_s, dict(self._pictures)
        self._planner.start(self._builder.build(self.time.now_s(), self.instruction))

    def _publish(self, chunk: ActionChunk, timing: PlanTiming) -> None:
        """When it was made goes first, so that the safety node knows it by its first command."""
        self._in_play, self._withdrawn = True, ""
        self._timing.publish(ros_msgs.json_msg({**timing.as_dict(), "pictures": self._pictures_of_plan}))
        self._chunks.publish(ros_msgs.chunk_msg(chunk))

    def _judge_cameras(self) -> None:
        """Withdraw the plan in play when its cameras are lost, before it has run out."""
        if not self._in_play:
            return
        now_s = self.time.now_s()
        if lost := self._builder.loss(now_s):
            self._in_play, self._withdrawn = False, f"the plan is withdrawn: {lost}"
            self._planner.stop()
            self._chunks.publish(ros_msgs.withdrawal_msg(self.contract, now_s))
            self.get_logger().warning(self._withdrawn)
            self.publish_diagnostics()

    def _on_instruction(self, message: String) -> None:
        """Take an instruction; one that is refused leaves none, so that the arm comes to rest."""
        self._refusal, self._heard = "", {}
        try:
            check_instruction(message.data)
        except InstructionError as error:
            self._refusal = str(error)
            self.get_logger().error(self._refusal)
        else:
            self._listen(message.data)
        self._follow("" if self._refusal else message.data)

    def _listen(self, text: str) -> None:
        """Refuse what the policy never learnt, where it can tell."""
        if not isinstance(self._policy, Listener):
            return
        heard = self._policy.understand(text)
        self._heard = {"familiarity": f"{heard.familiarity:.3f}", "threshold": f"{heard.threshold:.3f}"}
        self._heard |= heard.goal
        if not heard.is_familiar:
            self._refusal = heard.refusal
            self.get_logger().warning(self._refusal)

    def _follow(self, instruction: str) -> None:
        if instruction != self.instruction:
            self.instruction, self._planned_s = instruction, -float("inf")
            self._planner.reset()
        self._active_words.publish(String(data=instruction))
        self.publish_diagnostics()

    def diagnose(self) -> Diagnosis:
        """What is followed and how fast the policy answers, or why nothing is followed."""
        fault = self._refusal or self._withdrawn or self._planner.trouble
        text = fault or (f"follows {self.instruction!r}" if self.instruction else "no instruction")
        return Diagnosis(Level.WARN if fault else Level.OK, text, self._heard | self._planner.facts)

    def _on_safety_state(self, message: String) -> None:
        try:
            state = ros_msgs.json_from(message).get("state")
        except ObservationError as error:
            self.get_logger().warning(f"{names.SAFETY_STATE}: {error}", throttle_duration_sec=LOG_EVERY_S)
            return
        if state in STOPPED:
            self._planner.stop()
        elif state != State.RUNNING:
            self._planner.hold()

    def _on_leap(self, _: float) -> None:
        self._builder.forget()
        self._refusal, self._withdrawn, self._heard = "", "", {}
        self._in_play = False
        self._follow("")

    def _watch(self) -> None:
        """Say which stream is late while an instruction waits; pictures that never come call nothing else."""
        self.publish_diagnostics()
        fault = self._builder.fault(self.time.now_s()) if self.active and self.instruction else ""
        was_late, self._was_late = self._was_late, bool(fault)
        if fault and was_late:
            self.get_logger().warning(f"no action chunk: {fault}", throttle_duration_sec=LOG_EVERY_S)


def main(args: Sequence[str] | None = None) -> int:
    """Entry point of the executable `policy_node`."""
    return run_node("policy_node", PolicyNode, args)


if __name__ == "__main__":
    sys.exit(main())
