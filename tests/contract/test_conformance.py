"""An exam is worth something only if those who break a rule fail it: each class here breaks one."""

from dataclasses import replace

import numpy as np
import pytest

from sovereign_robot.contract.conformance import (
    check_clock,
    check_policy,
    check_robot,
    check_teacher,
    check_text_encoder,
)
from sovereign_robot.contract.errors import CommandError, ObservationError
from sovereign_robot.contract.fakes import (
    FakeRobot,
    HoldPolicy,
    ManualClock,
    RandomTextEncoder,
    ScriptedTeacher,
    example_observation,
)
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.contract.types import ActionChunk, Array, JointState, Observation, TextVector

SO101 = load_robot("so101")


class StoppedClock(ManualClock):
    def advance(self, step_s: float) -> None:
        pass


class IntegerClock(ManualClock):
    def now_s(self) -> float:
        return int(1e9 * super().now_s())


@pytest.mark.parametrize(
    ("clock", "step_s", "sentence"),
    [
        (ManualClock(), -0.1, "went back"),
        (StoppedClock(), 0.1, "stays at 0.0 s while time passes"),
        (IntegerClock(), 0.1, "gives int, expected float"),
        (ManualClock(), float("nan"), "not always finite"),
    ],
)
def test_a_bad_clock_fails(clock: ManualClock, step_s: float, sentence: str):
    with pytest.raises(AssertionError, match=sentence):
        check_clock(clock, lambda: clock.advance(step_s))


class LeakyRobot(FakeRobot):
    """Hands out its own memory."""

    def read(self) -> JointState:
        return replace(super().read(), position_rad=self._position_rad)


class ReversedRobot(FakeRobot):
    def read(self) -> JointState:
        return replace(super().read(), joint_names=self.contract.joint_names[::-1])


class DegreeRobot(FakeRobot):
    def read(self) -> JointState:
        state = super().read()
        return replace(state, position_rad=np.rad2deg(state.position_rad))


class SinglePrecisionRobot(FakeRobot):
    def read(self) -> JointState:
        state = super().read()
        return replace(state, position_rad=state.position_rad.astype(np.float32))


class NanVelocityRobot(FakeRobot):
    def read(self) -> JointState:
        return replace(super().read(), velocity_rad_s=np.full(6, np.nan))


class DeafRobot(FakeRobot):
    def command(self, position_rad: Array) -> None:
        super().command(self._position_rad.copy())


class KeepingRobot(FakeRobot):
    """Keeps the caller's array as its target instead of a copy."""

    def command(self, position_rad: Array) -> None:
        super().command(position_rad)
        self._target_rad = position_rad


class GullibleRobot(FakeRobot):
    def command(self, position_rad: Array) -> None:
        if np.isfinite(position_rad).all():
            super().command(position_rad)


class HaltingRobot(FakeRobot):
    """Takes a refused command for the order to go home."""

    def command(self, position_rad: Array) -> None:
        try:
            super().command(position_rad)
        except CommandError:
            super().command(self.contract.home)
            raise


class RunawayRobot(FakeRobot):
    def stop(self) -> None:
        super().command(self.contract.upper_rad)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (LeakyRobot, "writing to the result of read"),
        (ReversedRobot, "names .*gripper"),
        (DegreeRobot, "outside the limits of so101"),
        (SinglePrecisionRobot, "float32, expected float64"),
        (NanVelocityRobot, "velocity that is not finite"),
        (DeafRobot, "did not follow a command of 0.05 rad within 0.5 s"),
        (KeepingRobot, "did not follow"),
        (GullibleRobot, "takes one joint at NaN, expected a CommandError"),
        (HaltingRobot, "a refused command moved the robot"),
        (RunawayRobot, r"moved .* rad after stop\(\), its contract says hold"),
    ],
)
def test_a_bad_robot_fails(kind: type[FakeRobot], sentence: str):
    clock = ManualClock()
    with pytest.raises(AssertionError, match=sentence):
        check_robot(kind(SO101, clock), wait=clock.advance)


class ForgetfulPolicy(HoldPolicy):
    """Leaves out what was promised."""

    def predict(self, observation: Observation, committed: Array | None = None) -> ActionChunk:
        return super().predict(observation)


class ShortPolicy(HoldPolicy):
    def predict(self, observation: Observation, committed: Array | None = None) -> ActionChunk:
        chunk = super().predict(observation, committed)
        return replace(chunk, position_rad=chunk.position_rad[:-1])


class LateStampPolicy(HoldPolicy):
    def predict(self, observation: Observation, committed: Array | None = None) -> ActionChunk:
        return replace(super().predict(observation, committed), stamp_s=observation.stamp_s + 0.02)


class DoubleStepPolicy(HoldPolicy):
    def predict(self, observation: Observation, committed: Array | None = None) -> ActionChunk:
        return replace(super().predict(observation, committed), step_s=0.1)


class NanPolicy(HoldPolicy):
    def predict(self, observation: Observation, committed: Array | None = None) -> ActionChunk:
        chunk = super().predict(observation, committed)
        chunk.position_rad[-1, -1] = np.nan
        return chunk


class DriftingPolicy(HoldPolicy):
    """Its reset forgets nothing."""

    predictions = 0

    def predict(self, observation: Observation, committed: Array | None = None) -> ActionChunk:
        self.predictions += 1
        chunk = super().predict(observation, committed)
        chunk.position_rad[-1] += 0.001 * self.predictions
        return chunk


