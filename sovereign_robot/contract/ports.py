"""The seams: what a clock, a robot, a policy, a text encoder and a teacher must do, whoever implements them.

`contract/conformance.py` holds one exam per port; `contract/fakes.py` one small public fake each.
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import (
    ActionChunk,
    Array,
    JointState,
    Observation,
    TextVector,
    Understanding,
)


class Clock(Protocol):
    """Time that never goes back within one run."""

    def now_s(self) -> float:
        """Current time [s]."""
        ...


class Robot(Protocol):
    """An arm: real, simulated or fake."""

    @property
    def contract(self) -> RobotContract:
        """What this robot is."""
        ...

    def read(self) -> JointState:
        """Newest measured joints."""
        ...

    def command(self, position_rad: Array) -> None:
        """Set the target position (J,) [rad] of all joints at once."""
        ...

    def stop(self) -> None:
        """Stop in the way the contract declares."""
        ...


class Policy(Protocol):
    """Observation to action chunk."""

    @property
    def contract(self) -> RobotContract:
        """The robot this policy was made for."""
        ...

    @property
    def horizon(self) -> int:
        """Rows T of each chunk."""
        ...

    @property
    def max_committed(self) -> int:
        """How many committed rows `predict` can take."""
        ...

    def reset(self) -> None:
        """Forget the episode so far."""
        ...

    def predict(self, observation: Observation, committed: Array | None = None) -> ActionChunk:
        """Plan from one observation.

        Args:
            observation: what is seen at `observation.stamp_s`.
            committed: (d, J) rows [rad] already promised for stamp + (1..d) * step, or None;
                the chunk repeats them in its first d rows.
        """
        ...


@runtime_checkable
class Listener(Protocol):
    """A policy that also knows which sentences it can follow; one that does not is asked for anything."""

    def understand(self, text: str) -> Understanding:
        """What a sentence asks for, and how familiar it is; may be called while `predict` runs.

        Raises:
            InstructionError: the sentence is empty or too long.
        """
        ...


class TextEncoder(Protocol):
    """A sentence to a vector: the same one for the same sentence, in any spelling and on any machine."""

    @property
    def name(self) -> str:
        """What made the vectors; vectors of encoders with other names do not compare."""
        ...

    @property
    def width(self) -> int:
        """Entries W of each vector."""
        ...

    def encode(self, text: str) -> TextVector:
        """The vector (W,) of a sentence, read-only, cached.

        Raises:
            InstructionError: the sentence is empty or too long.
        """
        ...


class Teacher(Protocol):
    """Where labels come from: the simulator's expert, a larger policy, a remote foundation model."""

    @property
    def contract(self) -> RobotContract:
        """The robot this teacher speaks for."""
        ...

    def label(self, observations: Sequence[Observation]) -> list[ActionChunk]:
        """One chunk for each observation."""
        ...


class EmergencyStopInput(Protocol):
    """A line that a person opens to stop the robot: wired normally closed, so that a lost line stops too."""

    def fault(self, now_s: float) -> str:
        """Why the robot must stop at a steady time [s], as a sentence; "" while the line is closed."""
        ...

    def close(self) -> None:
        """Let go of the device."""
        ...
