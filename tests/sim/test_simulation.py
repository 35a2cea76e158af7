import dataclasses

import numpy as np
import pytest

from sovereign_robot.contract.conformance import check_robot
from sovereign_robot.contract.errors import CommandError, ContractError, UsageError
from sovereign_robot.sim.simulation import Simulation
from tests.sim.tasks.playing import let_pass, put

BINS = ("left", "middle", "right")
ON_THE_FLOOR_M = np.array([0.0, 0.0, 0.016])


def test_the_simulated_arm_passes_the_exam_of_every_robot(simulation):
    simulation.reset(0, "layout")

    check_robot(simulation, lambda seconds: let_pass(simulation, seconds))


def test_a_reset_begins_the_same_moment_again(simulation):
    begins = []
    for _ in range(2):
        scene = simulation.reset(5)
        begins.append((scene, simulation.time_s, simulation.qpos(), simulation.images()))
        let_pass(simulation, 0.3)

    (first, time_s, qpos, images), (again, *_, other_images) = begins
    assert first == again
    assert time_s == 0.0
    assert begins[1][2] == qpos
    assert all(np.array_equal(images[name], other_images[name]) for name in images)


def test_each_camera_gives_the_size_of_the_contract_and_sees_something(simulation):
    simulation.reset(0)
    images = simulation.images()

    assert list(images) == list(simulation.contract.camera_names)
    for camera in simulation.contract.cameras:
        image = images[camera.name]
        assert image.shape == (camera.height_px, camera.width_px, 3)
        assert image.dtype == np.uint8
        assert image.std() > 10.0


def test_the_named_cube_shows_in_its_colour(simulation):
    """A camera that is turned away or mixes up its channels fails this."""
    scenes = (simulation.reset(seed, "layout") for seed in range(100))
    scene = next(scene for scene in scenes if scene.goal["colour"] == "red")
    before = simulation.images()["front"].astype(int)
    simulation.render_view(simulation.qpos())
    reddish = (before[..., 0] > 100) & (before[..., 1] < 70) & (before[..., 2] < 70)

    assert 10 < reddish.sum() < 1000
    assert scene.goal["colour"] == "red"


def first_scene(simulation, split, fits):
    """The first scene of a split whose variation fits, begun."""
    scenes = (simulation.reset(seed, split) for seed in range(100))
    return next(scene for scene in scenes if fits(scene.variation))


def test_a_late_camera_shows_an_earlier_moment_and_late_joints_too(simulation):
    """Against the same scene without noise, rendered when it was that moment."""
    scene = first_scene(simulation, "train", lambda v: v.sensing.camera_delay_s > 0.035)
    simulation.command(simulation.contract.home + 0.4)
    let_pass(simulation, 0.3)
    qpos, late, truth = [], simulation.images(), simulation.state.joint_rad()
    simulation.reset(scene.seed, "train")
    simulation.command(simulation.contract.home + 0.4)
    for _ in range(30):
        qpos.append(simulation.qpos())
        simulation.advance()

    steps = round(scene.variation.sensing.camera_delay_s / simulation.contract.control_step_s)
    drawn = {age: simulation.render_view(qpos[30 - age], 128, 96).astype(int) for age in range(1, 15)}
    errors = {age: np.abs(image - late["front"]).mean() for age, image in drawn.items()}
    assert abs(min(errors, key=errors.__getitem__) - steps) <= 1
    np.testing.assert_array_equal(simulation.state.joint_rad(), truth)
    error = simulation.joint_state().position_rad - truth
    assert 0.0 < np.abs(error).max() < 0.1


def test_a_scene_without_variation_is_seen_as_it_is(simulation):
    simulation.reset(0, "layout")
    let_pass(simulation, 0.1)

    np.testing.assert_array_equal(simulation.joint_state().position_rad, simulation.state.joint_rad())
    view = simulation.render_view(simulation.qpos(), 128, 96).astype(int)
    assert np.abs(view - simulation.images()["front"]).mean() < 1.0


def test_a_varied_scene_leaves_nothing_behind(simulation):
    simulation.reset(2, "layout")
    before = simulation.images()
    for split in ("train", "visual", "clutter"):
        simulation.reset(2, split)
        simulation.images()
    simulation.reset(2, "layout")

    for name, image in simulation.images().items():
        np.testing.assert_array_equal(image, before[name])


def test_what_is_parked_is_not_drawn(simulation):
    scene = simulation.reset(0, "clutter")
    model = simulation.model
    names = [model.body(body).name.partition("/")[0] for body in model.body_rootid[model.geom_bodyid]]
    drawn = {name for name, group in zip(names, model.geom_group, strict=True) if group < 3}

    assert drawn == {*scene.props, "world", "arm"}


def test_one_control_period_passes_per_step(simulation):
    scene = simulation.reset(0)
    for _ in range(25):
        simulation.step_control(np.array(scene.start_rad))

    assert simulation.time_s == pytest.approx(25 * simulation.contract.control_step_s)
    assert simulation.joint_state().stamp_s == simulation.time_s


