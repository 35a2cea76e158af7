"""A policy alone in a fresh process: says when its first chunk is there, then how long many more took.

    python -m sovereign_robot.evaluation.policy_process <policy folder> <robot> <calls>

It imports only what a robot needs to load a policy and to predict: its memory and its start are those of the
policy. It prints one line of JSON after the first chunk and, when more calls are asked for, one at the end.
"""

import json
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.contract.types import Array, Observation
from sovereign_robot.policy.onnx_policy import OnnxPolicy

WARM_UP = 50
STATUS = Path("/proc/self/status")
# Each is encoded once and then remembered, as on a robot.
INSTRUCTIONS = (
    "赤いキューブを左の箱に入れて",
    "put the red cube in the left bin",
    "青いボタンを押して",
    "open the middle drawer",
    "つまみを右に回して",
    "bring the cup to the tray",
)


def main(args: Sequence[str]) -> int:
    """Loads the policy, predicts and prints."""
    folder, robot, calls = Path(args[0]), args[1], int(args[2])
    policy = OnnxPolicy.load(folder, load_robot(robot))
    rng = np.random.default_rng(0)
    policy.predict(random_observation(policy.contract, rng, INSTRUCTIONS[0]))
    _say(first=True)
    if calls:
        inference_s = measure(policy, calls, rng)
        _say(inference_s=[round(s, 6) for s in inference_s], **memory())
    return 0


def measure(policy: OnnxPolicy, calls: int, rng: np.random.Generator) -> list[float]:
    """Wall time of each `predict` [s] after a warm-up: preprocessing, graph, limits."""
    times_s = []
    for call in range(WARM_UP + calls):
        observation = random_observation(policy.contract, rng, INSTRUCTIONS[call % len(INSTRUCTIONS)])
        committed = random_rows(policy.contract, rng, call % (policy.max_committed + 1))
        start_s = time.perf_counter()
        policy.predict(observation, committed)
        times_s.append(time.perf_counter() - start_s)
    return times_s[WARM_UP:]


def random_observation(contract: RobotContract, rng: np.random.Generator, instruction: str) -> Observation:
    """Joints anywhere within the limits, pictures of noise, every stream fresh."""
    images = {
        c.name: rng.integers(0, 256, (c.height_px, c.width_px, 3), dtype=np.uint8) for c in contract.cameras
    }
    return Observation(
        stamp_s=0.0,
        joint_position_rad=random_rows(contract, rng, 1)[0],
        joint_velocity_rad_s=np.zeros(len(contract.joints)),
        images=images,
        instruction=instruction,
        age_s={"joint_states": 0.0} | dict.fromkeys(contract.camera_names, 0.0),
    )


def random_rows(contract: RobotContract, rng: np.random.Generator, count: int) -> Array:
    """(count, J) joint positions within the limits [rad]."""
    return rng.uniform(contract.lower_rad, contract.upper_rad, (count, len(contract.joints)))


def memory() -> dict[str, float]:
    """Resident memory of this process now and at most [MB], and its threads.

    `getrusage` alone would name the parent's memory when that was larger, so Linux's own account comes first.
    """
    if not STATUS.exists():
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # bytes on macOS
        return {"resident_mb": peak_mb, "peak_mb": peak_mb, "threads": 0}
    status = dict(line.split(":", 1) for line in STATUS.read_text().splitlines() if ":" in line)
    resident_mb, peak_mb = (int(status[name].split()[0]) * 1024 / 1e6 for name in ("VmRSS", "VmHWM"))
    return {"resident_mb": resident_mb, "peak_mb": peak_mb, "threads": int(status["Threads"])}


def _say(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
