import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.contract.fakes import ManualClock, ScriptedPolicy, example_observation
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import ActionChunk, Array, Observation
from sovereign_robot.control.chunking import Chunking
from sovereign_robot.control.pace import PROMISED_ROWS
from sovereign_robot.nodes.command_timing import PlanTiming
from sovereign_robot.nodes.planner import Planner


class GatedPolicy(ScriptedPolicy):
    """A ramp that is planned only when the test opens the gate; remembers what was committed."""

    def __init__(self, contract: RobotContract) -> None:
        super().__init__(contract, lambda t: contract.home + 0.1 * t)
        self.gate = threading.Event()
        self.committed: list[Array | None] = []
        self.resets = 0

    def predict(self, observation: Observation, committed: Array | None = None) -> ActionChunk:
        assert self.gate.wait(10.0)
        self.committed.append(committed)
        return super().predict(observation, committed)

    def reset(self) -> None:
        self.resets += 1


class Bench:
    """A planner, its clock, its policy and what it published."""

    def __init__(self, contract: RobotContract, chunking: Chunking = Chunking.PREFIX) -> None:
        self.contract = contract
        self.clock, self.steady = ManualClock(1.0), ManualClock(500.0)
        self.policy = GatedPolicy(contract)
        self.chunks: list[ActionChunk] = []
        self.published = threading.Event()
        self.timings: list[PlanTiming] = []
        self.planner = Planner(self.policy, self.clock, self.steady, self._publish, chunking)

    def _publish(self, chunk: ActionChunk, timing: PlanTiming) -> None:
        self.chunks.append(chunk)
        self.timings.append(timing)
        self.published.set()

    def plan(self, stamp_s: float) -> None:
        self.policy.gate.set()
        self.published.clear()
        self.planner.start(example_observation(self.contract, stamp_s))
        assert self.published.wait(10.0)
        self.wait()

    def wait(self) -> None:
        while self.planner.busy:
            time.sleep(0)


@pytest.fixture
def bench(contract: RobotContract) -> Iterator[Bench]:
    made = Bench(contract)
    yield made
    made.policy.gate.set()
    made.planner.close()


def test_the_first_plan_has_nothing_committed(bench: Bench):
    bench.plan(1.0)
    assert bench.policy.committed == [None]
    assert bench.chunks[0].stamp_s == 1.0


def test_the_next_plan_repeats_the_rows_that_are_played_meanwhile(bench: Bench):
    bench.plan(1.0)
    bench.clock.advance(0.2)
    bench.plan(1.2)
    committed = bench.policy.committed[1]
    assert 1 <= len(committed) <= PROMISED_ROWS
    due_s = 1.2 + bench.contract.policy_step_s * np.arange(1, len(committed) + 1)
    np.testing.assert_allclose(
        committed, np.tile(bench.contract.home, (len(due_s), 1)) + 0.1 * due_s[:, None], atol=1e-9
    )


def test_a_chunk_comes_with_when_it_was_made(bench: Bench):
    bench.clock.advance(0.02)
    bench.planner.start(example_observation(bench.contract, 1.0))
    bench.steady.advance(0.03)
    bench.policy.gate.set()
    assert bench.published.wait(10.0)
    timing = bench.timings[0]
    assert (timing.stamp_s, timing.camera_s, timing.complete_s) == pytest.approx((1.0, 0.02, 500.0))
    assert 500.0 <= timing.started_s <= timing.ended_s == pytest.approx(500.03)


def test_what_is_seen_while_a_plan_is_made_is_passed_over(bench: Bench):
    bench.planner.start(example_observation(bench.contract, 1.0))
    assert bench.planner.busy
    bench.planner.start(example_observation(bench.contract, 1.05))
    bench.policy.gate.set()
    assert bench.published.wait(10.0)
    assert [c.stamp_s for c in bench.chunks] == [1.0]


