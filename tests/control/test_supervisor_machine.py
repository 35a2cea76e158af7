"""Whatever comes in whatever order: rules throw everything at one supervisor, invariants judge each tick."""

from collections import Counter
from contextlib import suppress

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from sovereign_robot.contract.errors import CommandError, ObservationError
from sovereign_robot.contract.types import ActionChunk, Array
from sovereign_robot.control.supervisor import RequiredNode, Source, State, Supervisor, Tick
from tests.control.supervisor_bench import SO101, STEP_S, TICK_S, chunk, contract_that_stops_by, joints

STOPPED = (State.PROTECTIVE_STOP, State.ESTOP)
NODES = (RequiredNode("policy_node", 0.3), RequiredNode("arm_driver", 0.3, State.PROTECTIVE_STOP))
CATEGORY = {"limp": 0, "park_then_release": 1, "hold": 2}
OLDEST_S = 2.0
SETTLE_TICKS = 100
LATE_TICK_STEPS = 2.0
JUMPS_S = [-3600.0, -0.065, -0.025, 0.025, 0.075, 3600.0]
WILD = st.floats(allow_nan=True, allow_infinity=True)


class AnySupervisor(RuleBasedStateMachine):
    """Acts, and remembers only what a person beside the arm would know."""

    @initialize(
        stop=st.sampled_from(["hold", "park_then_release", "limp"]), nodes=st.sampled_from([(), NODES])
    )
    def begin(self, stop: str, nodes: tuple[RequiredNode, ...]) -> None:
        self.supervisor = Supervisor(contract_that_stops_by(stop), required=nodes)
        self.stop = stop
        self.now_s, self.steady_s = 5000.0, 50.0
        self.command_rad: Array | None = None
        self.barrier_s = -np.inf
        self.is_armed, self.is_latched = True, False
        self.rest_rad: Array | None = None
        self.measured_rad = SO101.home
        self.counted: Counter[str] = Counter()
        self.slowing = 0
        self.standing_s = 0.0
        self.in_a_row: list[Array] = []

    @rule(step_s=st.sampled_from([0.0, TICK_S, 0.02, 0.03, 0.07, 0.4]), ticks=st.integers(1, 30))
    def time_passes_without_joints(self, step_s: float, ticks: int) -> None:
        for _ in range(ticks):
            self._tick(step_s, step_s)

    @rule(
        ticks=st.sampled_from([1, 10, 50, 250]),
        every=st.sampled_from([20, 300]),
        length=st.sampled_from([16, 80]),
    )
    def time_passes_in_order(self, ticks: int, every: int, length: int) -> None:
        for i in range(ticks):
            self._all_is_well()
            if i % every == 0:
                self.supervisor.on_chunk(chunk(self.now_s, length=length))
            self._tick(TICK_S, TICK_S)

    @rule(jump_s=st.sampled_from(JUMPS_S))
    def the_clock_is_set(self, jump_s: float) -> None:
        ahead_s, was_commanded = jump_s - self.standing_s, self.command_rad is not None
        self._tick(jump_s + TICK_S, TICK_S)
        has_jumped = ahead_s > 0.05 or (jump_s + TICK_S < 0.0 and ahead_s < -0.05)
        if has_jumped and was_commanded:
            assert self.tick.state not in (State.READY, State.RUNNING)
            self.is_latched, self.barrier_s = True, self.now_s
        elif has_jumped:  # times from before it mean nothing any more
            self.barrier_s = min(self.barrier_s, self.now_s)

    @rule(ticks=st.integers(1, 10))
    def the_clock_stands_still(self, ticks: int) -> None:
        before = self.command_rad
        for _ in range(ticks):
            self._tick(0.0, TICK_S)
        if before is not None and self.command_rad is not None:
            assert np.array_equal(before, self.command_rad)

    @rule(offset_rad=st.floats(-0.3, 0.1), age_s=st.floats(-0.1, 0.3))
    def joints_are_measured(self, offset_rad: float, age_s: float) -> None:
        self.measured_rad = SO101.home + offset_rad
        self._measure(self.now_s - age_s)

    @rule(position_rad=WILD, stamp_s=WILD)
    def joints_are_nonsense(self, position_rad: float, stamp_s: float) -> None:
        with suppress(ObservationError):
            self.supervisor.on_joint_state(joints(stamp_s, np.full(6, position_rad)))

    @rule(
        source=st.sampled_from(Source),
        age_s=st.floats(-0.2, 1.0),
        offset_rad=st.sampled_from([0.0, 0.05, 1.0, -9.0]),
        publisher=st.sampled_from(["", "other"]),
    )
    def a_chunk_comes(self, source: Source, age_s: float, offset_rad: float, publisher: str) -> None:
        self.supervisor.on_chunk(chunk(self.now_s - age_s, offset_rad), source, publisher)

    @rule(source=st.sampled_from(Source), value=WILD, stamp_s=WILD, rows=st.integers(0, 3))
    def a_chunk_is_nonsense(self, source: Source, value: float, stamp_s: float, rows: int) -> None:
        for time_s in (stamp_s, self.now_s):
            wild = ActionChunk(time_s, STEP_S, SO101.joint_names, np.full((rows, 6), value))
            self.supervisor.on_chunk(wild, source)

    @rule(name=st.sampled_from(["policy_node", "arm_driver", "stranger"]), late_s=st.floats(-0.2, 0.5))
    def a_node_beats(self, name: str, late_s: float) -> None:
        self.supervisor.on_heartbeat(name, self.steady_s - late_s)

    @rule(act=st.sampled_from(["estop", "protective_stop", "pressed", "let go"]))
    def somebody_stops_it(self, act: str) -> None:
        if act == "let go":
            self.supervisor.on_stop_input("button", False)
            return
        if act == "pressed":
            self.supervisor.on_stop_input("button", True)
        else:
            getattr(self.supervisor, act)("test")
        assert self.supervisor.state in STOPPED
        self.is_latched = True

    @rule(settle=st.booleans())
    def it_is_reset(self, settle: bool) -> None:
        if settle:
            self.supervisor.on_stop_input("button", False)
            for _ in range(SETTLE_TICKS):
                self._all_is_well()
                self._tick(TICK_S, TICK_S)
        with suppress(CommandError):
            self.supervisor.reset()
            assert self.is_latched, "a reset was taken though nothing was latched"
            self.is_latched = self.is_armed = False
            self.barrier_s, self.command_rad, self.rest_rad = self.now_s, None, None
            self.time_passes_in_order(10, 20, 16)

    @rule()
    def it_is_started(self) -> None:
        with suppress(CommandError):
            self.supervisor.start()
            assert not self.is_latched
            if not self.is_armed:
                self.barrier_s = self.now_s
            self.is_armed = True

    @rule()
    def the_scene_is_reset(self) -> None:
        self.supervisor.clear_plan(self.now_s)
        self.standing_s = 0.0
        if self.supervisor.state not in STOPPED:
            self.is_armed, self.is_latched = self.is_armed and not self.is_latched, False
        self.barrier_s, self.command_rad, self.rest_rad = self.now_s, None, None

    def _all_is_well(self) -> None:
        self._measure(self.now_s + TICK_S)
        for node in NODES:
            self.supervisor.on_heartbeat(node.name, self.steady_s + TICK_S)

    def _measure(self, stamp_s: float) -> None:
        with suppress(ObservationError):  # the arm cannot have leapt there so soon
            self.supervisor.on_joint_state(joints(stamp_s, self.measured_rad))

    def _tick(self, step_s: float, steady_step_s: float) -> None:
        self.now_s += step_s
        self.steady_s += steady_step_s
        self.standing_s = self.standing_s + steady_step_s if step_s == 0.0 else 0.0
        before_rad, self.tick = self.command_rad, self.supervisor.tick(self.now_s, self.steady_s)
        tick, self.command_rad = self.tick, self.tick.command_rad
        self.counted.update(tick.interventions)
        self._judge_words(tick)
        self._judge_motion(tick, before_rad, step_s, steady_step_s)
        if tick.state in STOPPED and not self.is_latched:
            self.is_latched, self.barrier_s = True, self.now_s

    def _judge_words(self, tick: Tick) -> None:
        assert tick.state is self.supervisor.state
        assert (tick.reason == "") == (tick.state is State.RUNNING)
        assert tick.stop_category == (CATEGORY[self.stop] if tick.state in STOPPED else None)
        assert all(self.supervisor.counts[kind] == n for kind, n in self.counted.items())
        if tick.state is State.RUNNING:
            assert self.is_armed
            assert not self.is_latched
            assert tick.observation_age_s <= OLDEST_S + 1e-6
            assert self.now_s - tick.observation_age_s >= self.barrier_s - 1e-6
        else:
            assert tick.observation_age_s is None

    def _judge_motion(
        self, tick: Tick, before_rad: Array | None, step_s: float, steady_step_s: float
    ) -> None:
        command_rad = tick.command_rad
        if command_rad is None:
            self.rest_rad = None
            return
        assert (command_rad >= SO101.lower_rad).all()
        assert (command_rad <= SO101.upper_rad).all()
        if before_rad is not None:
            longest_s = min(max(step_s, steady_step_s, 0.0), LATE_TICK_STEPS * TICK_S)
            assert (np.abs(command_rad - before_rad) <= SO101.velocity_rad_s * longest_s + 1e-9).all()
        self._judge_curve(command_rad, before_rad, step_s)
        if tick.state is State.RUNNING or (self.stop == "park_then_release" and tick.state in STOPPED):
            self.rest_rad, self.slowing = None, 0
        elif self.rest_rad is not None:
            assert np.array_equal(command_rad, self.rest_rad), "the arm moved after it had come to rest"
        elif before_rad is not None and step_s > 0.0:
            self.slowing += 1
            assert self.slowing < SETTLE_TICKS, "the arm does not come to rest"
            self.rest_rad = command_rad if np.array_equal(command_rad, before_rad) else None

    def _judge_curve(self, command_rad: Array, before_rad: Array | None, step_s: float) -> None:
        """Divided differences of commands in a row, one control period apart."""
        in_a_row = before_rad is not None and step_s == TICK_S
        self.in_a_row = [*self.in_a_row[-3:], command_rad] if in_a_row else [command_rad]
        for order, limit in enumerate(
            (SO101.velocity_rad_s, SO101.acceleration_rad_s2, SO101.jerk_rad_s3), 1
        ):
            if len(self.in_a_row) > order:
                change = np.diff(self.in_a_row[-order - 1 :], n=order, axis=0)[0] / TICK_S**order
                assert (np.abs(change) <= limit * (1.0 + 1e-6)).all(), f"derivative {order} is {change}"


AnySupervisor.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestAnySupervisor = AnySupervisor.TestCase
