import numpy as np
import pytest

from sovereign_robot.contract.robot import load_robot
from sovereign_robot.contract.types import ActionChunk, Array
from sovereign_robot.control.chunk_player import ChunkPlayer
from sovereign_robot.control.chunking import Chunking, Ensemble, strategy
from sovereign_robot.control.curve import Spline

SO101 = load_robot("so101")
STEP_S = SO101.policy_step_s


def level(stamp_s: float, offset_rad: float, rows: int = 16) -> ActionChunk:
    return ActionChunk(stamp_s, STEP_S, SO101.joint_names, np.tile(SO101.home + offset_rad, (rows, 1)))


def where(plan: Spline, time_s: float) -> Array:
    return plan.motion(np.array([time_s]))[0][0]


def test_only_prefix_promises_rows():
    for chunking in Chunking:
        player = ChunkPlayer(SO101, chunking=chunking)
        player.accept(level(0.0, 0.0), 0.0)
        assert len(player.committed(0.0, 4)) == (4 if chunking is Chunking.PREFIX else 0)


@pytest.mark.parametrize("chunking", [Chunking.PREFIX, Chunking.SWITCH])
def test_the_newest_chunk_is_the_plan(chunking: Chunking):
    chosen = strategy(chunking)
    chosen.plan(level(0.0, 0.0))
    assert where(chosen.plan(level(0.1, 0.2)), 0.5) == pytest.approx(SO101.home + 0.2)


def test_an_ensemble_weighs_by_how_much_younger_a_chunk_is_not_by_how_many_there_are():
    """As ACT: exp(-m i), the oldest the most; i are policy steps between observations."""
    decay = 0.1
    ensemble = Ensemble(decay)
    ensemble.plan(level(0.0, 0.0))
    plan = ensemble.plan(level(4 * STEP_S, 0.1))
    weight = np.exp(-decay * 4)
    mean = 0.1 * weight / (1.0 + weight)
    assert where(plan, 0.4) == pytest.approx(SO101.home + mean)


def test_a_chunk_that_ends_leaves_the_mean_without_a_jump():
    ensemble = Ensemble()
    ensemble.plan(level(0.0, 0.0))
    plan = ensemble.plan(level(4 * STEP_S, 0.1))
    times_s = np.arange(0.3, 0.999, 0.01)
    moved = plan.motion(times_s)
    assert moved[0][-1] == pytest.approx(SO101.home + 0.1)
    assert np.abs(moved[2]).max() < 0.25 * SO101.acceleration_rad_s2.min()


def test_a_forgotten_chunk_has_no_say():
    ensemble = Ensemble()
    ensemble.plan(level(0.0, 0.0))
    ensemble.forget()
    assert where(ensemble.plan(level(0.2, 0.1)), 0.5) == pytest.approx(SO101.home + 0.1)


def test_a_chunk_long_past_has_no_say():
    ensemble = Ensemble()
    ensemble.plan(level(0.0, 0.0))
    assert where(ensemble.plan(level(2.0, 0.1)), 2.5) == pytest.approx(SO101.home + 0.1)
