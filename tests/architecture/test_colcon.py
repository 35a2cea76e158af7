"""colcon builds the package as `ros.ament_python`, and `ros2 run` and `ros2 launch` find its parts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("colcon_ros")
NODES = ("sim_node", "policy_node", "safety_node", "sovereign-robot")


def colcon(workspace: Path, *arguments: str) -> str:
    env = {
        name: value for name, value in os.environ.items() if name not in ("AMENT_PREFIX_PATH", "PYTHONPATH")
    }
    command = [sys.executable, "-m", "colcon", "--log-base", str(workspace / "log"), *arguments]
    run = subprocess.run(command, cwd=workspace, env=env, capture_output=True, text=True, timeout=240)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


@pytest.fixture
def workspace(package_copy: Path) -> Path:
    return package_copy.parents[1]


def test_colcon_recognises_an_ament_python_package(workspace: Path):
    assert "(ros.ament_python)" in colcon(workspace, "list")


def test_colcon_build_installs_what_ros2_run_and_ros2_launch_look_for(workspace: Path, root: Path):
    colcon(workspace, "build")
    prefix = workspace / "install" / "sovereign_robot"
    share = prefix / "share" / "sovereign_robot"
    assert (prefix / "share/ament_index/resource_index/packages/sovereign_robot").is_file()
    for folder in ("launch", "config", "sim_assets"):
        wanted = {
            p.relative_to(root) for p in (root / folder).rglob("*") if p.is_file() and p.suffix != ".pyc"
        }
        assert wanted
        assert {path for path in wanted if not (share / path).is_file()} == set()
    assert all(os.access(prefix / "lib" / "sovereign_robot" / node, os.X_OK) for node in NODES)

    find = "from sovereign_robot.contract.resources import share_dir; print(share_dir())"
    run = subprocess.run(
        ["sh", "-c", f'. install/setup.sh && cd / && "{sys.executable}" -c "{find}"'],
        cwd=workspace,
        env={"PATH": os.environ["PATH"], "HOME": str(workspace)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert run.stdout.strip() == str(share), run.stderr
