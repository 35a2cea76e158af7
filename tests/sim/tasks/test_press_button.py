"""The named button is down; another one that was pressed spoils it."""

import pytest

from sovereign_robot.sim.expert import Expert
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.tasks.press_button import PRESSED_M, WRONG_M, button, pressed_m
from tests.sim.tasks.playing import first_plan, follow, let_pass, play, play_on
from tests.sim.tasks.standing import move, others

SEEDS = 12


@pytest.fixture(scope="module")
def simulation(robot):
    simulation = Simulation(robot, "press_button")
    yield simulation
    simulation.close()


def test_the_expert_presses_the_named_button_alone_and_holds_it(simulation):
    for seed in range(SEEDS):
        scene = simulation.reset(seed, "layout")
        play(simulation, Expert(simulation))
        assert simulation.success(), seed
        let_pass(simulation, 0.5)
        assert simulation.success()
        for colour in others(scene, scene.goal):
            assert pressed_m(simulation.state, colour) < 1e-3


def test_a_button_counts_when_it_is_deep_enough_and_spoils_every_other_goal(simulation):
    scene = simulation.reset(0)
    named = scene.goal["colour"]
    other = others(scene, scene.goal).pop()
    task, state = simulation.task, simulation.state

    move(simulation, f"{button(named)}/slide", PRESSED_M - 0.0005)
    assert not task.in_place(state, scene.goal)
    move(simulation, f"{button(named)}/slide", PRESSED_M + 0.0005)
    assert task.in_place(state, scene.goal)
    assert not task.spoilt(state, scene.goal)
    assert all(task.spoilt(state, goal) for goal in scene.choices if goal["colour"] == other)
    move(simulation, f"{button(other)}/slide", WRONG_M - 0.0005)
    assert not task.spoilt(state, scene.goal)
    move(simulation, f"{button(other)}/slide", WRONG_M + 0.0005)
    assert task.spoilt(state, scene.goal)


def test_a_button_comes_up_again_when_it_is_released(simulation):
    scene = simulation.reset(1)
    move(simulation, f"{button(scene.goal['colour'])}/slide", 0.008)
    let_pass(simulation, 0.3)

    assert pressed_m(simulation.state, scene.goal["colour"]) < 1e-3
    assert not simulation.success()


def test_who_presses_every_button_does_not_succeed(simulation):
    scene = simulation.reset(2)
    for choice in scene.choices:
        move(simulation, f"{button(choice['colour'])}/slide", 0.008)
    let_pass(simulation, 0.02)
    play(simulation, Expert(simulation))

    assert not simulation.success()


def test_progress_grows_on_the_way_and_while_pressing(simulation):
    simulation.reset(3)
    expert = Expert(simulation)
    assert simulation.progress() == pytest.approx(0.0, abs=0.05)
    plan = first_plan(simulation, expert)
    command = follow(simulation, plan, 0.6 * plan.duration_s)
    assert 0.1 < simulation.progress() < 1.0
    play_on(simulation, expert, command)

    assert simulation.progress() == 1.0


def test_after_pressing_halfway_beside_the_cap_it_finds_the_cap(simulation):
    simulation.reset(4)
    expert = Expert(simulation)
    plan = first_plan(simulation, expert)
    command = follow(simulation, plan, 0.8 * plan.duration_s)
    command[0] += 0.08
    simulation.step_control(command)
    let_pass(simulation, 0.2)
    play_on(simulation, expert, command)

    assert simulation.success()
