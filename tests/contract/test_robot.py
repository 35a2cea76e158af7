import copy
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from sovereign_robot.contract.errors import ContractError, ContractMismatch, SovereignError
from sovereign_robot.contract.resources import share_dir
from sovereign_robot.contract.robot import RobotContract, load_robot

SO101_YAML = share_dir() / "config" / "robots" / "so101.yaml"


@pytest.fixture
def data() -> dict[str, Any]:
    """The shipped robot as plain data, for a test to spoil."""
    return yaml.safe_load(SO101_YAML.read_text(encoding="utf-8"))


def refusal(data: object, folder: Path) -> str:
    """The sentence with which a YAML file of that content is refused."""
    file = folder / "robot.yaml"
    file.write_text(yaml.safe_dump(data), encoding="utf-8")
    with pytest.raises(ContractError) as error:
        load_robot(str(file))
    message = str(error.value)
    assert message.startswith(f"{file}: ")
    assert "\n" not in message
    return message.removeprefix(f"{file}: ")


def changed(contract: RobotContract, **changes: object) -> RobotContract:
    return RobotContract.from_data(contract.model_dump() | changes, "test")


def with_part(contract: RobotContract, kind: str, index: int, **changes: object) -> RobotContract:
    fields = copy.deepcopy(contract.model_dump())
    parts = list(fields[kind])
    parts[index] |= changes
    return RobotContract.from_data(fields | {kind: parts}, "test")


def test_the_shipped_robot_has_its_joints_limits_and_cameras_in_order():
    robot = load_robot("so101")
    assert robot.joint_names == (
        "shoulder_pan",
        "shoulder_lift",
        "elbow_flex",
        "wrist_flex",
        "wrist_roll",
        "gripper",
    )
    assert robot.camera_names == ("front", "wrist")
    assert robot.joint_unit == "rad"
    assert (robot.lower_rad < robot.home).all()
    assert (robot.home < robot.upper_rad).all()
    assert robot.control_step_s == pytest.approx(1.0 / robot.control_rate_hz)
    assert robot.policy_step_s == pytest.approx(1.0 / robot.policy_rate_hz)
    assert robot.joint_names[robot.gripper_index] == robot.gripper.joint
    assert (share_dir() / "sim_assets" / robot.mjcf).is_file()


def test_limits_are_float64_and_cannot_be_changed():
    robot = load_robot("so101")
    arrays = (robot.lower_rad, robot.upper_rad, robot.velocity_rad_s, robot.acceleration_rad_s2, robot.home)
    for values in arrays:
        assert values.dtype == np.float64
        assert values.shape == (6,)
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 0.0


def test_a_contract_survives_json():
    robot = load_robot("so101")
    again = RobotContract.model_validate_json(robot.model_dump_json())
    assert again == robot
    assert again.sha256 == robot.sha256
    assert again.compare(robot) == []


def test_the_hash_is_equal_in_another_process_and_changes_with_any_field():
    robot = load_robot("so101")
    code = "from sovereign_robot.contract.robot import load_robot; print(load_robot('so101').sha256)"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == robot.sha256
    assert with_part(robot, "joints", 3, effort_nm=3.36).sha256 != robot.sha256


