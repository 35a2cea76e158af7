"""One simulated arm for a whole file: composing and compiling its world takes longer than most tests."""

from collections.abc import Iterator

import pytest

from sovereign_robot.contract.robot import load_robot
from sovereign_robot.sim.simulation import Simulation


@pytest.fixture(scope="module")
def simulation() -> Iterator[Simulation]:
    simulation = Simulation(load_robot("so101"), "place_in_bin")
    yield simulation
    simulation.close()
