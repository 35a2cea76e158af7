"""Where a camera sees a point, by known geometry and by what a renderer draws there."""

import mujoco
import numpy as np
import pytest

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.sim.attention import FAR, seen_at
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.world import ARM, world_camera

# 1 m above the ground, looking down with x to the right; its picture is twice as wide as high, 2 m x 1 m of
# the ground at 53 degrees of height.
FROM_ABOVE = '<mujoco><worldbody><camera name="c" pos="0 0 1" fovy="53.13010235"/></worldbody></mujoco>'


@pytest.mark.parametrize(
    ("point_m", "seen"),
    [
        ((0.0, 0.0, 0.0), (0.0, 0.0)),
        ((0.5, 0.0, 0.0), (0.5, 0.0)),  # to the right
        ((0.0, 0.25, 0.0), (0.0, -0.5)),  # further up in the picture
        ((-1.0, -0.5, 0.0), (-1.0, 1.0)),  # the lower left corner
        ((0.25, 0.0, 0.5), (0.5, 0.0)),  # nearer things are seen further out
        ((1.5, 0.0, 0.0), (1.5, 0.0)),  # out of the picture
        ((100.0, 0.0, 0.0), (FAR, 0.0)),
        ((0.1, 0.1, 2.0), (FAR, FAR)),  # behind the camera
    ],
)
def test_a_point_is_seen_where_geometry_puts_it(point_m, seen):
    model = mujoco.MjModel.from_xml_string(FROM_ABOVE)
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)

    np.testing.assert_allclose(seen_at(model, data, 0, 2.0, np.array([point_m])), [seen], atol=1e-6)


def drawn_at(simulation: Simulation, renderer: mujoco.Renderer, camera: str, seen: np.ndarray) -> set[str]:
    """Names of the root bodies that are drawn within a pixel of a picture coordinate."""
    model = simulation.model
    renderer.update_scene(simulation.data, world_camera(model, camera))
    picture = renderer.render()
    height, width = picture.shape[:2]
    column, row = ((seen + 1.0) / 2.0 * (width, height)).astype(int)
    around = picture[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2].reshape(-1, 2)
    geoms = around[around[:, 1] == int(mujoco.mjtObj.mjOBJ_GEOM), 0]
    return {model.body(root).name for root in model.body_rootid[model.geom_bodyid[geoms]]}


def test_the_thing_and_the_place_are_drawn_where_they_are_said_to_be_seen(
    simulation: Simulation, robot: RobotContract
):
    front = robot.camera("front")
    renderer = mujoco.Renderer(simulation.model, front.height_px, front.width_px)
    renderer.enable_segmentation_rendering()
    for seed, split in ((0, "train"), (1, "visual"), (2, "layout"), (3, "layout")):
        goal = simulation.reset(seed, split).goal
        for index, camera in enumerate(robot.camera_names):
            seen = simulation.attention()[index]
            for point, prop in zip(seen, (goal["colour"], f"{goal['bin']}_bin"), strict=True):
                if camera == "front":
                    assert (np.abs(point) < 1.0).all()
                if (np.abs(point) < 1.0).all():
                    drawn = drawn_at(simulation, renderer, camera, point)
                    before_it = {name for name in drawn if name.startswith(ARM)}
                    assert before_it or f"{prop}/body" in drawn, (seed, camera, prop, drawn)
    renderer.close()


def begin_late(simulation: Simulation, wrist: int) -> int:
    """A scene with a late camera on the wrist that sees the thing; returns its delay in control periods."""
    for seed in range(200):
        delay_s = simulation.reset(seed, "train").variation.sensing.camera_delay_s
        if delay_s > 0.03 and np.abs(simulation.attention()[wrist, 0]).max() < 0.6:
            return round(delay_s / simulation.contract.control_step_s)
    raise AssertionError("no such scene")


def test_a_late_camera_is_told_for_the_moment_that_it_shows(simulation: Simulation, robot: RobotContract):
    wrist, camera = robot.camera("wrist"), world_camera(simulation.model, "wrist")
    index = robot.camera_names.index("wrist")
    late = begin_late(simulation, index)
    command = simulation.start_rad
    command[0] += 0.2  # to the side, over everything
    told, truth = [], []
    for _ in range(25):
        thing = simulation.task.attention(simulation.state, simulation.scene.goal)[0][None]
        aspect = wrist.width_px / wrist.height_px
        truth.append(seen_at(simulation.model, simulation.data, camera, aspect, thing)[0])
        told.append(simulation.attention()[index, 0])
        simulation.step_control(command)
    from_late = np.abs(np.array(told[late:]) - truth[:-late]).mean()
    from_now = np.abs(np.array(told) - truth).mean()

    assert from_now > 0.01
    assert from_late < 0.3 * from_now


def test_without_a_scene_nothing_is_named(robot: RobotContract):
    simulation = Simulation(robot, "reach")
    with pytest.raises(UsageError, match="reset the simulation first"):
        simulation.attention()
    simulation.close()
