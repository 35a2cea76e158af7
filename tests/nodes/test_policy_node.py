import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticStatus
from std_msgs.msg import String

from sovereign_robot.contract import names
from sovereign_robot.contract.errors import CheckpointError, UsageError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.nodes import ros_msgs
from sovereign_robot.nodes.policy_node import PolicyNode
from sovereign_robot.nodes.qos import EVERY, LATCHED
from sovereign_robot.nodes.ros_time import RESET_LEAP_S, s_from_stamp
from tests.nodes.conftest import Ros
from tests.nodes.policy_bench import ASKED, Robot, WatchedPickyPolicy


@pytest.fixture
def robot(ros: Ros, contract: RobotContract) -> Robot:
    return Robot(ros, contract)


def test_a_chunk_carries_the_time_of_its_observation_and_the_instruction_reaches_the_policy(robot: Robot):
    robot.say(ASKED)
    robot.frames_until(lambda: robot.chunks)
    chunk, seen = ros_msgs.chunk_from(robot.chunks[0]), robot.policy.seen[0]
    assert chunk.stamp_s == pytest.approx(seen.stamp_s)
    assert chunk.joint_names == robot.contract.joint_names
    assert (seen.instruction, set(seen.images)) == (ASKED, set(robot.contract.camera_names))
    assert max(seen.age_s.values()) <= 0.03


def test_without_an_instruction_nothing_is_planned(robot: Robot):
    for _ in range(10):
        robot.frame()
    assert robot.policy.seen == []


def test_plans_are_made_every_few_steps_not_for_every_picture(robot: Robot):
    robot.say(ASKED)
    robot.frames_until(lambda: len(robot.policy.seen) >= 4)
    stamps_s = np.array([seen.stamp_s for seen in robot.policy.seen])
    assert np.diff(stamps_s).min() >= 4 * robot.contract.policy_step_s - 1e-6


def test_a_new_instruction_is_planned_at_once(robot: Robot):
    robot.say(ASKED)
    robot.frames_until(lambda: robot.policy.seen)
    robot.say("put the blue cube in the right bin")
    robot.frames_until(lambda: robot.policy.seen[-1].instruction.startswith("put the blue"))
    first = next(s for s in robot.policy.seen if s.instruction.startswith("put the blue"))
    before = next(s for s in reversed(robot.policy.seen) if s.instruction == ASKED)
    assert first.stamp_s - before.stamp_s < 4 * robot.contract.policy_step_s - 1e-6


@pytest.mark.parametrize("stream", ["front", "wrist", names.JOINT_STATES])
def test_a_missing_stream_means_no_chunk_and_is_named_with_its_age(robot: Robot, stream: str, capfd):
    robot.say(ASKED)
    robot.frames_until(lambda: robot.chunks)
    for _ in range(8):
        robot.frame(without=(stream,))
    count = len(robot.policy.seen)
    said = ""
    while "no action chunk" not in said:
        robot.frame(without=(stream,))
        said += capfd.readouterr().err
    assert f"{stream} is" in said
    assert len(robot.policy.seen) == count


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("", "holds no words"), ("  。", "holds no words"), ("あ" * 10_000, "has 10000 characters, expected")],
    ids=["empty", "no word", "too long"],
)
def test_a_refused_instruction_says_why_and_leaves_none(robot: Robot, text: str, sentence: str, capfd):
    robot.say(ASKED)
    robot.frames_until(lambda: robot.policy.seen)
    robot.say(text)
    assert robot.active[-1].data == ""
    assert sentence in capfd.readouterr().err
    count = len(robot.policy.seen)
    for _ in range(10):
        robot.frame()
    assert len(robot.policy.seen) == count


@pytest.fixture
def picky(ros: Ros, contract: RobotContract) -> Robot:
    return Robot(ros, contract, WatchedPickyPolicy(contract))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("make coffee", "'make coffee' is like nothing that this policy learnt"), ("飛んで", "指示「飛んで」")],
)
def test_an_unfamiliar_instruction_is_answered_in_its_language_and_nothing_is_planned(
    picky: Robot, text: str, sentence: str, capfd
):
    picky.say(ASKED)
    picky.frames_until(lambda: picky.chunks)
    picky.say(text)
    assert picky.active[-1].data == ""
    assert sentence in capfd.readouterr().err
    count = len(picky.policy.seen)
    for _ in range(10):
        picky.frame()
    assert len(picky.policy.seen) == count


def test_diagnostics_warn_of_an_unfamiliar_instruction_until_a_familiar_one_comes(picky: Robot):
    picky.say("make coffee")
    status = picky.told()
    assert status.level == DiagnosticStatus.WARN
    assert "the arm holds; say it in other words" in status.message
    facts = {value.key: value.value for value in status.values}
    assert facts.items() >= {"familiarity": "0.000", "threshold": "0.500"}.items()
    assert {"thinking_s", "budget_s", "pace"} <= set(facts)

    picky.say(ASKED)
    status = picky.told()
    assert (status.level, status.message) == (DiagnosticStatus.OK, f"follows {ASKED!r}")
    picky.frames_until(lambda: picky.chunks)


