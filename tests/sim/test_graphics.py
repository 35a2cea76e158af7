import os
import subprocess
import sys
from pathlib import Path

from sovereign_robot.sim.graphics import BACKENDS, choose_backend


def run(*arguments: str, backend: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "MUJOCO_GL": backend}
    return subprocess.run([sys.executable, *arguments], env=env, capture_output=True, text=True, timeout=110)


def test_a_backend_that_works_is_chosen_and_kept_for_mujoco():
    assert choose_backend() in BACKENDS
    assert os.environ["MUJOCO_GL"] == choose_backend()


def test_a_backend_that_does_not_work_is_one_sentence_and_nothing_is_written(tmp_path: Path):
    out = tmp_path / "dataset"
    result = run(
        "-m", "sovereign_robot.cli.main", "collect", "--out", str(out), "--episodes", "1", backend="bogus"
    )

    assert result.returncode == 2
    assert result.stderr.startswith("sovereign-robot collect: headless rendering with bogus does not work")
    assert "install libegl1" in result.stderr
    assert result.stderr.count("\n") == 1
    assert not out.exists()


def test_whichever_part_of_the_simulator_is_imported_first_it_renders():
    for module in ("world", "kinematics", "expert"):
        code = (
            f"import sovereign_robot.sim.{module}; from sovereign_robot.sim.simulation import Simulation; "
            "from sovereign_robot.contract.robot import load_robot; s = Simulation(load_robot('so101')); "
            "s.reset(0); assert s.images()['front'].std() > 10; s.close()"
        )
        result = run("-c", code, backend="")
        assert result.returncode == 0, result.stderr
