"""What runs on the robot imports without ROS, torch and LeRobot, and in silence."""

import subprocess
import sys
from pathlib import Path

import pytest

BLOCKED = (
    "rclpy",
    "std_msgs",
    "sensor_msgs",
    "trajectory_msgs",
    "torch",
    "lerobot",
    "accelerate",
    "datasets",
    "onnx",
)
IMPORT_ALL = """
import importlib, pkgutil, sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"{{name}} is blocked by this test", name=name)

sys.meta_path.insert(0, Blocker())
package = importlib.import_module("sovereign_robot.{folder}")
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(module.name)
"""


def import_all(folder: str, blocked: tuple[str, ...], cwd: Path) -> subprocess.CompletedProcess[str]:
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parents[2])!r})"
    code += IMPORT_ALL.format(folder=folder, blocked=blocked)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=cwd, timeout=240)


@pytest.mark.parametrize("folder", ["contract", "control", "sim", "policy", "evaluation"])
def test_every_file_imports_without_ros_torch_and_lerobot(folder: str, tmp_path: Path):
    run = import_all(folder, BLOCKED, tmp_path)
    assert run.returncode == 0, run.stderr
    assert run.stdout == ""
    assert list(tmp_path.iterdir()) == [], "importing must write nothing"


@pytest.mark.parametrize("folder", ["contract", "control"])
def test_contract_and_control_need_no_simulator_renderer_or_network_runtime(folder: str, tmp_path: Path):
    heavy = ("mujoco", "mink", "gymnasium", "onnxruntime", "cv2", "av", "matplotlib", "tyro", "rich")
    run = import_all(folder, BLOCKED + heavy, tmp_path)
    assert run.returncode == 0, run.stderr
