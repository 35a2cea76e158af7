"""One tick of control: newest joints and chunks in, one safe command and its reason out.

    init     no fresh joint state yet, nothing is commanded
    ready    joints are fresh, no action chunk has come: the arm is held
    running  an action chunk is being played
    holding  a stream is late, the plan ran out or the clock jumped: the arm is held, the reason says why
    estop    latched stop in the way the contract declares, until `reset`

The same object runs in the safety node and in simulated episodes. It has no clock, no thread and no
queue that could fall behind: whatever came since the last tick is judged at the time of this one.
"""

import math
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import numpy as np

from sovereign_robot.contract.errors import CommandError, ObservationError
from sovereign_robot.contract.names import ACTION_CHUNK
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import ActionChunk, Array, JointState
from sovereign_robot.control.chunk_player import ChunkPlayer
from sovereign_robot.control.joint_watch import JointWatch
from sovereign_robot.control.link_guard import LinkGuard
from sovereign_robot.control.safety_filter import SafetyFilter

CLOCK_JUMP_S = 0.5
CHUNKS_PER_TICK = 8


class State(StrEnum):
    """What the supervisor is doing."""

    INIT = "init"
    READY = "ready"
    RUNNING = "running"
    HOLDING = "holding"
    ESTOP = "estop"


class Event(StrEnum):
    """What is counted besides the limits of the safety filter: refusals by message, the others by tick."""

    STALE = "stale"
    STARVED = "starved"
    CLOCK_JUMP = "clock_jump"
    ESTOP = "estop"
    CHUNK_REFUSED = "chunk_refused"
    JOINT_STATE_REFUSED = "joint_state_refused"


@dataclass(frozen=True, slots=True)
class Tick:
    """What one tick decided.

    Attributes:
        command_rad: (J,) command to send [rad], read-only; None means send nothing.
        state: see `State`.
        reason: why the arm does not run, as a sentence; "" while running.
        observation_age_s: age of the observation behind the command [s]; None unless running.
        interventions: what changed the command or held the arm, by kind.
        refusals: why each chunk that came since the last tick was refused.
    """

    command_rad: Array | None
    state: State
    reason: str
    observation_age_s: float | None
    interventions: tuple[str, ...]
    refusals: tuple[str, ...]


