"""Small public stand-ins for each port, for tests here and in other people's packages.

They keep to the conformance suites of `contract/conformance.py` and need numpy only.
"""

import math
import zlib
from collections.abc import Callable, Collection, Sequence

import numpy as np

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.contract.instruction import check_instruction
from sovereign_robot.contract.ports import Clock
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import (
    ActionChunk,
    Array,
    JointState,
    Observation,
    TextVector,
    Understanding,
)

Motion = Callable[[float], Array]
"""Joint positions (J,) [rad] at a time [s]."""


class ManualClock:
    """A clock that a test moves by hand."""

    def __init__(self, start_s: float = 0.0) -> None:
        """Start at a time [s]."""
        self._now_s = start_s

    def now_s(self) -> float:
        """Current time [s]."""
        return self._now_s

    def advance(self, step_s: float) -> None:
        """Let `step_s` [s] pass; below 0 fakes a clock that jumps back."""
        self._now_s += step_s


class FakeRobot:
    """An arm whose joints approach the command like first-order lags, at the speed the contract allows."""

    def __init__(self, contract: RobotContract, clock: Clock, lag_s: float = 0.05) -> None:
        """Rest at home.

        Args:
            contract: what this robot is.
            clock: time in which the joints move.
            lag_s: time constant of each joint [s].
        """
        self._contract = contract
        self._clock = clock
        self._lag_s = lag_s
        self._stamp_s = clock.now_s()
        self._position_rad = contract.home.copy()
        self._velocity_rad_s = np.zeros_like(self._position_rad)
        self._target_rad = self._position_rad.copy()

    @property
    def contract(self) -> RobotContract:
        """What this robot is."""
        return self._contract

    def read(self) -> JointState:
        """Joints at the present time."""
        self._move()
        names = self._contract.joint_names
        return JointState(self._stamp_s, names, self._position_rad.copy(), self._velocity_rad_s.copy())

    def command(self, position_rad: Array) -> None:
        """Set the target (J,) [rad].

        Raises:
            CommandError: wrong shape, or a value that is not finite.
        """
        self._move()
        target_rad = np.array(position_rad, dtype=np.float64)
        if target_rad.shape != self._position_rad.shape:
            raise CommandError(f"command has shape {target_rad.shape}, expected {self._position_rad.shape}")
        if not np.isfinite(target_rad).all():
            wrong = self._contract.joint_names[int(np.argmin(np.isfinite(target_rad)))]
            raise CommandError(f"the command of {wrong} is not a finite number")
        self._target_rad = np.clip(target_rad, self._contract.lower_rad, self._contract.upper_rad)

    def stop(self) -> None:
        """Stay where the joints are now."""
        self._move()
        self._target_rad = self._position_rad.copy()

    def _move(self) -> None:
        """Bring the joints to the present: exact for a first-order lag, then capped at the velocity limit."""
        step_s = self._clock.now_s() - self._stamp_s
        if step_s <= 0.0:
            return
        way_rad = (self._target_rad - self._position_rad) * (1.0 - math.exp(-step_s / self._lag_s))
        longest_rad = self._contract.velocity_rad_s * step_s
        way_rad = np.clip(way_rad, -longest_rad, longest_rad)
        self._position_rad = self._position_rad + way_rad
        self._velocity_rad_s = way_rad / step_s
        self._stamp_s += step_s


class ScriptedPolicy:
    """Plans a motion that is known in advance: the perfect policy of a test."""

    def __init__(
        self, contract: RobotContract, motion: Motion, horizon: int = 16, max_committed: int = 4
    ) -> None:
        """Take the motion to plan, and how many rows each chunk has and may repeat."""
        self._contract = contract
        self._motion = motion
        self._horizon = horizon
        self._max_committed = max_committed

    @property
    def contract(self) -> RobotContract:
        """The robot this policy was made for."""
        return self._contract

    @property
    def horizon(self) -> int:
        """Rows T of each chunk."""
        return self._horizon

    @property
    def max_committed(self) -> int:
        """How many committed rows `predict` can take."""
        return self._max_committed

    def reset(self) -> None:
        """Nothing is remembered between predictions."""

    def predict(self, observation: Observation, committed: Array | None = None) -> ActionChunk:
        """Rows of the motion, after the committed ones.

        Raises:
            ObservationError: the observation does not fit the contract.
            CommandError: the committed rows do not.
        """
        observation.validate(self._contract)
        stamp_s, step_s = observation.stamp_s, self._contract.policy_step_s
        rows = np.array([self._motion(stamp_s + (i + 1) * step_s) for i in range(self._horizon)])
        return _with_committed(self, stamp_s, rows, committed)


