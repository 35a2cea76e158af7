import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_robot.contract import units

angle = st.floats(-1e3, 1e3)


@given(angle)
def test_degrees_and_back_is_the_same_angle(angle_rad: float):
    assert units.rad_from_deg(units.deg_from_rad(angle_rad)) == pytest.approx(angle_rad, abs=1e-12)


def test_known_angles():
    assert units.rad_from_deg([180.0, -90.0]) == pytest.approx([np.pi, -np.pi / 2])
    assert units.deg_from_rad(np.pi / 4) == pytest.approx(45.0)


@given(angle, st.floats(-3.0, -0.01), st.floats(0.01, 3.0))
def test_gripper_opening_and_back_is_the_same_angle(angle_rad: float, closed_rad: float, open_rad: float):
    opening = units.opening_from_rad(angle_rad, closed_rad, open_rad)
    assert units.rad_from_opening(opening, closed_rad, open_rad) == pytest.approx(angle_rad, abs=1e-9)


def test_a_gripper_is_0_shut_and_1_open_whichever_way_its_joint_turns():
    for closed_rad, open_rad in ((-0.2, 1.7), (1.7, -0.2)):
        assert units.opening_from_rad(closed_rad, closed_rad, open_rad) == 0.0
        assert units.opening_from_rad(open_rad, closed_rad, open_rad) == 1.0


def test_percent_of_a_gripper():
    assert units.opening_from_percent(25.0) == 0.25
    assert units.percent_from_opening(0.25) == 25.0
