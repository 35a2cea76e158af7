import subprocess
import sys

import numpy as np

from sovereign_robot.contract.robot import load_robot
from sovereign_robot.evaluation.policy_bench import PROCESS
from sovereign_robot.evaluation.policy_process import measure, memory, random_observation
from sovereign_robot.policy.default import default_policy_dir
from sovereign_robot.policy.onnx_policy import OnnxPolicy

ROBOT = load_robot("so101")


def test_random_observations_fit_the_contract_and_differ():
    rng = np.random.default_rng(0)

    first, second = (random_observation(ROBOT, rng, "押して") for _ in range(2))

    first.validate(ROBOT)
    assert (first.joint_position_rad >= ROBOT.lower_rad).all()
    assert (first.joint_position_rad <= ROBOT.upper_rad).all()
    assert not np.array_equal(first.images["front"], second.images["front"])


def test_every_call_is_timed_and_the_warm_up_is_not_counted():
    policy = OnnxPolicy.load(default_policy_dir(), ROBOT)

    times_s = measure(policy, 3, np.random.default_rng(0))

    assert len(times_s) == 3
    assert min(times_s) > 0.0


def test_memory_is_that_of_this_process():
    found = memory()

    assert 10.0 < found["resident_mb"] <= found["peak_mb"]


def test_the_process_imports_nothing_that_a_policy_does_not_need():
    code = (
        f"import sys, {PROCESS}; "
        "heavy = {'torch', 'mujoco', 'matplotlib', 'cv2', 'lerobot', 'rclpy', 'tyro', 'rich', 'av'}; "
        "found = heavy & set(sys.modules); sys.exit(f'imported {found}' if found else 0)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