def test_drawing_for_people_does_not_touch_the_simulation(simulation):
    scene = simulation.reset(3)
    elsewhere = simulation.qpos()
    for _ in range(20):
        simulation.step_control(np.array(scene.start_rad) + 0.05)
    state, data = simulation.joint_state(), simulation.data
    before = [np.array(v) for v in (data.qpos, data.qvel, data.ctrl, data.xpos, data.qacc_warmstart)]
    images = simulation.images()

    view = simulation.render_view(elsewhere, 160, 120)

    assert view.shape == (120, 160, 3)
    after = (data.qpos, data.qvel, data.ctrl, data.xpos, data.qacc_warmstart)
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(new, old)
    assert simulation.joint_state().stamp_s == state.stamp_s
    for name, image in simulation.images().items():
        np.testing.assert_array_equal(image, images[name])


def test_a_drawn_moment_is_the_moment_that_was_kept(simulation):
    simulation.reset(3)
    first = simulation.render_view(simulation.qpos())
    kept = simulation.qpos()
    simulation.command(simulation.contract.home + 0.3)
    let_pass(simulation, 0.4)

    assert not np.array_equal(simulation.render_view(simulation.qpos()), first)
    np.testing.assert_array_equal(simulation.render_view(kept), first)


def test_success_needs_the_named_cube_at_rest_in_the_named_bin(simulation):
    scene = simulation.reset(0)
    other = next(name for name in BINS if name != scene.goal["bin"])
    inside = simulation.state.position_m(f"{scene.goal['bin']}_bin") + ON_THE_FLOOR_M

    put(simulation, scene.goal["colour"], simulation.state.position_m(f"{other}_bin") + ON_THE_FLOOR_M)
    let_pass(simulation, 0.5)
    assert not simulation.success()

    put(simulation, scene.goal["colour"], inside)
    simulation.advance()
    assert not simulation.success()
    let_pass(simulation, 0.3)
    assert simulation.success()
    assert simulation.progress() == 1.0


def test_the_same_picture_can_ask_for_another_of_its_goals(simulation):
    asked = simulation.reset(0)
    qpos = simulation.qpos()
    other = next(choice for choice in asked.choices if choice != asked.goal)

    scene = simulation.reset(0, goal=other)

    assert scene == dataclasses.replace(asked, goal=other, instruction=scene.instruction)
    assert scene.instruction != asked.instruction
    assert simulation.qpos() == qpos
    bin_m = simulation.state.position_m(f"{other['bin']}_bin")
    put(simulation, other["colour"], bin_m + ON_THE_FLOOR_M)
    let_pass(simulation, 0.5)
    assert simulation.success()


def test_a_goal_that_the_picture_does_not_leave_open_is_refused(simulation):
    with pytest.raises(UsageError, match="is not open in scene 0 of split train, expected one of"):
        simulation.reset(0, goal={"colour": "pink", "bin": "left"})


def test_another_cube_in_the_named_bin_is_no_success(simulation):
    scene = simulation.reset(0)
    other = next(choice["colour"] for choice in scene.choices if choice["colour"] != scene.goal["colour"])
    put(simulation, other, simulation.state.position_m(f"{scene.goal['bin']}_bin") + ON_THE_FLOOR_M)
    let_pass(simulation, 0.5)

    assert not simulation.success()


def test_progress_grows_as_the_cube_nears_its_bin(simulation):
    scene = simulation.reset(1)
    goal = simulation.state.position_m(f"{scene.goal['bin']}_bin")
    pose = scene.props[scene.goal["colour"]]
    start = np.array([pose.x_m, pose.y_m, 0.2])
    seen = []
    for share in (0.0, 0.4, 0.8):
        put(simulation, scene.goal["colour"], start + share * (goal + np.array([0.0, 0.0, 0.2]) - start))
        simulation.advance()
        seen.append(simulation.progress())

    assert seen == pytest.approx([0.0, 0.4, 0.8], abs=0.02)


def test_an_unknown_task_or_split_is_one_sentence(robot, simulation):
    with pytest.raises(UsageError, match="task 'stick' is not known"):
        Simulation(robot, "stick")
    with pytest.raises(
        UsageError,
        match="split 'test' is not known; choose one of train, layout",
    ):
        simulation.reset(0, "test")


@pytest.mark.parametrize("command", [np.full(6, np.nan), np.zeros(5), np.zeros((1, 6))])
def test_a_command_that_does_not_fit_is_refused_and_changes_nothing(simulation, command):
    simulation.reset(0)
    before = simulation.data.ctrl.copy()

    with pytest.raises(CommandError, match=r"expected \(6,\) finite joint positions"):
        simulation.step_control(command)
    np.testing.assert_array_equal(simulation.data.ctrl, before)
    assert simulation.time_s == 0.0


def test_a_control_rate_between_physics_steps_is_refused(robot):
    odd = robot.model_copy(update={"control_rate_hz": 300.0, "policy_rate_hz": 20.0})

    with pytest.raises(ContractError, match=r"control_rate_hz 300\.0 cannot be simulated, expected 200 Hz"):
        Simulation(odd)


def test_closing_twice_and_drawing_again_is_fine(robot):
    simulation = Simulation(robot)
    simulation.reset(0)
    simulation.images()
    simulation.close()
    simulation.close()

    assert set(simulation.images()) == set(robot.camera_names)
    simulation.close()


def test_scenes_are_plain_data(simulation):
    scene = simulation.reset(0)

    with pytest.raises(dataclasses.FrozenInstanceError):
        scene.seed = 3
