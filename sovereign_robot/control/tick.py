"""What one tick of the supervisor decided."""

from dataclasses import dataclass

from sovereign_robot.contract.types import Array
from sovereign_robot.control.command_mux import Source
from sovereign_robot.control.safety_state import State


@dataclass(frozen=True, slots=True)
class Tick:
    """What one tick decided.

    Attributes:
        command_rad: (J,) command to send [rad], read-only; None means send nothing.
        state: see `State`.
        reason: why the arm does not run, as a sentence; "" while running.
        stop_category: of IEC 60204-1, while stopped; else None.
        source: whose plan leads; None when nobody's does.
        observation_age_s: age of the observation behind the command [s]; None unless running.
        interventions: what changed the command or held the arm, by kind.
        refusals: why each chunk that came since the last tick was refused.
        target_rad: (J,) what the plan asked of the safety filter [rad]; None unless running.
    """

    command_rad: Array | None
    state: State
    reason: str
    stop_category: int | None
    source: Source | None
    observation_age_s: float | None
    interventions: tuple[str, ...]
    refusals: tuple[str, ...]
    target_rad: Array | None = None