def test_a_misspelt_key_is_named(data: dict[str, Any], tmp_path: Path):
    data["joints"][2]["lower_rads"] = data["joints"][2].pop("lower_rad")
    data["control_rate"] = data.pop("control_rate_hz")
    message = refusal(data, tmp_path)
    assert "joints.2.lower_rads: is not a known key" in message
    assert "joints.2.lower_rad: is missing" in message
    assert "control_rate: is not a known key" in message
    assert "control_rate_hz: is missing" in message


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (
            lambda d: d["joints"][1].update(lower_rad=2.0),
            "joints.1: lower_rad 2.0 must be below upper_rad 1.74533",
        ),
        (lambda d: d["joints"][1].update(name="gripper"), "robot: joints name gripper twice"),
        (lambda d: d["joints"][1].update(name="a b"), "joints.1.name: String should match pattern"),
        (
            lambda d: d["joints"][0].update(lower_rad=float("nan")),
            "joints.0.lower_rad: must be a finite number",
        ),
        (
            lambda d: d["joints"][0].update(upper_rad=float("inf")),
            "joints.0.upper_rad: must be a finite number",
        ),
        (lambda d: d["joints"][0].update(velocity_rad_s=float("nan")), "joints.0.velocity_rad_s: "),
        (lambda d: d["joints"][0].update(velocity_rad_s=0.0), "should be greater than 0, got 0.0"),
        (lambda d: d["joints"][0].update(acceleration_rad_s2=-1.0), "should be greater than 0, got -1.0"),
        (lambda d: d["joints"][0].update(effort_nm="strong"), "joints.0.effort_nm: should be a valid number"),
        (lambda d: d["joints"][0].update(effort_nm=True), "should be a valid number, got True"),
        (lambda d: d.update(joints=[]), "joints: Tuple should have at least 1 item"),
        (
            lambda d: d["gripper"].update(joint="jaw"),
            "gripper.joint 'jaw' is not one of the joints shoulder_pan,",
        ),
        (
            lambda d: d["gripper"].update(open_rad=9.0),
            "gripper.open_rad is 9.0, outside -0.174533 .. 1.74533",
        ),
        (
            lambda d: d["gripper"].update(open_rad=-0.174533),
            "gripper.closed_rad and gripper.open_rad are both",
        ),
        (
            lambda d: d.update(stop="freeze"),
            "stop: should be 'hold', 'park_then_release' or 'limp', got 'freeze'",
        ),
        (lambda d: d.update(joint_unit="degree"), "joint_unit: should be 'rad' or 'deg', got 'degree'"),
        (lambda d: d["home_rad"].pop(), "home_rad has 5 values for 6 joints"),
        (lambda d: d["home_rad"].append(0.0), "home_rad has 7 values for 6 joints"),
        (
            lambda d: d["home_rad"].__setitem__(0, 2.0),
            "home_rad of shoulder_pan is 2.0, outside -1.91986 .. 1.91986",
        ),
        (
            lambda d: d.update(control_rate_hz=90.0),
            "control_rate_hz 90.0 must be a whole multiple of policy_rate_hz 20.0",
        ),
        (lambda d: d.update(control_rate_hz=10.0), "must be a whole multiple of policy_rate_hz 20.0"),
        (lambda d: d.update(policy_rate_hz=0.0), "policy_rate_hz: should be greater than 0, got 0.0"),
        (lambda d: d["cameras"][1].update(name="front"), "robot: cameras name front twice"),
        (lambda d: d["cameras"][0].update(width_px=0), "cameras.0.width_px: should be greater than 0, got 0"),
        (lambda d: d["cameras"][0].update(width_px="96"), "should be a valid integer, got '96'"),
        (lambda d: d["cameras"][0].update(rate_hz=None), "should be a valid number, got None"),
        (lambda d: d.update(mjcf="/etc/robot.xml"), "mjcf: must be a relative path under sim_assets/"),
        (lambda d: d.update(mjcf="../robot.xml"), "mjcf: must be a relative path under sim_assets/"),
    ],
)
def test_a_wrong_field_is_named_with_its_value(spoil, sentence: str, data: dict[str, Any], tmp_path: Path):
    spoil(data)
    assert sentence in refusal(data, tmp_path)


@pytest.mark.parametrize("content", [None, "so101", [1, 2]])
def test_a_file_that_is_no_mapping_is_refused(content: object, tmp_path: Path):
    assert f"robot: must be a mapping of keys to values, got {type(content).__name__}" in refusal(
        content, tmp_path
    )


def test_a_file_that_is_no_yaml_is_refused_in_one_line(tmp_path: Path):
    file = tmp_path / "robot.yaml"
    file.write_text("name: [so101\njoints: }", encoding="utf-8")
    with pytest.raises(ContractError, match=r"robot\.yaml is not valid YAML: ") as error:
        load_robot(str(file))
    assert "\n" not in str(error.value)


def test_yaml_that_builds_objects_is_refused(tmp_path: Path):
    file = tmp_path / "robot.yaml"
    file.write_text("name: !!python/object/apply:os.getcwd []", encoding="utf-8")
    with pytest.raises(ContractError, match="is not valid YAML"):
        load_robot(str(file))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(ContractError, match=r"nothing\.yaml cannot be read: No such file"):
        load_robot(str(tmp_path / "nothing.yaml"))


