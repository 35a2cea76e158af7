"""The named knob was turned the named way; another one, or the other way, spoils it."""

import math

import numpy as np
import pytest

from sovereign_robot.sim.expert import Expert
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.tasks.turn_knob import TURNED_RAD, WAYS, WRONG_RAD, knob, turned_rad
from tests.sim.tasks.playing import first_plan, let_pass, play, play_on
from tests.sim.tasks.standing import move, others

SEEDS = 12


@pytest.fixture(scope="module")
def simulation(robot):
    simulation = Simulation(robot, "turn_knob")
    yield simulation
    simulation.close()


def hinge(simulation: Simulation) -> str:
    return f"{knob(simulation.scene.goal['colour'])}/hinge"


def test_the_expert_turns_the_named_knob_alone_and_lets_go(simulation):
    ways = set()
    for seed in range(SEEDS):
        scene = simulation.reset(seed, "layout")
        play(simulation, Expert(simulation))
        assert simulation.success(), seed
        assert not simulation.state.touched_by_arm(knob(scene.goal["colour"]))
        for colour in others(scene, scene.goal):
            assert abs(turned_rad(simulation.state, colour)) < 0.02
        ways.add(scene.goal["way"])
    assert ways == set(WAYS)


def test_left_is_counter_clockwise_seen_from_above(simulation):
    goal = {"colour": simulation.reset(0).goal["colour"], "way": "left"}
    bar = simulation.data.body(f"{knob(goal['colour'])}/bar")
    before = bar.xmat.reshape(3, 3)[:2, 1].copy()
    move(simulation, hinge(simulation), TURNED_RAD + 0.01)
    after = bar.xmat.reshape(3, 3)[:2, 1]

    assert np.cross([*before, 0.0], [*after, 0.0])[2] > 0.0
    assert simulation.task.in_place(simulation.state, goal)
    assert not simulation.task.in_place(simulation.state, goal | {"way": "right"})


def test_a_knob_counts_from_45_degrees_and_the_other_way_spoils_it_from_20(simulation):
    scene = simulation.reset(1)
    way, task, state = WAYS[scene.goal["way"]], simulation.task, simulation.state

    for degrees, in_place, spoilt in (
        (44, False, False),
        (46, True, False),
        (-19, False, False),
        (-21, False, True),
    ):
        move(simulation, hinge(simulation), way * math.radians(degrees))
        assert task.in_place(state, scene.goal) == in_place
        assert task.spoilt(state, scene.goal) == spoilt


def test_another_knob_that_is_turned_either_way_spoils_it(simulation):
    scene = simulation.reset(2)
    joint = f"{knob(others(scene, scene.goal).pop())}/hinge"
    for turn in (1.0, -1.0):
        move(simulation, joint, turn * (WRONG_RAD - 0.02))
        assert not simulation.task.spoilt(simulation.state, scene.goal)
        move(simulation, joint, turn * (WRONG_RAD + 0.02))
        assert simulation.task.spoilt(simulation.state, scene.goal)


def test_a_half_turned_knob_stays_and_is_half_of_the_progress(simulation):
    scene = simulation.reset(3)
    move(simulation, hinge(simulation), WAYS[scene.goal["way"]] * TURNED_RAD / 2)
    let_pass(simulation, 0.5)

    assert simulation.progress() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("degrees", [-15, 15, 40])
def test_a_knob_that_is_turned_already_is_turned_on(simulation, degrees):
    scene = simulation.reset(4)
    move(simulation, hinge(simulation), WAYS[scene.goal["way"]] * math.radians(degrees))
    play(simulation, Expert(simulation))

    assert simulation.success()


def test_a_hand_that_holds_another_knob_lets_go_of_it_without_turning_it(simulation):
    scene = simulation.reset(5)
    expert = Expert(simulation)
    wrong = next(goal for goal in scene.choices if goal["colour"] != scene.goal["colour"])
    plan, command = first_plan(simulation, expert, wrong), simulation.start_rad
    while not simulation.state.in_both_jaws(knob(wrong["colour"])):
        command = plan.position_rad(simulation.time_s)
        simulation.step_control(command)
        assert simulation.time_s < plan.duration_s
    play_on(simulation, expert, command)

    assert simulation.success()
