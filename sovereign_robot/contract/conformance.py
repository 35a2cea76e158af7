"""One exam per port: what every clock, robot, policy, text encoder and teacher must do, whoever wrote it.

The fakes, the simulated arm, the ONNX policy and the ROS nodes sit the same exam; so can yours:

    def test_my_arm_is_a_robot():
        check_robot(MyArm(contract), wait=time.sleep)

Each function returns when all is well and raises AssertionError with a sentence that says what is not.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from sovereign_robot.contract.errors import CommandError, InstructionError, ObservationError
from sovereign_robot.contract.ports import Clock, Policy, Robot, Teacher, TextEncoder
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import ActionChunk, Array, Observation, TextVector

STEP_RAD = 0.05
SLACK_RAD = 0.05
EXACT_RAD = 1e-6
WAIT_S = 0.5
# Sentences that differ, each in spellings that do not.
SPELLINGS = (
    ("put the red cube in the left bin", " Put the RED cube in the ｌｅｆｔ bin. "),
    ("put the red cube in the right bin", "put the red\tcube in the right bin!!"),
    ("赤いキューブを左の箱に入れて", "赤いｷｭｰﾌﾞを左の箱に入れて。", "赤い キュ-ブを左の箱に入れて〜"),
    ("青いキューブを左の箱に入れてください", "\u200b青いキューブを左の箱に入れてください。"),
)


def check_clock(clock: Clock, advance: Callable[[], object]) -> None:
    """A clock gives finite seconds, never goes back, and goes on.

    Args:
        clock: the clock to examine.
        advance: lets some time pass on it.
    """
    times = []
    for _ in range(50):
        times += [clock.now_s(), clock.now_s()]
        advance()
    _require(all(type(t) is float for t in times), f"now_s() gives {type(times[0]).__name__}, expected float")
    _require(bool(np.isfinite(times).all()), "now_s() is not always finite")
    _require(bool((np.diff(times) >= 0).all()), "now_s() went back")
    _require(times[-1] > times[0], f"now_s() stays at {times[0]} s while time passes")


def check_robot(robot: Robot, wait: Callable[[float], object]) -> None:
    """A robot reports joints by its contract, follows commands, refuses bad ones, and stops.

    Args:
        robot: the robot to examine, free to move `STEP_RAD` towards the middle of each joint's range.
        wait: lets that many seconds pass for the robot.
    """
    _check_joint_state(robot)
    _check_command_is_followed(robot, wait)
    _check_bad_commands_are_refused(robot, wait)
    _check_stop(robot, wait)


def check_policy(policy: Policy, observation: Observation) -> None:
    """A policy plans by its contract, repeats what is committed, and refuses incomplete observations.

    Args:
        policy: the policy to examine.
        observation: one that fits its contract.
    """
    contract = policy.contract
    observation.validate(contract)
    _require(policy.horizon >= 1, f"horizon is {policy.horizon}, expected 1 or more")
    limit = policy.max_committed
    _require(0 <= limit < policy.horizon, f"max_committed is {limit}, expected 0 .. {policy.horizon - 1}")
    rows_rad = _check_policy_is_pure(policy, observation)
    rows = len(rows_rad)
    _require(rows == policy.horizon, f"the chunk has {rows} rows, expected the horizon, {policy.horizon}")
    for steps in range(limit + 1):
        _check_committed_rows(policy, observation, rows_rad[:steps] + 0.01)
    _check_incomplete_observations_are_refused(policy, observation)


def check_text_encoder(encoder: TextEncoder) -> None:
    """A text encoder gives one finite, read-only vector per sentence, in whichever spelling and order."""
    name, width = encoder.name, encoder.width
    _require(bool(name), "name is empty, expected what made the vectors")
    _require(width >= 1, f"width is {width}, expected 1 or more")
    first = {texts[0]: _text_vector(encoder, texts[0]).copy() for texts in SPELLINGS}
    apart = len({vector.tobytes() for vector in first.values()})
    _require(apart == len(SPELLINGS), f"encode() gives {apart} vectors for {len(SPELLINGS)} sentences")
    for texts in reversed(SPELLINGS):
        for text in texts:
            same = bool(np.array_equal(_text_vector(encoder, text), first[texts[0]]))
            _require(same, f"encode() gives {text!r} another vector than {texts[0]!r}")
    for text in ("", "。"):
        try:
            encoder.encode(text)
        except InstructionError as error:
            _require(bool(str(error)), f"encode() refuses {text!r} without a message")
        else:
            raise AssertionError(f"encode() takes {text!r}, expected an InstructionError")


def check_teacher(teacher: Teacher, observations: Sequence[Observation]) -> None:
    """A teacher gives one fitting chunk for each observation, in their order."""
    _require(teacher.label([]) == [], "label() of no observations is not an empty list")
    chunks = teacher.label(observations)
    got, expected = len(chunks), len(observations)
    _require(got == expected, f"label() gives {got} chunks for {expected} observations")
    for chunk, observation in zip(chunks, observations, strict=True):
        _check_chunk(chunk, teacher.contract, observation)


def _require(truth: bool, otherwise: str) -> None:
    if not truth:
        raise AssertionError(otherwise)


def _check_joint_state(robot: Robot) -> None:
    contract, state = robot.contract, robot.read()
    expected = contract.joint_names
    _require(state.joint_names == expected, f"read() names {state.joint_names}, expected {expected}")
    for what, values in (("position", state.position_rad), ("velocity", state.velocity_rad_s)):
        shape = (len(expected),)
        _require(values.shape == shape, f"read() gives a {what} of shape {values.shape}, expected {shape}")
        _require(values.dtype == np.float64, f"read() gives a {what} of {values.dtype}, expected float64")
        _require(bool(np.isfinite(values).all()), f"read() gives a {what} that is not finite: {values}")
    low, high = contract.lower_rad - SLACK_RAD, contract.upper_rad + SLACK_RAD
    inside = bool(((state.position_rad >= low) & (state.position_rad <= high)).all())
    _require(inside, f"read() gives positions outside the limits of {contract.name}: {state.position_rad}")
    if state.position_rad.flags.writeable:
        before = robot.read().position_rad.copy()
        robot.read().position_rad[:] = 99.0
        same = bool(np.allclose(robot.read().position_rad, before, atol=STEP_RAD))
        _require(same, "writing to the result of read() moves the robot: give a copy")


def _check_command_is_followed(robot: Robot, wait: Callable[[float], object]) -> None:
    contract, before = robot.contract, robot.read()
    middle_rad = 0.5 * (contract.lower_rad + contract.upper_rad)
    step_rad = np.where(before.position_rad < middle_rad, STEP_RAD, -STEP_RAD)
    target_rad = before.position_rad + step_rad
    given = target_rad.copy()
    robot.command(given)
    _require(bool((given == target_rad).all()), "command() writes to its argument")
    given[:] = before.position_rad
    wait(WAIT_S)
    after = robot.read()
    _require(after.stamp_s > before.stamp_s, f"the stamp of read() stays at {before.stamp_s} s")
    still = [
        name
        for name, moved, wanted in zip(
            contract.joint_names, after.position_rad - before.position_rad, step_rad, strict=True
        )
        if moved * np.sign(wanted) < 0.5 * STEP_RAD
    ]
    _require(not still, f"{', '.join(still)} did not follow a command of {STEP_RAD} rad within {WAIT_S} s")


def _check_bad_commands_are_refused(robot: Robot, wait: Callable[[float], object]) -> None:
    good_rad = robot.read().position_rad
    robot.command(good_rad)
    wait(WAIT_S)
    before_rad = robot.read().position_rad
    broken = {"NaN": np.nan, "infinity": np.inf, "minus infinity": -np.inf}
    commands = {
        f"one joint at {k}": np.where(np.arange(len(good_rad)) == 0, v, good_rad) for k, v in broken.items()
    }
    commands |= {"one joint short": good_rad[:-1], "a second dimension": good_rad[None, :]}
    for what, command in commands.items():
        try:
            robot.command(command)
        except CommandError as error:
            _require(bool(str(error)), f"command() refuses {what} without a message")
        else:
            raise AssertionError(f"command() takes {what}, expected a CommandError")
    wait(WAIT_S)
    moved = float(np.abs(robot.read().position_rad - before_rad).max())
    _require(moved < 0.5 * STEP_RAD, f"a refused command moved the robot by {moved:.3f} rad")


def _check_stop(robot: Robot, wait: Callable[[float], object]) -> None:
    robot.stop()
    if robot.contract.stop != "hold":
        return
    wait(WAIT_S)
    before_rad = robot.read().position_rad
    wait(WAIT_S)
    moved = float(np.abs(robot.read().position_rad - before_rad).max())
    _require(moved < 0.5 * STEP_RAD, f"the robot moved {moved:.3f} rad after stop(), its contract says hold")


def _text_vector(encoder: TextEncoder, text: str) -> TextVector:
    vector = encoder.encode(text)
    shape, dtype = vector.shape, vector.dtype
    _require(shape == (encoder.width,), f"encode() gives shape {shape}, expected ({encoder.width},)")
    _require(dtype == np.float32, f"encode() gives {dtype}, expected float32")
    _require(bool(np.isfinite(vector).all()), f"encode() gives {text!r} values that are not finite")
    _require(not vector.flags.writeable, "encode() gives an array that can be written to: it is cached")
    return vector


def _check_chunk(chunk: ActionChunk, contract: RobotContract, observation: Observation) -> None:
    try:
        chunk.validate(contract)
    except CommandError as error:
        raise AssertionError(f"the chunk does not fit the contract: {error}") from error
    stamp_s, step_s = observation.stamp_s, contract.policy_step_s
    _require(chunk.stamp_s == stamp_s, f"the chunk is stamped {chunk.stamp_s} s, its observation {stamp_s} s")
    same_step = bool(np.isclose(chunk.step_s, step_s, rtol=1e-6))
    _require(same_step, f"the chunk has a step of {chunk.step_s} s, expected {step_s} s")
    dtype = chunk.position_rad.dtype
    _require(dtype == np.float64, f"the chunk has positions of {dtype}, expected float64")


def _check_policy_is_pure(policy: Policy, observation: Observation) -> Array:
    """Same input, same output, and the input stays as it was; returns the rows (T, J) [rad]."""
    images = {name: image.copy() for name, image in observation.images.items()}
    joints_rad = observation.joint_position_rad.copy()
    policy.reset()
    first = policy.predict(observation)
    _check_chunk(first, policy.contract, observation)
    rows_rad = first.position_rad.copy()
    kept = bool(np.array_equal(joints_rad, observation.joint_position_rad)) and all(
        np.array_equal(images[name], observation.images[name]) for name in images
    )
    _require(kept, "predict() writes to its observation")
    policy.reset()
    same = bool(np.array_equal(policy.predict(observation).position_rad, rows_rad))
    _require(same, "predict() gives another chunk for the same observation after reset()")
    if first.position_rad.flags.writeable:
        first.position_rad[:] = 99.0
        policy.reset()
        apart = bool(np.array_equal(policy.predict(observation).position_rad, rows_rad))
        _require(apart, "writing to a chunk changes the next prediction: give a copy")
    return rows_rad


def _check_committed_rows(policy: Policy, observation: Observation, committed: Array) -> None:
    policy.reset()
    chunk = policy.predict(observation, committed.copy())
    _check_chunk(chunk, policy.contract, observation)
    steps = len(committed)
    kept = bool(np.allclose(chunk.position_rad[:steps], committed, rtol=0.0, atol=EXACT_RAD))
    _require(kept, f"predict() does not repeat {steps} committed rows within {EXACT_RAD} rad")


def _check_incomplete_observations_are_refused(policy: Policy, observation: Observation) -> None:
    nan_rad = np.where(
        np.arange(len(observation.joint_position_rad)) == 0, np.nan, observation.joint_position_rad
    )
    cases = {"a joint position of NaN": replace(observation, joint_position_rad=nan_rad)}
    for name, image in observation.images.items():
        others = {k: v for k, v in observation.images.items() if k != name}
        cases[f"no image of {name}"] = replace(observation, images=others)
        cases[f"an image of {name} one row short"] = replace(observation, images=others | {name: image[1:]})
    for what, case in cases.items():
        try:
            policy.predict(case)
        except ObservationError as error:
            _require(bool(str(error)), f"predict() refuses {what} without a message")
        else:
            raise AssertionError(f"predict() takes {what}, expected an ObservationError")