def test_an_unknown_robot_is_refused_with_the_known_and_the_closest():
    with pytest.raises(ContractError) as error:
        load_robot("so100")
    assert str(error.value) == (
        "robot 'so100' is not known; give a YAML file or one of so101; did you mean so101?"
    )


def test_an_unknown_camera_is_refused_with_those_that_exist():
    with pytest.raises(ContractError, match="robot so101 has no camera 'top'; it has front, wrist"):
        load_robot("so101").camera("top")
    assert load_robot("so101").camera("wrist").name == "wrist"


def test_a_contract_equals_itself():
    assert load_robot("so101").compare(load_robot("so101")) == []
    load_robot("so101").require_match(load_robot("so101"))


def test_compare_lists_every_mismatch():
    robot = load_robot("so101")
    joints = [dict(j) for j in robot.model_dump()["joints"]]
    joints[0], joints[1] = joints[1], joints[0]
    joints[5]["upper_rad"] = 1.8
    cameras = [dict(c) for c in robot.model_dump()["cameras"]]
    cameras[0] |= {"width_px": 640, "height_px": 480}
    cameras[1]["name"] = "hand"
    other = changed(
        robot,
        joints=joints,
        cameras=cameras,
        joint_unit="deg",
        policy_rate_hz=25.0,
        stop="limp",
        home_rad=[-1.0, 0.0, *robot.home_rad[2:]],
    )
    front = robot.camera("front")
    assert set(robot.compare(other)) == {
        "joint order: shoulder_pan, shoulder_lift, elbow_flex, wrist_flex, wrist_roll, gripper != "
        "shoulder_lift, shoulder_pan, elbow_flex, wrist_flex, wrist_roll, gripper",
        "cameras: front, wrist != front, hand",
        "joint_unit: rad != deg",
        f"policy_rate_hz: {robot.policy_rate_hz} != 25.0",
        "stop: hold != limp",
        f"home_rad: {robot.home_rad} != {other.home_rad}",
        f"joint gripper upper_rad: {robot.upper_rad[5]} != 1.8",
        f"camera front width_px: {front.width_px} != 640",
        f"camera front height_px: {front.height_px} != 480",
    }
    assert len(robot.compare(other)) == len(other.compare(robot)) == 9


@pytest.mark.parametrize(
    "field", sorted(set(RobotContract.model_fields) - {"joints", "cameras", "gripper", "safety"})
)
def test_no_field_escapes_the_comparison(field: str):
    robot = load_robot("so101")
    other = changed(
        robot,
        **{
            field: {
                "name": "so102",
                "joint_unit": "deg",
                "home_rad": [0.0] * 6,
                "control_rate_hz": 200.0,
                "policy_rate_hz": 10.0,
                "stop": "limp",
                "mjcf": "robots/other.xml",
            }[field]
        },
    )
    assert [line.split(":")[0] for line in robot.compare(other)] == [field]


@pytest.mark.parametrize("kind", ["joints", "cameras"])
def test_no_field_of_a_joint_or_camera_escapes_the_comparison(kind: str):
    robot = load_robot("so101")
    part = getattr(robot, kind)[1]
    for field, value in part.model_dump().items():
        if field == "name":
            continue
        new = (
            f"{value}_x"
            if isinstance(value, str)
            else (value + 1 if isinstance(value, int) else value * 1.01)
        )
        other = with_part(robot, kind, 1, **{field: new})
        assert robot.compare(other) == [f"{kind[:-1]} {part.name} {field}: {value} != {new}"]


def test_another_gripper_is_a_mismatch():
    robot = load_robot("so101")
    other = changed(robot, gripper={"joint": "gripper", "closed_rad": 0.0, "open_rad": 1.0})
    assert len(robot.compare(other)) == 1
    assert robot.compare(other)[0].startswith("gripper: ")


def test_a_mismatch_is_refused_with_both_sides_named():
    robot = load_robot("so101")
    with pytest.raises(ContractMismatch) as error:
        robot.require_match(changed(robot, policy_rate_hz=10.0), ours="robot", theirs="dataset")
    assert str(error.value) == (
        "the dataset was made for another contract than the robot so101 (robot != dataset): "
        "policy_rate_hz: 20.0 != 10.0"
    )


def test_every_refusal_ends_a_command_with_status_2():
    assert issubclass(ContractError, SovereignError)
    assert issubclass(ContractMismatch, SovereignError)
    assert SovereignError.exit_status == 2
