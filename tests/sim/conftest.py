"""One simulated arm for a whole file: composing and compiling its world takes longer than most tests."""

from collections.abc import Iterator

import pytest

from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.sim.simulation import Simulation


@pytest.fixture(scope="session")
def robot() -> RobotContract:
    return load_robot("so101")


@pytest.fixture(scope="module")
def simulation(robot: RobotContract) -> Iterator[Simulation]:
    simulation = Simulation(robot)
    yield simulation
    simulation.close()