class Supervisor:
    """Chunk player, safety filter, joint watch and stop behind one `tick`."""

    def __init__(
        self, contract: RobotContract, blend_s: float = 0.1, joint_state_max_age_s: float | None = None
    ) -> None:
        """Start in `init`; see `ChunkPlayer` for `blend_s` and `JointWatch` for the greatest age."""
        self._contract = contract
        self._player = ChunkPlayer(contract, blend_s)
        self._joints = JointWatch(contract, joint_state_max_age_s)
        self._filter = SafetyFilter(contract, LinkGuard(contract))
        self._chunks: deque[ActionChunk] = deque(maxlen=CHUNKS_PER_TICK)
        self._counts: Counter[str] = Counter()
        self._command_rad: Array | None = None
        self._last_tick_s: float | None = None
        self._state = State.INIT
        self._jump = ""
        self._estop_reason = ""
        self._parked = False

    @property
    def state(self) -> State:
        """State after the last tick."""
        return self._state

    @property
    def counts(self) -> Mapping[str, int]:
        """How often each kind of intervention and refusal happened since the start."""
        return MappingProxyType(self._counts)

    def on_joint_state(self, joints: JointState) -> None:
        """Take measured joints; those that are not newer than the last are passed over.

        Raises:
            ObservationError: the joint state does not fit the contract; it is counted, not used.
        """
        try:
            self._joints.take(joints)
        except ObservationError:
            self._counts[Event.JOINT_STATE_REFUSED] += 1
            raise

    def on_chunk(self, chunk: ActionChunk) -> None:
        """Take a chunk; the next tick accepts it, or says in `Tick.refusals` why not."""
        self._chunks.append(chunk)

    def committed(self, stamp_s: float, steps: int) -> Array:
        """Rows (d <= steps, J) [rad] promised for `stamp_s + (1 .. steps) * policy step`; none while held."""
        return self._player.committed(stamp_s, steps if self._state is State.RUNNING else 0)

    def estop(self, reason: str) -> None:
        """Latch the stop that the contract declares and drop the plan; the first reason stays."""
        if self._state is State.ESTOP:
            return
        self._state, self._estop_reason, self._parked = State.ESTOP, reason, False
        self._drop_plan()

    def reset(self) -> None:
        """Re-arm after `estop`: the arm is held where it is until a chunk observed after this comes.

        Raises:
            CommandError: joint states are not fresh, so that it is not known where the arm is.
        """
        if self._state is not State.ESTOP:
            return
        fault = "no tick yet" if self._last_tick_s is None else self._joints.fault(self._last_tick_s)
        if fault:
            raise CommandError(f"the emergency stop stays latched: {fault}")
        self._state, self._command_rad = State.READY, None
        self._drop_plan()

    def clear_plan(self, now_s: float | None = None) -> None:
        """Forget plan, joints and command, as when the scene is reset; an emergency stop stays latched.

        Args:
            now_s: time of the reset [s]: chunks and joints from before it do not count. None: the
                clock starts anew too, as in a simulator whose episodes begin at 0.
        """
        self._drop_plan()
        self._player.clear(now_s)
        self._joints.forget(now_s)
        self._command_rad = self._last_tick_s = None
        if self._state is not State.ESTOP:
            self._state = State.INIT

    def tick(self, now_s: float) -> Tick:
        """Decide the command of this control period.

        Args:
            now_s: current time [s], from the clock that stamps joints and chunks.

        Raises:
            CommandError: `now_s` is not finite.
        """
        if not math.isfinite(now_s):
            raise CommandError(f"the clock says {now_s} s, expected a finite time")
        jump = self._clock_jump(now_s)
        step_s = self._contract.control_step_s if self._last_tick_s is None else now_s - self._last_tick_s
        self._last_tick_s = now_s
        fault = jump or self._joints.fault(now_s)
        if self._state is State.HOLDING and not fault and self._command_rad is not None:
            self._player.rejoin(now_s, self._command_rad)
        refusals = self._accept_chunks(now_s)
        if self._state is State.ESTOP:
            tick = self._stopped(step_s, refusals)
        elif fault:
            tick = self._held(Event.CLOCK_JUMP if jump else Event.STALE, fault, step_s, refusals)
        else:
            tick = self._played(now_s, step_s, refusals)
        self._state = tick.state
        self._counts.update(tick.interventions)
        return tick

    def _played(self, now_s: float, step_s: float, refusals: tuple[str, ...]) -> Tick:
        """Play the plan; where there is none, hold."""
        if self._command_rad is None and self._joints.newest is not None:
            self._filter.start(self._joints.newest.position_rad)
            self._command_rad = self._filter.command_rad
        target_rad, stamp_s = self._player.sample(now_s), self._player.stamp_s
        if target_rad is not None and stamp_s is not None:
            limits = self._move(target_rad, step_s)
            return Tick(self._command_rad, State.RUNNING, "", now_s - stamp_s, limits, refusals)
        if stamp_s is not None:
            reason = f"{ACTION_CHUNK} ran out: its newest observation is {now_s - stamp_s:.3f} s old"
            return self._held(Event.STARVED, reason, step_s, refusals)
        if self._jump:
            reason = f"waiting for a new {ACTION_CHUNK} since {self._jump}"
            return self._held(Event.STARVED, reason, step_s, refusals)
        return Tick(self._command_rad, State.READY, f"waiting for {ACTION_CHUNK}", None, (), refusals)

    def _held(self, event: Event, reason: str, step_s: float, refusals: tuple[str, ...]) -> Tick:
        """Come to rest and stay; before the first command there is nothing to hold."""
        self._brake(step_s)
        state = State.INIT if self._command_rad is None else State.HOLDING
        return Tick(self._command_rad, state, reason, None, (event,), refusals)

    def _stopped(self, step_s: float, refusals: tuple[str, ...]) -> Tick:
        """Hold, drive home and let go, or let go at once, as the contract declares."""
        stop = self._contract.stop
        if stop == "park_then_release" and not self._parked and self._command_rad is not None:
            self._move(self._contract.home, step_s)
            self._parked = bool(np.array_equal(self._command_rad, self._contract.home))
        elif stop == "hold":
            self._brake(step_s)
        command = None if stop == "limp" or self._parked else self._command_rad
        return Tick(command, State.ESTOP, self._estop_reason, None, (Event.ESTOP,), refusals)

    def _move(self, target_rad: Array, step_s: float) -> tuple[str, ...]:
        """Bring the command towards a target through the safety filter; no time, no motion."""
        if self._command_rad is None or step_s <= 0.0:
            return ()
        filtered = self._filter.apply(target_rad, step_s)
        self._command_rad = filtered.command_rad
        return filtered.interventions

    def _brake(self, step_s: float) -> None:
        """Come to rest within the limits; no time, no motion."""
        if self._command_rad is not None and step_s > 0.0:
            self._command_rad = self._filter.brake(step_s).command_rad

    def _accept_chunks(self, now_s: float) -> tuple[str, ...]:
        refusals: list[str] = []
        while self._chunks:
            chunk = self._chunks.popleft()
            if self._state is State.ESTOP:
                refusals.append(f"action chunk refused during an emergency stop: {self._estop_reason}")
                continue
            try:
                self._player.accept(chunk, now_s, self._command_rad)
            except CommandError as error:
                refusals.append(str(error))
        self._counts[Event.CHUNK_REFUSED] += len(refusals)
        return tuple(refusals)

    def _drop_plan(self) -> None:
        self._player.clear(self._last_tick_s)
        self._chunks.clear()
        self._jump = ""

    def _clock_jump(self, now_s: float) -> str:
        """What the clock did since the last tick if not to go on, with the plan dropped; else ""."""
        step_s = 0.0 if self._last_tick_s is None else now_s - self._last_tick_s
        if 0.0 <= step_s <= CLOCK_JUMP_S:
            return ""
        self._player.clear(now_s)
        self._joints.forget(now_s)
        way = "back" if step_s < 0.0 else "forward"
        self._jump = f"the clock jumped {way} by {abs(step_s):.3f} s"
        return self._jump
