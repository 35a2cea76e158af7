import numpy as np
import pytest

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.contract.fakes import ScriptedPolicy, example_observation
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.control.chunking import Chunking
from sovereign_robot.control.replanner import Replanner

SO101 = load_robot("so101")
STEP_S = SO101.policy_step_s
POLICY = ScriptedPolicy(SO101, lambda t: SO101.home + 0.1 * t)


def turn(replanner: Replanner, stamp_s: float, latency_s: float):
    """One question and its answer: (promised rows, chunk to be played)."""
    promised = replanner.ask(stamp_s)
    chunk = POLICY.predict(example_observation(SO101, stamp_s), promised)
    return promised, replanner.answer(chunk, stamp_s + latency_s)


def test_the_first_question_promises_nothing_and_the_next_what_will_be_played():
    replanner = Replanner(SO101, 4)
    assert turn(replanner, 0.0, 0.08)[0] is None
    promised, _ = turn(replanner, 0.2, 0.08)
    assert len(promised) == 2
    np.testing.assert_allclose(promised[:, 0], 0.1 * (0.2 + STEP_S * np.array([1, 2])), atol=1e-9)


def test_promises_of_a_slowed_plan_are_in_the_policys_own_steps():
    replanner = Replanner(SO101, 4)
    for i in range(4):
        promised, played = turn(replanner, i * 1.0, 0.6)
    assert len(played.position_rad) == 32
    apart_s = STEP_S / 0.5
    moved = promised[1, 0] - promised[0, 0]
    assert moved == pytest.approx(0.5 * 0.1 * apart_s, abs=0.002)


def test_a_chunk_that_comes_too_late_is_refused_and_still_teaches_how_late_it_was():
    replanner = Replanner(SO101, 4)
    with pytest.raises(CommandError, match="too slow for its horizon"):
        turn(replanner, 0.0, 5.0)
    assert replanner.budget.latency_s == pytest.approx(5.0)


def test_after_a_hold_nothing_is_promised():
    replanner = Replanner(SO101, 4)
    turn(replanner, 0.0, 0.03)
    replanner.hold()
    assert replanner.ask(0.2) is None


@pytest.mark.parametrize("chunking", [Chunking.ENSEMBLE, Chunking.SWITCH])
def test_only_prefix_promises(chunking: Chunking):
    replanner = Replanner(SO101, 4, chunking)
    turn(replanner, 0.0, 0.03)
    assert replanner.ask(0.2) is None
