import numpy as np
import pytest

from sovereign_robot.contract.robot import load_robot
from sovereign_robot.evaluation.results import EpisodeResult
from sovereign_robot.evaluation.smoothness import smoothness

SO101 = load_robot("so101")
TICK_S = SO101.control_step_s


def episode(
    command_rad: np.ndarray, age_s: np.ndarray, target_rad: np.ndarray | None = None
) -> EpisodeResult:
    return EpisodeResult(
        task="reach",
        seed=0,
        split="layout",
        instruction="",
        language="en",
        labels={},
        success=True,
        time_s=1.0,
        stamp_s=TICK_S * np.arange(len(age_s)),
        joint_position_rad=command_rad,
        command_rad=command_rad,
        latency_s=np.empty(0),
        qpos=np.empty((0, 0), np.float32),
        qpos_step_s=0.05,
        interventions={},
        age_s=age_s,
        target_rad=command_rad if target_rad is None else target_rad,
    )


def test_shares_and_jerk_of_a_known_motion():
    time_s = TICK_S * np.arange(300)
    command = np.tile(0.1 * np.sin(4.0 * time_s)[:, None], (1, 6))
    smooth = smoothness(episode(command, time_s), SO101)
    assert smooth.velocity_share == pytest.approx(0.4 / 3.0, rel=0.01)
    assert smooth.acceleration_share == pytest.approx(1.6 / 20.0, rel=0.01)
    assert smooth.jerk_rad_s3 == pytest.approx(6.4 / np.sqrt(2.0), rel=0.05)


def test_a_pull_counts_as_a_seams_only_after_a_chunk_took_over():
    command, age = np.zeros((200, 6)), TICK_S * np.arange(200)
    command[150:] = 0.001
    assert smoothness(episode(command, age), SO101).seam_share == 0.0
    age[145:] -= age[145]
    smooth = smoothness(episode(command, age), SO101)
    assert smooth.seam_share == smooth.acceleration_share == pytest.approx(0.001 / TICK_S**2 / 20.0)


def test_what_was_asked_at_a_seam_is_told_apart_from_what_was_commanded():
    command, age = np.zeros((200, 6)), TICK_S * np.arange(200)
    age[145:] -= age[145]
    target = command.copy()
    target[150:] = 0.002
    smooth = smoothness(episode(command, age, target), SO101)
    assert smooth.seam_share == 0.0
    assert smooth.asked_seam_share == pytest.approx(0.002 / TICK_S**2 / 20.0)


def test_coming_to_a_hold_does_not_count_and_leaving_it_does():
    command, age = np.cumsum(np.full((200, 6), 0.01), axis=0), TICK_S * np.arange(200)
    command[100:], age[100:] = command[99], np.nan
    assert smoothness(episode(command, age), SO101).acceleration_share == pytest.approx(0.0, abs=1e-6)
    age[150:] = 0.03
    command[150:] += 0.01
    assert smoothness(episode(command, age), SO101).seam_share == pytest.approx(0.01 / TICK_S**2 / 20.0)