class HoldPolicy(ScriptedPolicy):
    """Stays where the arm is, or where the last committed row leads."""

    def __init__(self, contract: RobotContract, horizon: int = 16, max_committed: int = 4) -> None:
        """Take how many rows each chunk has and may repeat."""
        super().__init__(contract, lambda _: contract.home, horizon, max_committed)

    def predict(self, observation: Observation, committed: Array | None = None) -> ActionChunk:
        """The same row all the way; raises as `ScriptedPolicy.predict`."""
        observation.validate(self._contract)
        moving = committed is not None and len(committed) > 0
        goal = np.asarray(committed)[-1] if moving else observation.joint_position_rad
        rows = np.tile(goal, (self._horizon, 1))
        return _with_committed(self, observation.stamp_s, rows, committed)


class PickyPolicy(HoldPolicy):
    """Stays, and follows only the sentences that it was given."""

    THRESHOLD = 0.5

    def __init__(self, contract: RobotContract, known: Collection[str]) -> None:
        """Take the sentences."""
        super().__init__(contract)
        self._known = {check_instruction(text) for text in known}

    def understand(self, text: str) -> Understanding:
        """Familiarity 1 for a sentence that was given, in any spelling, else 0; the goal is always empty.

        Raises:
            InstructionError: the sentence is empty or too long.
        """
        return Understanding(text, {}, float(check_instruction(text) in self._known), self.THRESHOLD)


class ScriptedTeacher:
    """Labels every observation with a motion that is known in advance."""

    def __init__(self, contract: RobotContract, motion: Motion, horizon: int = 16) -> None:
        """Take the motion to teach and how many rows each label has."""
        self._policy = ScriptedPolicy(contract, motion, horizon)

    @property
    def contract(self) -> RobotContract:
        """The robot this teacher speaks for."""
        return self._policy.contract

    def label(self, observations: Sequence[Observation]) -> list[ActionChunk]:
        """One chunk for each observation."""
        return [self._policy.predict(observation) for observation in observations]


class RandomTextEncoder:
    """Vectors that mean nothing: drawn at random, by the sentence."""

    name = "random"

    def __init__(self, width: int = 16) -> None:
        """Take the entries of each vector."""
        self._width = width

    @property
    def width(self) -> int:
        """Entries W of each vector."""
        return self._width

    def encode(self, text: str) -> TextVector:
        """The vector (W,) of a sentence, read-only.

        Raises:
            InstructionError: the sentence is empty or too long.
        """
        seed = zlib.crc32(check_instruction(text).encode())
        vector = np.random.default_rng(seed).standard_normal(self._width).astype(np.float32)
        vector.flags.writeable = False
        return vector


class SwitchInput:
    """An emergency stop line that a test opens and closes by setting `is_open`."""

    def __init__(self) -> None:
        """Start closed: all is well."""
        self.is_open = False
        self.is_released = False

    def fault(self, now_s: float) -> str:
        """See `EmergencyStopInput`."""
        return "the switch is open" if self.is_open else ""

    def close(self) -> None:
        """See `EmergencyStopInput`."""
        self.is_released = True


def example_observation(
    contract: RobotContract, stamp_s: float = 0.0, instruction: str = "赤いキューブを左の箱に入れて"
) -> Observation:
    """An observation that fits the contract: the arm at home, grey pictures, every stream fresh."""
    images = {c.name: np.full((c.height_px, c.width_px, 3), 128, np.uint8) for c in contract.cameras}
    return Observation(
        stamp_s=stamp_s,
        joint_position_rad=contract.home.copy(),
        joint_velocity_rad_s=np.zeros(len(contract.joints)),
        images=images,
        instruction=instruction,
        age_s={"joint_states": 0.0} | dict.fromkeys(contract.camera_names, 0.0),
    )


def _with_committed(
    policy: ScriptedPolicy, stamp_s: float, rows_rad: Array, committed: Array | None
) -> ActionChunk:
    """A chunk of `rows_rad` (T, J) [rad] whose first rows repeat the committed ones (d, J) [rad]."""
    names = policy.contract.joint_names
    if committed is not None:
        if committed.ndim != 2 or committed.shape[1] != len(names) or len(committed) > policy.max_committed:
            raise CommandError(
                f"committed rows have shape {committed.shape}, expected (d, {len(names)}) "
                f"with d at most {policy.max_committed}"
            )
        rows_rad[: len(committed)] = committed
    return ActionChunk(stamp_s, policy.contract.policy_step_s, names, rows_rad)
