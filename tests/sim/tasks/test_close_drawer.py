"""The named drawer is shut; another one that was pushed spoils it."""

import pytest

from sovereign_robot.sim.expert import Expert
from sovereign_robot.sim.sampling import sample_scene
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.tasks.close_drawer import SHUT_M, WRONG_M, CloseDrawer
from sovereign_robot.sim.tasks.drawers import TRAVEL_M, drawer, opening_m
from tests.sim.tasks.playing import first_plan, follow, let_pass, play, play_on
from tests.sim.tasks.standing import move, others

SEEDS = 12


@pytest.fixture(scope="module")
def simulation(robot):
    simulation = Simulation(robot, "close_drawer")
    yield simulation
    simulation.close()


def test_every_drawer_begins_open_and_each_differently(robot):
    for seed in range(200):
        scene = sample_scene(robot, CloseDrawer(), seed, "layout")
        openings = list(scene.joints.values())
        assert all(WRONG_M + 0.012 <= opening < TRAVEL_M for opening in openings)
        assert len(set(openings)) == len(scene.props)


def test_the_expert_shuts_the_named_drawer_and_leaves_the_others_open(simulation):
    for seed in range(SEEDS):
        scene = simulation.reset(seed, "layout")
        play(simulation, Expert(simulation))
        assert simulation.success(), seed
        assert not simulation.state.touched_by_arm(drawer(scene.goal))
        for colour in others(scene, scene.goal):
            start = scene.joints[f"{drawer(colour)}/slide"]
            assert opening_m(simulation.state, colour) == pytest.approx(start, abs=1e-3)


def test_a_drawer_counts_when_it_is_shut_and_spoils_every_other_goal(simulation):
    scene = simulation.reset(0)
    other = others(scene, scene.goal).pop()
    task, state = simulation.task, simulation.state
    assert not any(task.spoilt(state, goal) for goal in scene.choices)

    move(simulation, f"{drawer(scene.goal)}/slide", SHUT_M + 0.001)
    assert not task.in_place(state, scene.goal)
    move(simulation, f"{drawer(scene.goal)}/slide", SHUT_M - 0.001)
    assert task.in_place(state, scene.goal)
    assert all(task.spoilt(state, goal) != (goal == scene.goal) for goal in scene.choices)
    move(simulation, f"{drawer(other)}/slide", WRONG_M + 0.001)
    assert not task.spoilt(state, scene.goal)
    move(simulation, f"{drawer(other)}/slide", WRONG_M - 0.001)
    assert task.spoilt(state, scene.goal)


def test_progress_is_the_way_that_the_drawer_has_gone(simulation):
    scene = simulation.reset(1)
    joint = f"{drawer(scene.goal)}/slide"
    assert simulation.progress() == pytest.approx(0.0, abs=0.01)
    move(simulation, joint, (scene.joints[joint] + SHUT_M) / 2)
    let_pass(simulation, 0.5)

    assert simulation.progress() == pytest.approx(0.5, abs=0.02)


def test_a_hand_that_was_stopped_on_the_way_pushes_on(simulation):
    scene = simulation.reset(2)
    expert, joint = Expert(simulation), f"{drawer(scene.goal)}/slide"
    plan, command = first_plan(simulation, expert), simulation.start_rad
    while simulation.state.joint(drawer(scene.goal), "slide") > scene.joints[joint] - 0.01:
        command = plan.position_rad(simulation.time_s)
        simulation.step_control(command)
        assert simulation.time_s < plan.duration_s
    play_on(simulation, expert, command)

    assert simulation.success()


def test_a_hand_behind_the_tab_comes_round_to_its_front(simulation):
    scene = simulation.reset(5, "layout")
    expert = Expert(simulation)
    plan = first_plan(simulation, expert)
    command = follow(simulation, plan, plan.duration_s)
    move(simulation, f"{drawer(scene.goal)}/slide", 0.04)
    play_on(simulation, expert, command)

    assert simulation.success()
