"""The checkout as a folder, and a clean copy of what pip and colcon build from."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILD_INPUTS = (
    *("package.xml", "setup.py", "setup.cfg", "pyproject.toml", "LICENSE", "README.md"),
    *("resource", "launch", "config", "sim_assets", "sovereign_robot"),
)


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture
def package_copy(tmp_path: Path) -> Path:
    """A folder that holds what a build reads and nothing that an earlier build left."""
    copy = tmp_path / "src" / "sovereign_robot"
    copy.mkdir(parents=True)
    for name in BUILD_INPUTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy / name)
    return copy
