"""What flows through one tick: joint state, observation, action chunk; and one recorded episode.

Shape letters: J joints, T rows of a chunk, N frames of an episode, H height, W width.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sovereign_robot.contract.errors import CommandError, ObservationError
from sovereign_robot.contract.instruction import unfamiliar
from sovereign_robot.contract.robot import RobotContract

Array = NDArray[np.float64]
Image = NDArray[np.uint8]
TextVector = NDArray[np.float32]
FAR_RANGES = 100.0  # so many of a joint's ranges outside of it there is no target, in whatever unit


@dataclass(frozen=True, slots=True)
class JointState:
    """Measured joints at one time, in the contract's order.

    Attributes:
        position_rad: (J,) [rad].
        velocity_rad_s: (J,) [rad/s].
        effort_nm: (J,) [N·m]; None where the arm does not report it.
    """

    stamp_s: float
    joint_names: tuple[str, ...]
    position_rad: Array
    velocity_rad_s: Array
    effort_nm: Array | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """What the policy sees at `stamp_s`: each stream with its age at that time.

    Attributes:
        joint_position_rad: (J,) [rad], contract order.
        joint_velocity_rad_s: (J,) [rad/s].
        images: uint8 RGB (H, W, 3) by camera name.
        instruction: text, Japanese or English.
        age_s: age of each stream at `stamp_s` [s]: "joint_states" and each camera name.
    """

    stamp_s: float
    joint_position_rad: Array
    joint_velocity_rad_s: Array
    images: Mapping[str, Image]
    instruction: str
    age_s: Mapping[str, float]

    def validate(self, contract: RobotContract) -> None:
        """Refuse what does not fit the contract.

        Raises:
            ObservationError: names the stream, what came and what was expected.
        """
        joints = len(contract.joints)
        for stream, values in (
            ("position", self.joint_position_rad),
            ("velocity", self.joint_velocity_rad_s),
        ):
            if values.shape != (joints,):
                raise ObservationError(
                    f"joint {stream} has shape {values.shape}, expected ({joints},) for {contract.name}"
                )
            if not np.isfinite(values).all():
                bad = [n for n, v in zip(contract.joint_names, values, strict=True) if not np.isfinite(v)]
                raise ObservationError(f"joint {stream} of {', '.join(bad)} is not finite")
        for camera in contract.cameras:
            image = self.images.get(camera.name)
            expected = (camera.height_px, camera.width_px, 3)
            if image is None:
                raise ObservationError(
                    f"camera {camera.name} is missing; got {', '.join(self.images) or 'no camera'}"
                )
            if image.shape != expected or image.dtype != np.uint8:
                raise ObservationError(
                    f"camera {camera.name} gave {image.dtype} {image.shape}, expected uint8 {expected}"
                )


@dataclass(frozen=True, slots=True)
class ActionChunk:
    """Target joint positions, row i at `stamp_s + (i + 1) * step_s`.

    Attributes:
        stamp_s: time of the observation behind the chunk [s].
        step_s: time between rows [s].
        joint_names: (J,) names in the order of the columns.
        position_rad: (T, J) [rad].
    """

    stamp_s: float
    step_s: float
    joint_names: tuple[str, ...]
    position_rad: Array

    @property
    def times_s(self) -> Array:
        """(T,) time of each row [s]."""
        return self.stamp_s + self.step_s * np.arange(1, len(self.position_rad) + 1, dtype=np.float64)

    def validate(self, contract: RobotContract) -> None:
        """Refuse a chunk that does not fit the contract.

        Raises:
            CommandError: names, shape, step or values are wrong.
        """
        if self.joint_names != contract.joint_names:
            names, expected = ", ".join(self.joint_names), ", ".join(contract.joint_names)
            raise CommandError(f"action chunk names joints {names}, expected {expected}")
        shape = self.position_rad.shape
        if self.position_rad.ndim != 2 or shape[0] == 0 or shape[1] != len(contract.joints):
            raise CommandError(
                f"action chunk has shape {shape}, expected (T, {len(contract.joints)}) with T >= 1"
            )
        if not (np.isfinite(self.stamp_s) and np.isfinite(self.step_s) and self.step_s > 0):
            raise CommandError(
                f"action chunk has stamp {self.stamp_s} s and step {self.step_s} s, "
                "expected finite and step above 0"
            )
        if not np.isfinite(self.position_rad).all():
            row, column = np.argwhere(~np.isfinite(self.position_rad))[0]
            raise CommandError(
                f"action chunk row {row} of joint {contract.joint_names[column]} is not finite"
            )
        self._require_near(contract)

    def _require_near(self, contract: RobotContract) -> None:
        """Refuse numbers that no joint angle is, of which arithmetic would make worse ones."""
        lower, upper = contract.lower_rad, contract.upper_rad
        outside = np.maximum(lower - self.position_rad, self.position_rad - upper)
        far = outside > FAR_RANGES * (upper - lower)
        if far.any():
            row, column = np.argwhere(far)[0]
            raise CommandError(
                f"action chunk row {row} of joint {contract.joint_names[column]} is "
                f"{self.position_rad[row, column]:.3g} rad, expected {lower[column]:.3g} .. "
                f"{upper[column]:.3g} rad; {FAR_RANGES:g} ranges outside is no angle: check unit and policy"
            )


@dataclass(frozen=True, slots=True)
class Labels:
    """What a teacher would do from each frame on, whoever acts.

    Attributes:
        rows_rad: (N, L, J) commands [rad]; row i is one policy step after row i - 1, the first one step
            after the frame.
        span: (N, 2) int; before row span[0] the rows were promised already, from row span[1] on the
            teacher would look again first.
    """

    rows_rad: Array
    span: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Episode:
    """One recorded demonstration, or a student's attempt that a teacher has labelled.

    Attributes:
        goal: what the instruction asks for, value by slot.
        success: whether it was reached in time.
        rate_hz: frames per second.
        stamp_s: (N,) true time of each frame since the episode began [s].
        joint_position_rad: (N, J) measured [rad].
        action_rad: (N, J) command in force one policy step after the frame [rad].
        expert: (N,) False where the action was a perturbation or the student's: not to be imitated.
        images: uint8 RGB (N, H, W, 3) by camera name.
        attention: (N, C, 2, 2) where each camera of the contract sees the thing that is handled and the
            place it comes to: x to the right and y downwards, -1 .. 1 inside of the picture.
        labels: of a student's attempt; a demonstration has none.
    """

    robot: str
    task: str
    instruction: str
    language: str
    goal: Mapping[str, str]
    split: str
    seed: int
    success: bool
    rate_hz: float
    stamp_s: Array
    joint_position_rad: Array
    action_rad: Array
    expert: NDArray[np.bool_]
    images: Mapping[str, Image]
    attention: Array
    labels: Labels | None = None

    @property
    def teaches(self) -> bool:
        """Whether it belongs into a dataset: a demonstration that succeeded, or whatever has labels."""
        return self.success or self.labels is not None


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a policy takes a sentence for.

    Attributes:
        text: the sentence.
        goal: what is asked for as far as it is clear: value by slot, the kind of work under "task".
        familiarity: how much the sentence is like what the policy learnt, 0 .. 1.
        threshold: from which familiarity on the policy follows a sentence.
    """

    text: str
    goal: Mapping[str, str]
    familiarity: float
    threshold: float

    @property
    def is_familiar(self) -> bool:
        """Whether the policy follows the sentence."""
        return self.familiarity >= self.threshold

    @property
    def refusal(self) -> str:
        """Why it is not followed and what to do, in the language of the sentence."""
        return unfamiliar(self.text, self.familiarity, self.threshold)
