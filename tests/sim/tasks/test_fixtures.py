"""What every scene with buttons, drawers or knobs keeps to."""

import itertools
import math

import mujoco
import numpy as np
import pytest

from sovereign_robot.sim.hand import facing
from sovereign_robot.sim.sampling import sample_scene
from sovereign_robot.sim.scene import Scene
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.tasks.fixtures import TURN_RAD
from sovereign_robot.sim.tasks.registry import load_task
from tests.sim.tasks.playing import let_pass

TASKS = ("press_button", "open_drawer", "close_drawer", "turn_knob")
SEEDS = range(200)
APART_M = 0.12


@pytest.fixture(scope="module", params=TASKS)
def simulation(robot, request):
    simulation = Simulation(robot, request.param)
    yield simulation
    simulation.close()


@pytest.mark.parametrize("name", TASKS)
def test_two_or_three_of_different_colours_stand_apart_and_face_the_arm(robot, name):
    task, counts, sides = load_task(name), set(), set()
    for seed in SEEDS:
        scene = sample_scene(robot, task, seed, "layout")
        poses = list(scene.props.values())
        for a, b in itertools.combinations(poses, 2):
            assert math.dist((a.x_m, a.y_m), (b.x_m, b.y_m)) > APART_M
        for pose in poses:
            assert abs(pose.yaw_rad - facing(pose.x_m, pose.y_m)) <= TURN_RAD
            sides.add(round(pose.y_m / 0.15))
        assert len({choice["colour"] for choice in scene.choices}) == len(poses)
        counts.add(len(poses))
    assert counts == {2, 3}
    assert sides == {-1, 0, 1}


@pytest.mark.parametrize("name", TASKS[:3])
def test_the_named_place_is_where_the_named_colour_stands(robot, name):
    task = load_task(name)
    for seed in SEEDS:
        scene = sample_scene(robot, task, seed, "layout")
        for choice in scene.choices:
            (prop,) = (prop for prop in scene.props if prop.startswith(choice["colour"]))
            side = scene.props[prop].y_m
            assert choice["place"] == ("left" if side > 0.05 else "right" if side < -0.05 else "middle")


def test_the_arm_touches_nothing_at_the_beginning_and_nothing_moves_by_itself(simulation):
    for seed in range(30):
        scene = simulation.reset(seed, "layout")
        assert not any(simulation.state.touched_by_arm(prop) for prop in scene.props)
        before = positions(simulation, scene)
        let_pass(simulation, 0.5)
        assert positions(simulation, scene) == pytest.approx(before, abs=1e-3)


def test_the_front_camera_sees_every_fixture_whole(simulation):
    camera = simulation.model.camera("front").id
    half_height = math.tan(math.radians(simulation.model.cam_fovy[camera]) / 2)
    for seed in range(60):
        scene = simulation.reset(seed, "layout")
        mujoco.mj_camlight(simulation.model, simulation.data)
        to_camera = simulation.data.cam_xmat[camera].reshape(3, 3).T
        for prop in scene.props:
            root = simulation.model.body(f"{prop}/body").id
            for geom in np.flatnonzero(simulation.model.body_rootid[simulation.model.geom_bodyid] == root):
                seen = to_camera @ (simulation.data.geom_xpos[geom] - simulation.data.cam_xpos[camera])
                assert abs(seen[1] / seen[2]) < half_height
                assert abs(seen[0] / seen[2]) < half_height * 128 / 96


def positions(simulation: Simulation, scene: Scene) -> dict[str, float]:
    """Every joint of what stands on the table [rad or m]."""
    joints = (simulation.data.joint(index) for index in range(simulation.model.njnt))
    return {joint.name: joint.qpos[0] for joint in joints if joint.name.split("/")[0] in scene.props}
