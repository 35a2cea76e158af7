import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from sovereign_robot.contract.errors import ContractError
from sovereign_robot.contract.resources import share_dir
from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.contract.safety_limits import SafetyLimits

SO101 = load_robot("so101")


@pytest.fixture
def data() -> dict[str, Any]:
    """The shipped robot as plain data, for a test to spoil."""
    file = share_dir() / "config" / "robots" / "so101.yaml"
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def test_a_contract_without_the_section_is_guarded_by_defaults(data: dict[str, Any]):
    del data["safety"]
    robot = RobotContract.from_data(data, "stored")
    assert robot.safety == SafetyLimits()
    assert robot.safety.tool_speed_m_s == 0.25
    assert (robot.safety.self_clearance.slow_down_m, robot.safety.self_clearance.stop_m) == (0.04, 0.01)
    assert np.array_equal(robot.jerk_rad_s3, robot.acceleration_rad_s2 / RobotContract.JERK_RISE_S)


def test_how_a_robot_is_guarded_is_no_mismatch(data: dict[str, Any]):
    del data["safety"]
    robot = RobotContract.from_data(data, "stored")
    assert robot.safety != SO101.safety
    assert robot.compare(SO101) == []
    assert robot.sha256 == SO101.sha256


def test_the_shipped_robot_declares_its_jerk_table_and_person_side():
    assert SO101.jerk_rad_s3.shape == (6,)
    assert not SO101.jerk_rad_s3.flags.writeable
    assert [box.name for box in SO101.safety.keep_out] == ["table", "person_side"]
    assert SO101.safety.workspace is not None


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        ({"jerk_rad_s3": [1.0, 2.0]}, "robot: safety.jerk_rad_s3 has 2 values for 6 joints"),
        ({"jerk_rad_s3": [0.0] * 6}, "safety.jerk_rad_s3.0: should be greater than 0, got 0.0"),
        ({"tool_speed_m_s": float("nan")}, "safety.tool_speed_m_s: "),
        ({"speed_scale": 1.5}, "safety.speed_scale: should be less than or equal to 1, got 1.5"),
        ({"speed_scale": True}, "safety.speed_scale: should be a valid number, got True"),
        ({"speed": 1.0}, "safety.speed: is not a known key"),
        (
            {"workspace": {"lower_m": [0.0, 0.0, 0.0], "upper_m": [1.0, 0.0, 1.0]}},
            "safety.workspace: lower_m 0.0 must be below upper_m 0.0 in y",
        ),
        ({"workspace": {"lower_m": [0.0, 0.0], "upper_m": [1.0, 1.0, 1.0]}}, "safety.workspace.lower_m"),
        (
            {"self_clearance": {"slow_down_m": 0.01, "stop_m": 0.02}},
            "safety.self_clearance: stop_m 0.02 must be below slow_down_m 0.01",
        ),
        (
            {"heartbeat_timeout_s": 0.05},
            "safety: heartbeat_timeout_s 0.05 must be above heartbeat_period_s 0.1",
        ),
        ({"joint_state_hold_periods": 0.5}, "should be greater than or equal to 1, got 0.5"),
    ],
)
def test_a_wrong_limit_is_named_with_its_value(spoil: dict[str, Any], sentence: str, data: dict[str, Any]):
    data["safety"] |= spoil
    with pytest.raises(ContractError) as error:
        RobotContract.from_data(data, "robot.yaml")
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_two_boxes_of_one_name_are_refused(data: dict[str, Any]):
    data["safety"]["keep_out"].append(copy.deepcopy(data["safety"]["keep_out"][0]))
    with pytest.raises(ContractError, match="safety: keep_out name table twice"):
        RobotContract.from_data(data, str(Path("robot.yaml")))
