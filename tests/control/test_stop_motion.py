import numpy as np
import pytest

from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.contract.types import Array, JointState
from sovereign_robot.control.stateful_filter import SafetyFilter
from sovereign_robot.control.stop_motion import StopMotion

SO101 = load_robot("so101")
TICK_S = SO101.control_step_s
MEASURED = JointState(0.0, SO101.joint_names, SO101.home, np.zeros(6))


class Moving:
    """An arm that is stopped while it moves, away from home."""

    def __init__(self, stop: str) -> None:
        contract = RobotContract.from_data(SO101.model_dump() | {"stop": stop}, "test")
        self.filter = SafetyFilter(contract)
        self.filter.start(SO101.home + 0.3)
        for _ in range(5):
            self.filter.apply(SO101.upper_rad, TICK_S)
        self.stop = StopMotion(contract, self.filter)

    def begin(self, may_park: bool = True) -> "Moving":
        self.stop.begin(may_park)
        return self

    def run(self, ticks: int, measured: JointState | None = MEASURED) -> list[Array | None]:
        return [self.stop.command(TICK_S, measured) for _ in range(ticks)]


@pytest.mark.parametrize(("stop", "category"), [("limp", 0), ("park_then_release", 1), ("hold", 2)])
def test_each_stop_has_its_category(stop: str, category: int):
    assert Moving(stop).stop.category == category


def test_a_held_arm_comes_to_rest_within_its_limits_and_then_nothing_moves():
    arm = Moving("hold").begin()
    before_rad = arm.filter.command_rad
    assert not arm.stop.is_done
    commands = np.array([before_rad, *arm.run(100)])
    velocity_rad_s = np.diff(commands, axis=0) / TICK_S
    slowing_rad_s2 = np.diff(velocity_rad_s, axis=0) / TICK_S
    assert (np.abs(slowing_rad_s2) <= SO101.acceleration_rad_s2 + 1e-6).all()
    assert np.array_equal(commands[60:], np.tile(commands[60], (41, 1)))
    assert arm.stop.is_done


def test_a_limp_arm_gets_no_command_from_the_first_tick_on():
    arm = Moving("limp").begin()
    assert arm.run(3) == [None] * 3
    assert arm.stop.is_done


def test_a_parking_arm_rests_first_then_drives_home_and_is_released_there():
    arm = Moving("park_then_release").begin()
    commands = arm.run(400)
    driven = [command for command in commands if command is not None]
    assert commands[len(driven) :] == [None] * (400 - len(driven))
    assert len(driven) < 400
    assert driven[-1] == pytest.approx(SO101.home, abs=0.01)
    assert arm.stop.is_done


@pytest.mark.parametrize(("may_park", "measured"), [(False, MEASURED), (True, None)])
def test_after_a_contact_or_without_joints_a_parking_arm_is_released_where_it_rests(
    may_park: bool, measured: JointState | None
):
    arm = Moving("park_then_release").begin(may_park)
    driven = [command for command in arm.run(100, measured) if command is not None]
    assert arm.stop.is_done
    assert np.abs(driven[-1] - SO101.home).max() > 0.1


def test_an_arm_that_is_home_already_is_released_without_motion():
    arm = Moving("park_then_release")
    arm.filter.start(SO101.home)
    commands = arm.begin().run(10)
    assert all(np.array_equal(command, SO101.home) for command in commands if command is not None)
    assert commands[-1] is None


def test_without_time_the_command_is_repeated():
    arm = Moving("hold").begin()
    before_rad = arm.filter.command_rad
    assert np.array_equal(arm.stop.command(0.0, MEASURED), before_rad)