class ScribblingPolicy(HoldPolicy):
    def predict(self, observation: Observation, committed: Array | None = None) -> ActionChunk:
        chunk = super().predict(observation, committed)
        observation.images["front"][0] = 0
        return chunk


class CachingPolicy(HoldPolicy):
    """Hands out the same array each time."""

    kept: ActionChunk | None = None

    def predict(self, observation: Observation, committed: Array | None = None) -> ActionChunk:
        self.kept = self.kept or super().predict(observation, committed)
        return self.kept


class ZeroFillingPolicy(HoldPolicy):
    """Makes up the picture that is missing."""

    def predict(self, observation: Observation, committed: Array | None = None) -> ActionChunk:
        complete = example_observation(self.contract).images
        return super().predict(replace(observation, images=complete | dict(observation.images)), committed)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (ForgetfulPolicy, "does not repeat 1 committed rows"),
        (ShortPolicy, "the chunk has 15 rows, expected the horizon, 16"),
        (LateStampPolicy, "stamped 0.02 s, its observation 0.0 s"),
        (DoubleStepPolicy, "a step of 0.1 s, expected 0.05 s"),
        (NanPolicy, "does not fit the contract: .* row 15 of joint gripper is not finite"),
        (DriftingPolicy, r"another chunk for the same observation after reset\(\)"),
        (ScribblingPolicy, "writes to its observation"),
        (CachingPolicy, "writing to a chunk changes the next prediction"),
        (ZeroFillingPolicy, "takes no image of front, expected an ObservationError"),
    ],
)
def test_a_bad_policy_fails(kind: type[HoldPolicy], sentence: str):
    with pytest.raises(AssertionError, match=sentence):
        check_policy(kind(SO101), example_observation(SO101))


def test_a_policy_that_may_repeat_its_whole_horizon_fails():
    with pytest.raises(AssertionError, match=r"max_committed is 4, expected 0 \.\. 3"):
        check_policy(HoldPolicy(SO101, horizon=4, max_committed=4), example_observation(SO101))


def test_an_exam_with_an_unfit_observation_is_refused():
    with pytest.raises(ObservationError):
        check_policy(HoldPolicy(SO101), replace(example_observation(SO101), images={}))


class NamelessEncoder(RandomTextEncoder):
    name = ""


class DoubleEncoder(RandomTextEncoder):
    def encode(self, text: str) -> TextVector:
        return super().encode(text).astype(np.float64)


class WideEncoder(RandomTextEncoder):
    def encode(self, text: str) -> TextVector:
        return np.broadcast_to(super().encode(text), (1, self.width))


class InfiniteEncoder(RandomTextEncoder):
    def encode(self, text: str) -> TextVector:
        vector = super().encode(text) / np.float32(0.0)
        vector.flags.writeable = False
        return vector


class OpenEncoder(RandomTextEncoder):
    def encode(self, text: str) -> TextVector:
        return super().encode(text).copy()


class SpellingEncoder(RandomTextEncoder):
    """Takes capital letters for other letters."""

    def encode(self, text: str) -> TextVector:
        return super().encode(f"{text} capital" if text != text.lower() else text)


class DeafEncoder(RandomTextEncoder):
    def encode(self, text: str) -> TextVector:
        return super().encode("hello")


class ForgetfulEncoder(RandomTextEncoder):
    asked = 0

    def encode(self, text: str) -> TextVector:
        self.asked += 1
        return super().encode(f"{text} {self.asked}")


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (NamelessEncoder, "name is empty"),
        (DoubleEncoder, "gives float64, expected float32"),
        (WideEncoder, r"gives shape \(1, 16\), expected \(16,\)"),
        (InfiniteEncoder, "values that are not finite"),
        (OpenEncoder, "an array that can be written to"),
        (SpellingEncoder, "another vector than 'put the red cube in the left bin'"),
        (DeafEncoder, "gives 1 vectors for 4 sentences"),
        (ForgetfulEncoder, "another vector than"),
    ],
)
def test_a_bad_text_encoder_fails(kind: type[RandomTextEncoder], sentence: str):
    with np.errstate(all="ignore"), pytest.raises(AssertionError, match=sentence):
        check_text_encoder(kind())


def test_a_text_encoder_that_takes_nothing_for_a_sentence_fails():
    class EagerEncoder(RandomTextEncoder):
        def encode(self, text: str) -> TextVector:
            return super().encode(text if any(map(str.isalpha, text)) else "hello")

    with pytest.raises(AssertionError, match="takes '', expected an InstructionError"):
        check_text_encoder(EagerEncoder())


class LazyTeacher(ScriptedTeacher):
    def label(self, observations: list[Observation]) -> list[ActionChunk]:
        return super().label(observations[:-1])


class ShufflingTeacher(ScriptedTeacher):
    def label(self, observations: list[Observation]) -> list[ActionChunk]:
        return super().label(observations)[::-1]


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (LazyTeacher, "gives 1 chunks for 2 observations"),
        (ShufflingTeacher, "stamped 1.0 s, its observation 0.0 s"),
    ],
)
def test_a_bad_teacher_fails(kind: type[ScriptedTeacher], sentence: str):
    teacher = kind(SO101, lambda _: SO101.home)
    with pytest.raises(AssertionError, match=sentence):
        check_teacher(teacher, [example_observation(SO101, stamp_s) for stamp_s in (0.0, 1.0)])
