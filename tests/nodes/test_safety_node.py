import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import JointState as JointStateMessage
from std_msgs.msg import Float64MultiArray, String
from std_srvs.srv import Trigger
from trajectory_msgs.msg import JointTrajectory

from sovereign_robot.contract import names
from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import ActionChunk, JointState
from sovereign_robot.control.supervisor import State
from sovereign_robot.nodes import ros_msgs
from sovereign_robot.nodes.command_timing import PlanTiming
from sovereign_robot.nodes.qos import EVERY, LATCHED, SENSOR
from sovereign_robot.nodes.ros_time import RESET_LEAP_S, RosClock, SteadyClock
from sovereign_robot.nodes.safety_node import SafetyNode
from tests.nodes.conftest import Ros

STEP_S = 0.01


class Arm:
    """The other side of a safety node: an arm that rests at home, and a clock that the test moves."""

    def __init__(self, ros: Ros, contract: RobotContract, **parameters: object) -> None:
        self.ros, self.contract = ros, contract
        self.peer = ros.peer()
        self.commands = ros.hear(self.peer, Float64MultiArray, names.ARM_COMMANDS, SENSOR)
        self.states = ros.hear(self.peer, String, names.SAFETY_STATE, LATCHED)
        self.timing = ros.hear(self.peer, String, names.SAFETY_TIMING, EVERY)
        self._clock = self.peer.create_publisher(Clock, names.CLOCK, EVERY)
        self._joints = self.peer.create_publisher(JointStateMessage, names.JOINT_STATES, SENSOR)
        self._chunks = self.peer.create_publisher(JointTrajectory, names.ACTION_CHUNK, EVERY)
        self.node = ros.node(SafetyNode, use_sim_time=True, **parameters)
        self._node_time = RosClock(self.node)
        self.now_s = 1.0
        topics = (self._clock, self._joints, self._chunks)
        ros.spin_until(lambda: all(topic.get_subscription_count() for topic in topics))

    def step(self, joints: bool = True, seconds: float = STEP_S) -> None:
        """Let time pass, with a fresh joint state or without one."""
        self.now_s += seconds
        if joints:
            zeros = np.zeros(len(self.contract.joints))
            state = JointState(self.now_s, self.contract.joint_names, self.contract.home, zeros)
            self._joints.publish(ros_msgs.joint_state_msg(state))
        self._clock.publish(ros_msgs.clock_msg(self.now_s))
        self.ros.spin_until(lambda: self._node_time.now_s() >= self.now_s - 1e-6)
        for _ in range(6):
            self.ros.executor.spin_once(timeout_sec=0.0)

    def step_until(self, happened, joints: bool = True) -> None:
        def stepped() -> bool:
            self.step(joints)
            return bool(happened())

        self.ros.spin_until(stepped)

    def chunk(self, goal_rad, stamp_s: float | None = None) -> JointTrajectory:
        rows = np.tile(goal_rad, (16, 1))
        stamp_s = self.now_s if stamp_s is None else stamp_s
        chunk = ActionChunk(stamp_s, self.contract.policy_step_s, self.contract.joint_names, rows)
        return ros_msgs.chunk_msg(chunk)

    def send_chunk(self, goal_rad, stamp_s: float | None = None) -> None:
        self._chunks.publish(self.chunk(goal_rad, stamp_s))

    def withdraw(self) -> None:
        self._chunks.publish(ros_msgs.withdrawal_msg(self.contract, self.now_s))

    def call(self, service: str) -> Trigger.Response:
        return self.ros.call(self.peer, Trigger, service, Trigger.Request())

    def rearm(self) -> None:
        """Reset and start, as a person does once the arm is at rest."""

        def answered() -> bool:
            self.step()
            return bool(self.call(names.SAFETY_RESET).success)

        self.ros.spin_until(answered)
        assert self.call(names.SAFETY_START).success

    @property
    def said(self) -> dict[str, object]:
        return ros_msgs.json_from(self.states[-1])

    @property
    def state(self) -> str:
        return str(ros_msgs.json_from(self.states[-1])["state"]) if self.states else ""

    def run(self) -> None:
        """Until a chunk is being played."""
        self.step_until(lambda: self.state == State.READY)
        self.send_chunk(self.contract.home)
        self.step_until(lambda: self.state == State.RUNNING)


