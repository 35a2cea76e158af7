"""How smoothly an episode ran, judged from what the plan asked for and from what was commanded."""

from dataclasses import dataclass

import numpy as np

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Array
from sovereign_robot.evaluation.results import EpisodeResult

SEAM_S = 0.3


@dataclass(frozen=True, slots=True)
class Smoothness:
    """Of what chunks led to.

    Attributes:
        velocity_share: the fastest command, as a share of the contract's limit.
        acceleration_share: the hardest pull of a command anywhere.
        seam_share: the hardest pull of a command within `SEAM_S` after a new chunk took over.
        asked_seam_share: the hardest pull that the plan asked of the safety filter there.
        jerk_rad_s3: root mean square of the commands over ticks and joints.
    """

    velocity_share: float
    acceleration_share: float
    seam_share: float
    asked_seam_share: float
    jerk_rad_s3: float


def smoothness(episode: EpisodeResult, contract: RobotContract) -> Smoothness:
    """Of one episode with its traces; a tick at which the arm came to be held does not count."""
    step_s, running = contract.control_step_s, np.isfinite(episode.age_s)
    velocity = np.diff(episode.command_rad, axis=0) / step_s
    acceleration = np.diff(velocity, axis=0) / step_s
    jerk = np.diff(acceleration, axis=0) / step_s
    asked = np.diff(episode.target_rad, 2, axis=0) / step_s**2
    led = running[1:-1] & running[2:]
    speed = np.abs(velocity) / contract.velocity_rad_s
    pull, asked_pull = (np.abs(a) / contract.acceleration_rad_s2 for a in (acceleration, asked))
    at_seams = led & _after_seams(episode.age_s, round(SEAM_S / step_s))[2:]
    smooth = jerk[led[:-1] & led[1:]]
    return Smoothness(
        velocity_share=_greatest(speed[running[1:]]),
        acceleration_share=_greatest(pull[led]),
        seam_share=_greatest(pull[at_seams]),
        asked_seam_share=_greatest(asked_pull[at_seams]),
        jerk_rad_s3=float(np.sqrt(np.nanmean(smooth**2))) if len(smooth) else 0.0,
    )


def _after_seams(age_s: Array, ticks: int) -> Array:
    """(N,) bool: whether a new chunk took over within the last `ticks`."""
    before = np.concatenate([[np.nan], age_s[:-1]])
    seams = np.isfinite(age_s) & (np.isnan(before) | (age_s < before))
    passed = np.concatenate([[0], np.cumsum(seams)])
    ends = np.arange(1, len(age_s) + 1)
    recent: Array = passed[ends] > passed[np.maximum(ends - ticks, 0)]
    return recent


def _greatest(values: Array) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.max()) if len(finite) else 0.0
