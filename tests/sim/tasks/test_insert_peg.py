"""The named peg stands in the named hole, with 2 mm of play, and the hand has let it go."""

import math
from collections.abc import Iterator

import mujoco
import numpy as np
import pytest

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.sim.expert import Expert
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.tasks.insert_peg import PEG_HALF_M, PEG_SPACING_M, InsertPeg
from sovereign_robot.sim.tasks.table_layout import clear_of_the_hand
from tests.sim.tasks.playing import first_plan, follow, let_pass, play, play_on, put

SEEDS = 10
BLOCK_HALF_M, PEG_ACROSS_M = 0.028, 0.02
HOLE_ACROSS_M = 0.022


@pytest.fixture(scope="module")
def simulation(robot: RobotContract) -> Iterator[Simulation]:
    simulation = Simulation(robot, "insert_peg")
    yield simulation
    simulation.close()


def lean(simulation: Simulation, peg: str, degrees: float) -> None:
    """Turn a standing peg over the edge of its bottom, about the base's x axis."""
    half = math.radians(degrees) / 2
    joint = simulation.data.joint(f"{peg}/free")
    joint.qpos[3:] = (math.cos(half), math.sin(half), 0.0, 0.0)
    joint.qvel[:] = 0.0


def test_pegs_stand_apart_and_clear_of_the_blocks_and_of_the_hand():
    for seed in range(300):
        layout = InsertPeg().layout(np.random.default_rng(seed))
        pegs = [pose for name, pose in layout.props.items() if not name.endswith("_block")]
        blocks = [layout.props["left_block"], layout.props["right_block"]]
        assert len(pegs) == 2
        assert len(layout.choices) == 4
        assert math.dist((pegs[0].x_m, pegs[0].y_m), (pegs[1].x_m, pegs[1].y_m)) >= PEG_SPACING_M
        for peg in pegs:
            assert clear_of_the_hand(peg)
            for block in blocks:
                aside = max(abs(peg.x_m - block.x_m), abs(peg.y_m - block.y_m))
                assert aside > BLOCK_HALF_M + PEG_ACROSS_M / 2
        assert blocks[0].y_m > 0.0 > blocks[1].y_m


def test_the_play_is_2_mm(simulation):
    model = simulation.model
    far, near = model.geom("left_block/lining_far"), model.geom("left_block/lining_near")
    hole_m = far.pos[0] - far.size[0] - (near.pos[0] + near.size[0])

    assert hole_m == pytest.approx(HOLE_ACROSS_M)
    assert hole_m - 2.0 * model.geom("red/paint_shaft").size[0] <= 0.002 + 1e-9


def test_the_expert_succeeds(simulation):
    for seed in range(SEEDS):
        simulation.reset(seed, "layout")
        play(simulation, Expert(simulation))
        assert simulation.success(), seed
        assert simulation.progress() == 1.0


def test_only_the_goal_that_was_asked_for_is_reached(simulation):
    for goal in simulation.reset(2).choices:
        simulation.reset(2, goal=goal)
        play(simulation, Expert(simulation))
        assert simulation.success()
        reached = [g for g in simulation.scene.choices if simulation.task.in_place(simulation.state, g)]
        assert reached == [goal]


@pytest.mark.parametrize(("height_m", "inside"), [(0.004, True), (0.008, False)])
def test_a_peg_is_inside_when_its_bottom_is_12_mm_below_the_blocks_top(simulation, height_m, inside):
    scene = simulation.reset(1)
    hole_m = simulation.state.position_m(f"{scene.goal['hole']}_block")
    put(simulation, scene.goal["colour"], hole_m + np.array([0.0, 0.0, height_m + PEG_HALF_M]))
    simulation.data.joint(f"{scene.goal['colour']}/free").qpos[3:] = (1.0, 0.0, 0.0, 0.0)
    mujoco.mj_forward(simulation.model, simulation.data)

    assert simulation.task.in_place(simulation.state, scene.goal) == inside


def test_a_peg_that_leans_in_the_hole_is_not_in_place(simulation):
    scene = simulation.reset(1)
    hole_m = simulation.state.position_m(f"{scene.goal['hole']}_block")
    put(simulation, scene.goal["colour"], hole_m + np.array([0.0, 0.0, 0.003 + PEG_HALF_M]))
    lean(simulation, scene.goal["colour"], 10.0)
    mujoco.mj_forward(simulation.model, simulation.data)

    assert not simulation.task.in_place(simulation.state, scene.goal)


def test_a_peg_rests_in_the_hole_without_shaking(simulation):
    scene = simulation.reset(4)
    play(simulation, Expert(simulation))
    before = simulation.state.position_m(scene.goal["colour"])
    let_pass(simulation, 1.0)

    np.testing.assert_allclose(simulation.state.position_m(scene.goal["colour"]), before, atol=3e-4)


def test_a_peg_that_is_taken_away_on_the_way_is_fetched_again(simulation):
    scene = simulation.reset(3)
    peg = scene.goal["colour"]
    expert = Expert(simulation)
    plan = first_plan(simulation, expert)
    command = follow(simulation, plan, plan.carries[0].from_s + 0.3)
    assert simulation.state.holding(peg)
    put(simulation, peg, (0.27, 0.0, PEG_HALF_M))
    simulation.data.joint(f"{peg}/free").qpos[3:] = (1.0, 0.0, 0.0, 0.0)
    simulation.advance()
    play_on(simulation, expert, command)

    assert simulation.success()


def test_a_peg_that_leans_in_the_hole_is_straightened(simulation):
    scene = simulation.reset(1)
    peg = scene.goal["colour"]
    put(
        simulation,
        peg,
        simulation.state.position_m(f"{scene.goal['hole']}_block") + np.array([0.0, 0.004, 0.03]),
    )
    lean(simulation, peg, 25.0)
    let_pass(simulation, 0.3)
    assert not simulation.task.in_place(simulation.state, scene.goal)
    play(simulation, Expert(simulation))

    assert simulation.success()


def test_another_peg_in_the_jaws_is_put_down_first(simulation):
    scene = simulation.reset(6)
    wrong = next(goal for goal in scene.choices if goal["colour"] != scene.goal["colour"])
    expert = Expert(simulation)
    plan = first_plan(simulation, expert, wrong)
    command = follow(simulation, plan, plan.carries[0].from_s + 0.2)
    assert simulation.state.holding(wrong["colour"])
    play_on(simulation, expert, command)

    assert simulation.success()


def test_progress_grows_towards_the_hole(simulation):
    simulation.reset(5)
    expert = Expert(simulation)
    assert simulation.progress() == pytest.approx(0.0, abs=0.02)
    plan = first_plan(simulation, expert)
    follow(simulation, plan, plan.duration_s)

    assert 0.6 < simulation.progress() < 1.0
