"""Run the simulated arm in real time behind ROS topics, as the driver and the cameras of a real one would."""

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict

from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image
from sensor_msgs.msg import JointState as JointStateMessage
from std_msgs.msg import Float64MultiArray, String
from std_srvs.srv import SetBool, Trigger

from sovereign_robot.contract import names
from sovereign_robot.contract.errors import CommandError, UsageError
from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.nodes import ros_msgs
from sovereign_robot.nodes.bounded import subscribe
from sovereign_robot.nodes.diagnosis import Diagnosis, Level
from sovereign_robot.nodes.managed_node import ManagedNode
from sovereign_robot.nodes.parameters import SimParameters
from sovereign_robot.nodes.punctuality import ARM_PRIORITY
from sovereign_robot.nodes.qos import EVERY, SENSOR
from sovereign_robot.nodes.ros_main import run_node
from sovereign_robot.nodes.ros_time import RESET_LEAP_S
from sovereign_robot.nodes.sim_arm import SimArm
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.tasks.registry import load_task

MAX_NAME = 1000
SCENE_FACTS = ("seed", "split", "task", "instruction", "language", "goal", "choices")


class SimNode(ManagedNode[SimParameters]):
    """Steps the simulation, publishes what it measures and sees, obeys commands while they come."""

    def __init__(self, make: Callable[[RobotContract, str], Simulation] = Simulation, **node: object) -> None:
        """Make the node; `node` goes to rclpy's node, such as a context or parameter overrides."""
        super().__init__("sim_node", SimParameters, **node)
        self._make = make
        self._world = ExitStack()
        self._paused = False

    def load(self) -> None:
        """Lay out the first scene."""
        self.contract = load_robot(self.parameters.robot)
        self.hardware_id = self.contract.name
        self.acquired.callback(self._world.close)
        self._lay(self.parameters.task)
        self._make_publishers()
        subscribe(self, Float64MultiArray, names.ARM_COMMANDS, self._on_command, SENSOR)
        subscribe(self, String, names.INSTRUCTION, self._on_instruction, EVERY)
        subscribe(self, String, names.SIM_TASK, self._on_task, EVERY)
        self.create_service(Trigger, names.SIM_RESET, self._on_reset)
        self.create_service(SetBool, names.SIM_PAUSE, self._on_pause)

    def start(self) -> None:
        """Let time run."""
        period_s = self.contract.control_step_s / self.parameters.real_time_factor
        self._stepping = self.create_timer(period_s, self._step, clock=self.steady.ros)

    def hold(self) -> None:
        """Let time, and with it the arm, stand still."""
        self.destroy_timer(self._stepping)

    def diagnose(self) -> Diagnosis:
        """Which scene runs."""
        message = f"{self.task} {'paused' if self._paused else 'running'}"
        return Diagnosis(Level.OK, message, {"simulated s": f"{self.arm.now_s:.1f}"})

    def _lay(self, task: str, now_s: float = 0.0) -> None:
        """Lay out a task at a time [s], in the scene of the first seed; what lay there before is freed."""
        self._world.close()
        simulation = self._make(self.contract, task)
        self._world.callback(simulation.close)
        self.arm = SimArm(simulation, self.parameters.seed, self.parameters.split, now_s)
        self.task = task

    def _make_publishers(self) -> None:
        self._ticks = self.create_publisher(Clock, names.CLOCK, EVERY)
        self._joints = self.create_publisher(JointStateMessage, names.JOINT_STATES, SENSOR)
        self._state = self.create_publisher(String, names.SIM_STATE, EVERY)
        cameras = self.contract.camera_names
        self._images = {c: self.create_publisher(Image, names.camera_image_topic(c), SENSOR) for c in cameras}
        self._infos = {
            c: self.create_publisher(CameraInfo, names.camera_info_topic(c), SENSOR) for c in cameras
        }

    def _step(self) -> None:
        if self._paused:
            return
        self.arm.step()
        self._joints.publish(ros_msgs.joint_state_msg(self.arm.joint_state()))
        self._ticks.publish(ros_msgs.clock_msg(self.arm.now_s))  # before the pictures, which take a while
        if self.arm.frame_is_due():
            self._publish_frame()

    def _publish_frame(self) -> None:
        """Pictures and truth of one moment, all with the same stamp."""
        stamp_s, seen_s = self.arm.now_s, self.steady.now_s()
        for name, image in self.arm.images().items():
            camera = self.contract.camera(name)
            self._images[name].publish(ros_msgs.image_msg(camera, stamp_s, image))
            view_rad = self.arm.vertical_view_rad(name)
            self._infos[name].publish(ros_msgs.camera_info_msg(camera, stamp_s, view_rad))
        truth = asdict(self.arm.truth())
        facts = {"task": self.task, "stamp_s": stamp_s, "steady_s": seen_s}
        self._state.publish(ros_msgs.json_msg({**truth, **facts}))

    def _on_command(self, message: Float64MultiArray) -> None:
        try:
            self.arm.command(ros_msgs.command_from(message, self.contract))
        except CommandError as error:
            self.get_logger().error(str(error), throttle_duration_sec=1.0)

    def _on_instruction(self, message: String) -> None:
        self.arm.listen(message.data)

    def _on_task(self, message: String) -> None:
        """Go on with another task, whose seeds begin at the first one; an unknown one changes nothing."""
        if message.data == self.task:
            return
        if len(message.data) > MAX_NAME:
            self.get_logger().error(
                f"a task of {len(message.data)} characters is not known", throttle_duration_sec=1.0
            )
            return
        try:
            load_task(message.data)
        except UsageError as error:
            self.get_logger().error(str(error))
            return
        self._lay(message.data, self.arm.now_s + RESET_LEAP_S)
        self.get_logger().info(f"task {self.task}")

    def _on_reset(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        scene = self.arm.reset()
        facts = {field: getattr(scene, field) for field in SCENE_FACTS}
        response.success, response.message = True, ros_msgs.json_msg(facts).data
        self.get_logger().info(f"scene {scene.seed} ({scene.split}): {scene.instruction}")
        return response

    def _on_pause(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        self._paused = request.data
        response.success, response.message = True, "paused" if self._paused else "running"
        return response


def main(args: Sequence[str] | None = None) -> int:
    """Entry point of the executable `sim_node`."""
    return run_node("sim_node", SimNode, args, ARM_PRIORITY)


if __name__ == "__main__":
    sys.exit(main())