@pytest.fixture
def arm(ros: Ros, contract: RobotContract) -> Arm:
    return Arm(ros, contract)


def test_the_arm_is_held_where_it_is_until_a_chunk_comes(arm: Arm):
    arm.step_until(lambda: len(arm.commands) > 3)
    assert arm.state == State.READY
    np.testing.assert_allclose(arm.commands[-1].data, arm.contract.home)


def test_a_chunk_moves_the_command_within_the_velocity_limit(arm: Arm):
    arm.step_until(lambda: arm.state == State.READY)
    goal = arm.contract.home.copy()
    goal[0] += 1.0
    arm.commands.clear()
    arm.send_chunk(goal)
    arm.step_until(lambda: arm.state == State.RUNNING and len(arm.commands) > 20)
    steps = np.abs(np.diff([c.data[0] for c in arm.commands]))
    assert steps.max() > 0.0
    # A tick may be missed on a busy machine, and then the next one covers two periods.
    assert steps.max() <= 4 * arm.contract.velocity_rad_s[0] * STEP_S + 1e-9


def test_when_chunks_stop_the_arm_is_held_and_the_reason_names_the_stream(arm: Arm):
    arm.run()
    arm.step_until(lambda: "policy/action_chunk ran out" in str(arm.said["reason"]))
    assert arm.state == State.HOLDING


def test_when_joint_states_stop_the_arm_is_held_and_the_reason_names_their_age(arm: Arm):
    arm.run()
    arm.step_until(lambda: arm.state == State.HOLDING, joints=False)
    assert "joint_states is 0.0" in ros_msgs.json_from(arm.states[-1])["reason"]


def test_when_the_clock_stands_still_the_state_says_so(arm: Arm):
    arm.run()
    arm.ros.spin_until(lambda: arm.state == State.HOLDING)
    assert "the clock has been standing still" in ros_msgs.json_from(arm.states[-1])["reason"]


def test_an_emergency_stop_latches_until_reset_and_then_a_new_chunk_is_needed(arm: Arm):
    arm.run()
    assert arm.ros.call(arm.peer, Trigger, names.SAFETY_ESTOP, Trigger.Request()).success
    arm.step_until(lambda: arm.state == State.ESTOP)
    arm.send_chunk(arm.contract.home)
    for _ in range(20):
        arm.step()
    assert arm.state == State.ESTOP
    assert arm.ros.call(arm.peer, Trigger, names.SAFETY_RESET, Trigger.Request()).success
    arm.step_until(lambda: arm.state == State.READY)


def test_an_emergency_stop_without_joints_cannot_be_reset(arm: Arm):
    arm.step_until(lambda: arm.state == State.READY)
    arm.ros.call(arm.peer, Trigger, names.SAFETY_ESTOP, Trigger.Request())
    arm.step_until(lambda: arm.state == State.ESTOP, joints=False)
    for _ in range(30):
        arm.step(joints=False)
    answer = arm.ros.call(arm.peer, Trigger, names.SAFETY_RESET, Trigger.Request())
    assert not answer.success
    assert "the emergency stop stays latched: joint_states is" in answer.message


def test_a_chunk_without_points_withdraws_the_plan_and_the_next_one_goes_on(arm: Arm):
    arm.run()
    arm.withdraw()
    arm.step_until(lambda: arm.state == State.HOLDING)
    assert arm.said["reason"].startswith("policy/action_chunk was withdrawn by /peer")
    arm.send_chunk(arm.contract.home)
    arm.step_until(lambda: arm.state == State.RUNNING)


def test_a_scene_reset_drops_the_plan_and_a_chunk_from_before_it(arm: Arm):
    arm.run()
    before_s = arm.now_s
    arm.step(seconds=RESET_LEAP_S)
    arm.step_until(lambda: arm.state == State.READY)
    goal = arm.contract.home + 0.5
    arm.send_chunk(goal, stamp_s=before_s)
    arm.commands.clear()
    arm.step_until(lambda: len(arm.commands) > 20)
    assert arm.state == State.READY
    np.testing.assert_allclose(arm.commands[-1].data, arm.contract.home)


