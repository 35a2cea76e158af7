"""No message, whatever it holds, ends a node or gets past it: messages go through the real callbacks."""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from inspect import signature

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rclpy.serialization import serialize_message
from sensor_msgs.msg import Image, JointState
from std_msgs.msg import Bool, Float64MultiArray, Header, String
from trajectory_msgs.msg import JointTrajectory

from sovereign_robot.contract.errors import CommandError, ObservationError
from sovereign_robot.contract.fakes import HoldPolicy
from sovereign_robot.control.supervisor import State
from sovereign_robot.nodes import ros_msgs
from sovereign_robot.nodes.policy_node import PolicyNode
from sovereign_robot.nodes.safety_node import SafetyNode
from sovereign_robot.nodes.sim_node import SimNode
from tests.faults.strategies import ROBOT, chunks, commands, images, joint_states, strings
from tests.nodes.conftest import Ros

MANY = settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
INFO = {"publisher_gid": None, "source_timestamp": 0}


TO_SAFETY = [
    (JointState, joint_states()),
    (JointTrajectory, chunks()),
    (Bool, st.booleans().map(lambda pressed: Bool(data=pressed))),
    (Header, st.text(max_size=20).map(lambda name: Header(frame_id=name))),
]
TO_POLICY = [(JointState, joint_states()), (Image, images()), (String, strings())]


@pytest.fixture(scope="module")
def ros() -> Iterator[Ros]:
    made = Ros()
    yield made
    made.close()


@pytest.fixture(scope="module")
def safety(ros: Ros) -> SafetyNode:
    return ros.node(SafetyNode)


@pytest.fixture(scope="module")
def policy(ros: Ros) -> PolicyNode:
    return ros.node(partial(PolicyNode, lambda folder, robot: HoldPolicy(robot)), instruction="go")


@pytest.fixture(scope="module")
def sim(ros: Ros) -> SimNode:
    return ros.node(SimNode)


def deliver(node, kind: type, message) -> None:
    """Hand a message to every callback of a node that takes its type, as bytes, as the wire would."""
    taken = [subscription for subscription in node.subscriptions if subscription.msg_type is kind]
    assert taken, f"{node.get_name()} takes no {kind.__name__}"
    for subscription in taken:
        given = serialize_message(message) if subscription.raw else message
        with_info = len(signature(subscription.callback).parameters) == 2
        subscription.callback(*((given, INFO) if with_info else (given,)))


@MANY
@given(message=joint_states())
def test_joint_states_are_taken_whole_or_refused(message: JointState):
    with suppress(ObservationError):
        joints = ros_msgs.joint_state_from(message, ROBOT)
        assert joints.joint_names == ROBOT.joint_names
        assert joints.position_rad.shape == joints.velocity_rad_s.shape == ROBOT.home.shape


@MANY
@given(message=chunks())
def test_chunks_are_taken_whole_or_refused(message: JointTrajectory):
    with suppress(CommandError):
        chunk = ros_msgs.chunk_from(message)
        chunk.validate(ROBOT)
        assert np.isfinite(chunk.position_rad).all()
        assert chunk.position_rad.shape == (len(message.points), len(ROBOT.joints))


@MANY
@given(message=images())
def test_pictures_are_taken_whole_or_refused(message: Image):
    with suppress(ObservationError):
        image = ros_msgs.image_from(message, "front")
        assert image.shape == (message.height, message.width, 3)
        assert image.dtype == np.uint8


@MANY
@given(message=commands())
def test_commands_are_taken_whole_or_refused(message: Float64MultiArray):
    with suppress(CommandError):
        position_rad = ros_msgs.command_from(message, ROBOT)
        assert np.isfinite(position_rad).all()


@MANY
@given(message=strings())
def test_a_text_is_a_json_object_or_refused(message: String):
    with suppress(ObservationError):
        content = ros_msgs.json_from(message)
        assert isinstance(content, dict)


@MANY
@given(data=st.data())
def test_the_safety_node_survives_every_message_and_its_state_stays_truthful(safety: SafetyNode, data):
    for _ in range(data.draw(st.integers(1, 4))):
        kind, made = data.draw(st.sampled_from(TO_SAFETY))
        deliver(safety, kind, data.draw(made))
    safety._on_time()
    tick = safety.supervisor.tick(safety.time.now_s(), safety.steady.now_s())
    assert safety.supervisor.state is tick.state
    if tick.command_rad is not None:
        assert np.isfinite(tick.command_rad).all()
        assert (tick.command_rad >= ROBOT.lower_rad - 1e-9).all()
        assert (tick.command_rad <= ROBOT.upper_rad + 1e-9).all()
    assert tick.reason or tick.state is State.RUNNING


@MANY
@given(data=st.data())
def test_the_policy_node_survives_every_message(policy: PolicyNode, data):
    for _ in range(data.draw(st.integers(1, 4))):
        kind, made = data.draw(st.sampled_from(TO_POLICY))
        deliver(policy, kind, data.draw(made))
    policy._watch()


@settings(MANY, max_examples=100)
@given(data=st.data())
def test_the_simulated_driver_survives_every_message_and_its_arm_stays_in_its_range(sim: SimNode, data):
    for _ in range(data.draw(st.integers(1, 4))):
        kind, made = data.draw(st.sampled_from([(Float64MultiArray, commands()), (String, strings())]))
        deliver(sim, kind, data.draw(made))
    sim.arm.step()
    assert np.isfinite(sim.arm.joint_state().position_rad).all()


@MANY
@given(data=st.binary(max_size=400))
def test_bytes_that_are_no_message_end_no_node(
    safety: SafetyNode, policy: PolicyNode, sim: SimNode, data: bytes
):
    for node in (safety, policy, sim):
        raw = [subscription for subscription in node.subscriptions if subscription.raw]
        assert raw
        for subscription in raw:
            subscription.callback(data, INFO)


def test_what_is_fuzzed_is_every_subscription(safety: SafetyNode, policy: PolicyNode, sim: SimNode):
    fuzzed = {kind for kind, _ in [*TO_SAFETY, *TO_POLICY]} | {Float64MultiArray}
    taken = {subscription.msg_type for node in (safety, policy, sim) for subscription in node.subscriptions}
    assert taken <= fuzzed
