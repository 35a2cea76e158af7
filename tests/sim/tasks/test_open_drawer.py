"""The named drawer stands open; another one that was opened spoils it."""

import pytest

from sovereign_robot.sim.expert import Expert
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.tasks.drawers import drawer, opening_m
from sovereign_robot.sim.tasks.open_drawer import OPEN_M, WRONG_M
from tests.sim.tasks.playing import first_plan, let_pass, play, play_on
from tests.sim.tasks.standing import move, others

SEEDS = 12


@pytest.fixture(scope="module")
def simulation(robot):
    simulation = Simulation(robot, "open_drawer")
    yield simulation
    simulation.close()


def test_the_expert_opens_the_named_drawer_alone_and_leaves_it_open(simulation):
    for seed in range(SEEDS):
        scene = simulation.reset(seed, "layout")
        play(simulation, Expert(simulation))
        assert simulation.success(), seed
        assert not simulation.state.touched_by_arm(drawer(scene.goal))
        for colour in others(scene, scene.goal):
            assert opening_m(simulation.state, colour) < 1e-3


def test_a_drawer_counts_when_it_is_open_wide_and_spoils_every_other_goal(simulation):
    scene = simulation.reset(0)
    other = others(scene, scene.goal).pop()
    task, state = simulation.task, simulation.state

    move(simulation, f"{drawer(scene.goal)}/slide", OPEN_M - 0.001)
    assert not task.in_place(state, scene.goal)
    move(simulation, f"{drawer(scene.goal)}/slide", OPEN_M + 0.001)
    assert task.in_place(state, scene.goal)
    assert all(task.spoilt(state, goal) != (goal == scene.goal) for goal in scene.choices)
    move(simulation, f"{drawer(other)}/slide", WRONG_M - 0.001)
    assert not task.spoilt(state, scene.goal)
    move(simulation, f"{drawer(other)}/slide", WRONG_M + 0.001)
    assert task.spoilt(state, scene.goal)


def test_a_half_open_drawer_stays_where_it_is_and_is_half_of_the_progress(simulation):
    scene = simulation.reset(1)
    move(simulation, f"{drawer(scene.goal)}/slide", OPEN_M / 2)
    let_pass(simulation, 0.5)

    assert simulation.progress() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("opening", [0.008, 0.02, 0.033])
def test_a_half_open_drawer_is_opened_further(simulation, opening):
    scene = simulation.reset(2)
    move(simulation, f"{drawer(scene.goal)}/slide", opening)
    play(simulation, Expert(simulation))

    assert simulation.success()


def test_a_hand_that_holds_another_tab_lets_go_of_it_without_opening_that_drawer(simulation):
    scene = simulation.reset(3)
    expert = Expert(simulation)
    wrong = next(goal for goal in scene.choices if goal != scene.goal)
    plan, command = first_plan(simulation, expert, wrong), simulation.start_rad
    while not simulation.state.in_both_jaws(drawer(wrong)):
        command = plan.position_rad(simulation.time_s)
        simulation.step_control(command)
        assert simulation.time_s < plan.duration_s
    play_on(simulation, expert, command)

    assert simulation.success()
