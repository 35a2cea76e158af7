"""Made-up episodes for reports."""

import numpy as np

from sovereign_robot.contract.robot import load_robot
from sovereign_robot.evaluation.results import EpisodeResult
from sovereign_robot.evaluation.run_report import RunReport


def sample_result(
    seed: int, success: bool = True, language: str = "ja", colour: str = "red", **fields: object
) -> EpisodeResult:
    stamp_s = 0.01 * np.arange(200)
    joints = np.sin(stamp_s[:, None] + np.arange(6))
    values = {"task": "place_in_bin", "split": "layout", **fields}
    return EpisodeResult(
        seed=seed,
        instruction="赤いキューブを左の箱に入れて" if language == "ja" else "put the <red> cube & go",
        language=language,
        labels={"colour": colour, "bin": "left"},
        success=success,
        time_s=2.0,
        stamp_s=stamp_s,
        joint_position_rad=joints,
        command_rad=joints + 0.01,
        latency_s=np.full(10, 0.03),
        qpos=np.empty((0, 0), dtype=np.float32),
        qpos_step_s=0.05,
        interventions={"velocity": seed},
        inference_s=np.full(10, 0.005),
        **values,
    )


def sample_report(episodes: list[EpisodeResult], threshold: float = 0.9) -> RunReport:
    return RunReport(
        kind="eval",
        contract=load_robot("so101"),
        threshold=threshold,
        policy={"name": "default", "sha256": "ab" * 32},
        episodes=episodes,
        tick_period_s=np.array([0.0100, 0.0102, 0.0099]),
        elapsed_s=12.3,
    )