@pytest.mark.parametrize("leap_s", [-0.5, 3600.0], ids=["back", "an hour on"])
def test_a_leap_that_begins_no_scene_holds_until_a_person_starts_again(arm: Arm, leap_s: float):
    arm.run()
    arm.step(seconds=leap_s)
    arm.ros.spin_until(lambda: arm.state == State.HOLDING)
    assert "the clock jumped" in arm.said["reason"]
    arm.send_chunk(arm.contract.home)
    for _ in range(5):
        arm.step()
    assert arm.state == State.HOLDING
    arm.rearm()
    arm.run()


def test_the_timing_gives_every_tick_and_the_first_command_of_an_observation(arm: Arm):
    arm.step_until(lambda: arm.state == State.READY)
    stamp_s = arm.now_s
    arm.send_chunk(arm.contract.home)
    arm.step_until(lambda: any(ros_msgs.json_from(t)["first_commands"] for t in arm.timing))
    first = next(f for t in arm.timing for f in ros_msgs.json_from(t)["first_commands"])
    assert first["stamp_s"] == pytest.approx(stamp_s, abs=1e-6)
    assert first["age_s"] >= 0.0
    assert sum(len(ros_msgs.json_from(t)["tick_periods_s"]) for t in arm.timing) > 1


def test_whoever_listens_reads_of_each_command_how_old_its_observation_is_and_why(arm: Arm):
    said = arm.ros.hear(arm.peer, String, names.COMMAND_TIMING, SENSOR)
    plans = arm.peer.create_publisher(String, names.POLICY_TIMING, EVERY)
    arm.step_until(lambda: arm.state == State.READY and plans.get_subscription_count() and said)
    assert ros_msgs.json_from(said[-1])["age_ms"] is None
    steady_s = SteadyClock().now_s()
    plan = PlanTiming(arm.now_s, 0.004, steady_s - 0.02, steady_s - 0.019, steady_s - 0.01)
    plans.publish(ros_msgs.json_msg(plan.as_dict()))
    arm.send_chunk(arm.contract.home)
    arm.step_until(lambda: ros_msgs.json_from(said[-1]).get("parts_ms"))
    told = ros_msgs.json_from(said[-1])
    assert told["observation_s"] == pytest.approx(plan.stamp_s)
    assert told["age_ms"] == pytest.approx(1e3 * (told["now_s"] - plan.stamp_s), abs=0.2)
    assert (told["parts_ms"]["camera"], told["parts_ms"]["inference"]) == (4.0, 9.0)
    assert list(told["parts_ms"]) == ["camera", "wait", "inference", "transfer", "tick", "played"]


@pytest.mark.parametrize("nonsense", ["{}", "[]", "{", '{"stamp_s": "now"}'])
def test_timing_that_is_not_understood_moves_nothing_and_stops_nothing(arm: Arm, nonsense: str):
    plans = arm.peer.create_publisher(String, names.POLICY_TIMING, EVERY)
    arm.step_until(plans.get_subscription_count)
    plans.publish(String(data=nonsense))
    arm.run()


def test_timing_that_nobody_takes_does_not_pile_up(arm: Arm):
    listening = [s for s in arm.peer.subscriptions if s.topic_name == f"/{names.SAFETY_TIMING}"]
    arm.peer.destroy_subscription(listening[0])
    arm.step_until(lambda: arm.state == State.READY)
    ticks = len(arm.commands) + 60
    arm.step_until(lambda: len(arm.commands) > ticks)
    heard = arm.ros.hear(arm.peer, String, names.SAFETY_TIMING, EVERY)
    arm.step_until(lambda: heard)
    assert len(ros_msgs.json_from(heard[0])["tick_periods_s"]) < 40


def test_diagnostics_say_once_a_second_how_the_loop_does(arm: Arm):
    heard = arm.ros.hear(arm.peer, DiagnosticArray, names.DIAGNOSTICS, EVERY)
    arm.step_until(lambda: heard)
    status = heard[-1].status[0]
    assert status.name == "safety_node"
    assert status.level in (DiagnosticStatus.OK, DiagnosticStatus.WARN)
    assert {"tick period p50 ms", "tick period p99 ms"} <= {value.key for value in status.values}


def test_a_misspelt_parameter_is_refused(ros: Ros):
    with pytest.raises(UsageError, match=r"no parameter 'blend' \(did you mean blend_s\?\)"):
        ros.node(SafetyNode, blend=0.2)
