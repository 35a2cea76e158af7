import pytest

from sovereign_robot.contract.robot import RobotContract
from tests.datasets.samples import small_robot


@pytest.fixture(scope="session")
def robot() -> RobotContract:
    return small_robot()