def test_a_plan_that_is_being_made_when_the_episode_ends_is_not_published(bench: Bench):
    bench.planner.start(example_observation(bench.contract, 1.0))
    bench.planner.reset()
    bench.policy.gate.set()
    bench.wait()
    bench.clock.advance(0.2)
    bench.plan(1.2)
    assert [c.stamp_s for c in bench.chunks] == [1.2]
    assert bench.policy.resets == 1


def test_a_plan_that_began_before_a_stop_is_not_published_however_late_it_ends(bench: Bench):
    bench.planner.start(example_observation(bench.contract, 1.0))
    bench.planner.stop()
    bench.clock.advance(600.0)
    bench.policy.gate.set()
    bench.wait()
    assert bench.chunks == []
    bench.plan(601.0)
    assert bench.policy.committed == [None, None]


def test_how_long_the_policy_has_been_thinking_is_known_though_the_clock_stands_still(bench: Bench):
    assert (bench.planner.thinking_s, bench.planner.trouble) == (0.0, "")
    bench.planner.start(example_observation(bench.contract, 1.0))
    bench.steady.advance(3.2)
    assert bench.planner.thinking_s == pytest.approx(3.2)
    assert bench.planner.trouble == "the policy has been thinking for 3.2 s, expected less than 0.800 s"
    bench.policy.gate.set()
    bench.wait()
    assert bench.planner.thinking_s == 0.0


def test_no_call_waits_for_a_policy_that_never_answers(contract: RobotContract):
    bench = Bench(contract)
    bench.planner.start(example_observation(contract, 1.0))
    began_s = time.monotonic()
    for _ in range(100):
        bench.planner.reset()
        bench.planner.hold()
        bench.planner.start(example_observation(contract, 1.1))
    bench.planner.close(timeout_s=0.05)
    assert time.monotonic() - began_s < 2.0
    bench.policy.gate.set()
    bench.wait()
    assert bench.chunks == []


def test_a_late_policy_is_slowed_down_for_and_the_reason_names_latency_and_budget(bench: Bench):
    bench.policy.gate.clear()
    for i in range(3):
        stamp_s = 1.0 + i
        bench.published.clear()
        bench.planner.start(example_observation(bench.contract, stamp_s))
        bench.clock.advance(0.6)
        bench.policy.gate.set()
        assert bench.published.wait(10.0)
        bench.wait()
        bench.policy.gate.clear()
        bench.clock.advance(0.4)
    assert bench.planner.budget.pace == pytest.approx(0.5)
    assert bench.planner.trouble == (
        "the policy answers 0.600 s after its observation, expected at most 0.300 s: "
        "the arm moves at 50% of its pace"
    )
    assert len(bench.chunks[-1].position_rad) == 2 * bench.policy.horizon


@pytest.mark.parametrize("chunking", [Chunking.ENSEMBLE, Chunking.SWITCH])
def test_without_prefix_nothing_is_promised(contract: RobotContract, chunking: Chunking):
    bench = Bench(contract, chunking)
    bench.plan(1.0)
    bench.clock.advance(0.2)
    bench.plan(1.2)
    assert bench.policy.committed == [None, None]
    bench.planner.close()


def test_nothing_is_committed_after_the_arm_was_held(bench: Bench):
    bench.plan(1.0)
    bench.planner.hold()
    bench.clock.advance(0.2)
    bench.plan(1.2)
    assert bench.policy.committed == [None, None]


def test_an_error_in_a_plan_is_raised_at_the_next_one(bench: Bench):
    bench.clock.advance(60.0)  # the chunk is past when it is ready
    bench.policy.gate.set()
    bench.planner.start(example_observation(bench.contract, 1.0))
    bench.wait()
    with pytest.raises(CommandError, match="the policy is too slow"):
        bench.planner.start(example_observation(bench.contract, 61.0))


def test_nothing_is_planned_after_the_end(bench: Bench):
    bench.policy.gate.set()
    bench.planner.close()
    with pytest.raises(RuntimeError):
        bench.planner.start(example_observation(bench.contract, 1.0))
