"""`pytest --refuse-skips`: a test that is skipped although this machine could run it fails the whole run.

And what takes long to make, once for all tests that need it: a small dataset, an untrained student, a policy.
"""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

# Packages of a ROS installation that have no wheel: only tests that need one of these may be skipped.
ONLY_ON_ROS_MACHINES = ("launch", "launch_ros", "launch_testing", "launch_testing_ros", "tf2_ros")


@pytest.fixture(scope="session")
def tiny_policy_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A policy folder of the shipped robot; tests that alter it alter a copy."""
    from sovereign_robot.contract.robot import load_robot
    from tests.policies import write_policy

    return write_policy(tmp_path_factory.mktemp("tiny") / "policy", load_robot("so101"))


@pytest.fixture(scope="session")
def small_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of the robot of `tests/datasets/samples.py`."""
    from tests.learning.samples import write_dataset

    return write_dataset(tmp_path_factory.mktemp("small") / "dataset")


@pytest.fixture(scope="session")
def untrained_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training folder of that robot whose student has learnt nothing."""
    from tests.datasets.samples import small_robot
    from tests.policies import write_untrained

    return write_untrained(tmp_path_factory.mktemp("untrained") / "training", small_robot())


# A cluster of two CPUs that only who knows the token can join; it ends with its standard input.
RAY_CLUSTER = """
import logging, ray
context = ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level=logging.CRITICAL)
print(context.address_info["gcs_address"], flush=True)
input()
"""


@pytest.fixture(scope="session")
def ray_token() -> str:
    """Ray reads it once in a process: it is the same for every cluster of the tests."""
    return uuid.uuid4().hex


@pytest.fixture(scope="module")
def ray_cluster(ray_token: str) -> Iterator[str]:
    """Address of a Ray cluster on this machine; its processes do not stay for tests that measure time."""
    secret = {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": ray_token,
        "RAY_USAGE_STATS_ENABLED": "0",
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]),
    }
    command = [sys.executable, "-c", RAY_CLUSTER]
    with pytest.MonkeyPatch.context() as environment:
        for name, value in secret.items():
            environment.setenv(name, value)
        head = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert head.stdout is not None
        yield head.stdout.readline().strip()
        head.communicate("\n", timeout=60)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--refuse-skips", action="store_true", help="fail the run when a test is skipped without need"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--refuse-skips"):
        config.pluginmanager.register(SkipGate(), "skip-gate")


class SkipGate:
    """Collects the skipped tests and turns a passing run with an unexcused one into a failing run."""

    def __init__(self) -> None:
        self.refused: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._look_at(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._look_at(report)

    def _look_at(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if not report.skipped or hasattr(report, "wasxfail"):
            return
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not any(f"could not import '{name}'" in reason for name in ONLY_ON_ROS_MACHINES):
            self.refused.append(f"{report.nodeid}: {reason}")

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Iterator[None]:
        if self.refused and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        yield

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.refused:
            terminalreporter.section("skipped although this machine should run them", red=True, bold=True)
            for line in self.refused:
                terminalreporter.write_line(line)
