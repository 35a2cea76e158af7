import pytest

from sovereign_robot.contract.errors import ContractError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.sim.world import ARM, RGBA, Prop, arm_spec, build_world, world_camera


def changed(robot: RobotContract, **fields: object) -> RobotContract:
    return RobotContract.model_validate(robot.model_dump() | fields)


def test_a_world_holds_the_arm_the_props_in_their_colour_and_the_cameras(robot):
    model = build_world(robot, {"a": Prop("cube", "red"), "b": Prop("cube"), "c": Prop("bin")})

    assert {model.joint(ARM + name).name for name in robot.joint_names} == {
        ARM + n for n in robot.joint_names
    }
    assert [model.body(f"{name}/body").name for name in "abc"] == ["a/body", "b/body", "c/body"]
    assert model.body("a/body").dofnum[0] == 6
    assert model.body("c/body").dofnum[0] == 0
    assert tuple(model.geom("a/paint").rgba) == pytest.approx(RGBA["red"])
    assert tuple(model.geom("b/paint").rgba) != pytest.approx(RGBA["red"])
    for name in robot.camera_names:
        assert world_camera(model, name) >= 0


def test_shadows_and_smoothing_are_off(robot):
    model = build_world(robot, {})

    assert model.vis.quality.shadowsize == 0
    assert model.vis.quality.offsamples == 0


def test_a_camera_that_is_nowhere_is_refused_by_name(robot):
    side = robot.cameras[0].model_copy(update={"name": "side"})
    contract = changed(robot, cameras=(*robot.cameras, side))

    with pytest.raises(ContractError, match="robot so101: neither the arm nor the table has a camera side"):
        build_world(contract, {})
    with pytest.raises(ContractError, match="the world has no camera 'side'"):
        world_camera(build_world(robot, {}), "side")


def test_a_joint_that_the_mjcf_lacks_is_refused_by_name(robot):
    extra = robot.joints[0].model_copy(update={"name": "third_elbow"})
    safety = robot.safety.model_copy(update={"jerk_rad_s3": ()})
    contract = changed(robot, joints=(*robot.joints, extra), home_rad=(*robot.home_rad, 0.0), safety=safety)

    with pytest.raises(ContractError, match=r"so101\.xml has no joint third_elbow"):
        arm_spec(contract)


def test_an_mjcf_that_does_not_exist_is_refused_with_its_path(robot):
    contract = changed(robot, mjcf="robots/so102/so102.xml")

    with pytest.raises(ContractError, match=r"robot so101: mjcf .*robots/so102/so102.xml does not exist"):
        arm_spec(contract)