def test_diagnostics_warn_of_an_instruction_without_words_and_forget_it_with_the_scene(picky: Robot):
    picky.say(ASKED)
    picky.frames_until(lambda: picky.chunks)
    picky.say("。")
    assert "holds no words" in picky.told().message

    picky.active.clear()
    picky.frame(step_s=RESET_LEAP_S)
    picky.ros.spin_until(lambda: picky.active)
    status = picky.told()
    assert (status.level, status.message) == (DiagnosticStatus.OK, "no instruction")


def test_the_active_instruction_is_told_to_whoever_comes_later(robot: Robot):
    robot.say(ASKED)
    late = robot.ros.hear(robot.ros.peer("late"), String, names.INSTRUCTION_ACTIVE, LATCHED)
    robot.ros.spin_until(lambda: late)
    assert late[0].data == ASKED


def test_a_scene_reset_ends_the_instruction(robot: Robot):
    robot.say(ASKED)
    robot.frames_until(lambda: robot.policy.seen)
    robot.active.clear()
    robot.frame(step_s=RESET_LEAP_S)
    robot.ros.spin_until(lambda: robot.active)
    assert robot.active[-1].data == ""
    count = len(robot.policy.seen)
    for _ in range(8):
        robot.frame()
    assert len(robot.policy.seen) == count


def test_an_instruction_may_stand_in_the_parameters(ros: Ros, contract: RobotContract):
    robot = Robot(ros, contract, instruction=ASKED)
    robot.frames_until(lambda: robot.chunks)
    assert robot.policy.seen[0].instruction == ASKED


def test_a_policy_that_is_not_there_is_refused_with_its_folder(ros: Ros, tmp_path):
    with pytest.raises(CheckpointError, match=f"policy folder {tmp_path}/nowhere holds no policy.json"):
        ros.node(PolicyNode, policy=f"{tmp_path}/nowhere")


def test_a_misspelt_parameter_is_refused(ros: Ros):
    with pytest.raises(UsageError, match=r"no parameter 'polcy' \(did you mean policy\?\)"):
        ros.node(PolicyNode, polcy="x")


def test_each_chunk_comes_with_when_it_was_made_and_how_many_pictures_came(robot: Robot):
    timing = robot.ros.hear(robot.peer, String, names.POLICY_TIMING, EVERY)
    robot.say(ASKED)
    robot.frames_until(lambda: robot.chunks and timing)
    told = ros_msgs.json_from(timing[0])
    assert told["stamp_s"] == pytest.approx(s_from_stamp(robot.chunks[0].header.stamp))
    assert told["complete_s"] <= told["started_s"] <= told["ended_s"]
    assert told["camera_s"] >= 0.0
    assert set(told["pictures"]) == set(robot.contract.camera_names)
    assert min(told["pictures"].values()) >= 1


def test_joints_that_came_with_late_pictures_are_those_of_their_moment(robot: Robot):
    robot.say(ASKED)
    robot.frames_until(lambda: robot.chunks)
    robot.policy.seen.clear()
    for _ in range(20):
        robot.now_s += 0.05
        robot.publish_joints(robot.now_s)
        stamp_s = robot.now_s
        for late in range(1, 11):  # the node had no time for any of these before the pictures
            robot.publish_joints(stamp_s + 0.01 * late)
        robot.publish_pictures(stamp_s)
        robot.now_s += 0.1
        robot.tell_time()
        for _ in range(20):
            robot.ros.executor.spin_once(timeout_sec=0.005)
    assert robot.policy.seen
    assert all(observation.age_s[names.JOINT_STATES] < 0.001 for observation in robot.policy.seen)


def test_a_stuck_inference_reaches_the_diagnostics_while_it_lasts(robot: Robot):
    robot.say(ASKED)
    robot.frames_until(lambda: robot.chunks)
    robot.policy.waits.clear()
    seen = len(robot.policy.seen)
    robot.frames_until(lambda: len(robot.policy.seen) > seen)

    def is_told() -> bool:
        robot.frame()  # cameras go on: they are not what is told
        return "the policy has been thinking for" in robot.told().message

    robot.ros.spin_until(is_told)
    status = robot.told()
    facts = {value.key: value.value for value in status.values}
    assert status.level == DiagnosticStatus.WARN
    assert float(facts["thinking_s"]) > robot.policy.horizon * robot.contract.policy_step_s
    robot.policy.waits.set()
    robot.ros.spin_until(lambda: "thinking for" not in robot.told().message)
