"""One tick of control: newest joints and chunks in, one safe command and its reason out.

`safety_state` says which states there are and what leads from one to another; `command_mux` who may move
the arm; `stop_motion` how it stops. At power-up the first chunk runs the arm. After a latched stop, and
after a jump of the clock, the arm needs `reset`, for which the cause must be gone, and then `start`; only
chunks observed after that move it. Stops are judged to within one tick.

Whenever it does not follow a plan, the command comes to rest within the limits and stays. The same object
runs in the safety node and in simulated episodes. It has no clock, no thread and no queue that could fall
behind: whatever came since the last tick is judged at the time of this one.
"""

import math
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from sovereign_robot.contract.errors import CommandError, ObservationError
from sovereign_robot.contract.names import ACTION_CHUNK, SAFETY_START
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import ActionChunk, Array, JointState
from sovereign_robot.control.chunking import Chunking
from sovereign_robot.control.clock_watch import ClockStep
from sovereign_robot.control.command_mux import CHUNKS_PER_TICK, CommandMux, InForce, Source
from sovereign_robot.control.heartbeats import RequiredNode
from sovereign_robot.control.link_guard import LinkGuard
from sovereign_robot.control.safety_filter import SafetyFilter
from sovereign_robot.control.safety_latch import SafetyLatch
from sovereign_robot.control.safety_state import Event, Fault, State, Trigger
from sovereign_robot.control.stop_motion import MOVES, StopMotion
from sovereign_robot.control.tick import Tick
from sovereign_robot.control.watches import Watches

__all__ = ["Event", "RequiredNode", "Source", "State", "Supervisor", "Tick"]


class Supervisor:
    """Chunk players, safety filter, watches and stops behind one `tick`."""

    def __init__(
        self,
        contract: RobotContract,
        blend_s: float = 0.1,
        joint_state_max_age_s: float | None = None,
        required: Sequence[RequiredNode] = (),
        chunking: Chunking = Chunking.PREFIX,
    ) -> None:
        """Start in `init`.

        Args:
            contract: the robot.
            blend_s, chunking: see `ChunkPlayer`.
            joint_state_max_age_s: see `JointWatch`.
            required: the nodes without whose heartbeats the arm may not move.
        """
        self._mux = CommandMux(contract, blend_s, chunking)
        self._watches = Watches(contract, joint_state_max_age_s, required)
        self._filter = SafetyFilter(contract, LinkGuard(contract))
        self._stop = StopMotion(contract, self._filter)
        self._counts: Counter[str] = Counter()
        self._refusals: deque[str] = deque(maxlen=CHUNKS_PER_TICK)
        self._latch = SafetyLatch()
        self._now_s: float | None = None
        self._steady_s = 0.0
        self._in_force = False

    @property
    def state(self) -> State:
        """State after the last tick."""
        return self._latch.state

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
            self._watches.joints.take(joints)
        except ObservationError:
            self._counts[Event.JOINT_STATE_REFUSED] += 1
            raise

    def on_chunk(self, chunk: ActionChunk, source: Source = Source.POLICY, publisher: str = "") -> None:
        """Take a chunk; the next tick accepts it, or says in `Tick.refusals` why not.

        Args:
            chunk: the plan; without rows a person lets go, and another source withdraws its plan.
            source: who sends it.
            publisher: which of those; a second one is refused while the first is alive.
        """
        try:
            self._mux.take(chunk, source, publisher, self._now_s or 0.0)
        except CommandError as error:
            self._refuse([str(error)])

    def on_heartbeat(self, node_name: str, stamp_s: float) -> None:
        """Note that a node was alive at a time [s] of the steady clock that `tick` is given."""
        self._watches.heartbeats.take(node_name, stamp_s)

    def on_stop_input(self, name: str, is_pressed: bool) -> None:
        """Take the position of an emergency stop button; `reset` is refused while one is pressed."""
        self._latch.press(name, is_pressed)
        if is_pressed:
            self.estop(f"emergency stop {name} is pressed")

    def committed(self, stamp_s: float, steps: int) -> Array:
        """Rows (d <= steps, J) [rad] promised for `stamp_s + (1 .. steps) * policy step`; none while held."""
        return self._mux.committed(stamp_s, steps if self.state is State.RUNNING else 0)

    def estop(self, reason: str) -> None:
        """Latch an emergency stop and drop the plan; the first reason stays."""
        self._stop_for(Trigger.ESTOP, reason)

    def protective_stop(self, reason: str) -> None:
        """Latch a protective stop and drop the plan; the first reason stays, an emergency stop too."""
        self._stop_for(Trigger.PROTECTIVE_STOP, reason)

    def reset(self) -> None:
        """Lift a latched stop or hold: the arm is held where it is, and `start` lets it run again.

        Raises:
            CommandError: nothing is latched, the cause is still there, the arm is not at rest yet, or it
                is not known where it is.
        """
        self._latch.reset(self._cause_left())
        self._mux.clear(self._now_s)
        self._rest_where_measured(self._watches.joints.newest)

    def start(self) -> None:
        """Let chunks observed from now on run the arm: after `reset`, or after a person let go of it.

        Raises:
            CommandError: a stop or hold is latched, joints are missing, or the arm runs.
        """
        was_armed = self._latch.is_armed
        self._latch.start()
        if self._mux.lead is Source.TELEOP or not was_armed:
            self._mux.clear(self._now_s)

    def clear_plan(self, now_s: float | None = None) -> None:
        """Forget plans, joints and command, as before an episode; what is latched stays latched.

        Args:
            now_s: time of the reset [s]: chunks and joints from before it do not count. None: the
                clock starts anew too, as in a simulator whose episodes begin at 0.
        """
        self.begin_scene(now_s)
        self._in_force = False

    def begin_scene(self, now_s: float | None) -> None:
        """Like `clear_plan`, but the command stays in force unless the arm is found elsewhere."""
        self._mux.clear(now_s)
        self._watches.forget(now_s)
        self._now_s = None
        self._latch.clear()

    def tick(self, now_s: float, steady_s: float | None = None) -> Tick:
        """Decide the command of this control period.

        Args:
            now_s: current time [s], from the clock that stamps joints and chunks.
            steady_s: time of a steady clock [s]; see `ClockWatch`.

        Raises:
            CommandError: a time is not finite.
        """
        self._steady_s = now_s if steady_s is None else steady_s
        for time_s in (now_s, self._steady_s):
            if not math.isfinite(time_s):
                raise CommandError(f"the clock says {time_s} s, expected a finite time")
        clock = self._watches.step(now_s, steady_s, self._steady_s)
        self._now_s = now_s
        fault = self._fault(clock, now_s)
        self._in_force = self._in_force and not self._watches.was_moved(self._filter.command_rad)
        self._accept(now_s, is_well=fault is None)
        tick = self._decide(fault or self._mux.follow(now_s), clock.step_s, now_s)
        self._counts.update(tick.interventions)
        return tick

    def _fault(self, clock: ClockStep, now_s: float) -> Fault | None:
        """What keeps any plan from being followed: the first that latches, else the first that holds."""
        if clock.fault:
            self._on_clock(clock.fault, now_s)
        latched = Fault(Event.CLOCK_JUMP, self._latch.reason) if self._latch.reason else None
        found = [fault for fault in (latched, clock.fault) if fault]
        found += self._watches.faults(now_s, self._steady_s)
        return max(found, key=lambda fault: fault.state is State.PROTECTIVE_STOP, default=None)

    def _on_clock(self, fault: Fault, now_s: float) -> None:
        """After a jump nothing from before counts and a person is needed; an overrun ends at rest."""
        if fault.event is Event.CLOCK_JUMP:
            self._mux.clear(now_s)
            if self._in_force:
                self._latch.hold(fault.reason)
        elif fault.event is Event.OVERRUN:  # what is late may only not have been read
            self._mux.look_again(now_s)
            if self._in_force:
                self._filter.start(self._filter.command_rad)

    def _accept(self, now_s: float, is_well: bool) -> None:
        """Let the sources' chunks in, joined to the command in force."""
        if is_well and not self._in_force and not self._latch.is_stopped:
            self._rest_where_measured(self._watches.measured)
        command = InForce(self._filter.command_rad, self._filter.velocity_rad_s) if self._in_force else None
        if is_well and self.state is State.HOLDING and command is not None:
            self._mux.rejoin(now_s, command)
        self._refuse(self._mux.accept(now_s, command, self._latch.barred))

    def _rest_where_measured(self, joints: JointState | None) -> None:
        if joints is not None:
            self._filter.start(joints.position_rad)
            self._in_force = True

    def _decide(self, lead: Array | Fault | None, step_s: float, now_s: float) -> Tick:
        """Follow the target in the lead, or hold or stop for the fault that is in its place."""
        if isinstance(lead, Fault) and lead.state is State.PROTECTIVE_STOP and self._in_force:
            self.protective_stop(lead.reason)
        if self._latch.is_stopped:
            return self._stopped(step_s)
        if isinstance(lead, Fault):
            self._mux.hold(now_s)
            return self._rests(Trigger.FAULT, lead.reason, step_s, (lead.event,))
        if lead is not None and self._mux.stamp_s is not None:
            return self._played(lead, step_s, now_s - self._mux.stamp_s)
        waiting = f"waiting for {ACTION_CHUNK if self._latch.is_armed else SAFETY_START}"
        return self._rests(Trigger.IDLE, waiting, step_s, ())

    def _played(self, target_rad: Array, step_s: float, age_s: float) -> Tick:
        """Follow the plan through the safety filter; no time, no motion."""
        limits: tuple[str, ...] = ()
        if step_s > 0.0:
            try:
                filtered = self._filter.apply(target_rad, step_s, self._watches.measured)
            except CommandError as error:
                self._mux.clear(self._now_s)
                return self._rests(Trigger.FAULT, str(error), step_s, (Event.TARGET_REFUSED,))
            limits = filtered.interventions
            if filtered.stop:
                self.protective_stop(filtered.stop)
                return self._stopped(0.0, limits)
        self._latch.follow(Trigger.IDLE)
        self._latch.follow(Trigger.PLAN)
        return replace(self._tick(True, "", limits, age_s), target_rad=target_rad)

    def _rests(self, trigger: Trigger, reason: str, step_s: float, events: tuple[str, ...]) -> Tick:
        """Come to rest and stay; before the first command there is nothing to hold."""
        if self._in_force and step_s > 0.0:
            self._filter.brake(step_s)
        self._latch.follow(trigger)
        return self._tick(True, reason, events)

    def _stopped(self, step_s: float, limits: tuple[str, ...] = ()) -> Tick:
        is_sent = self._in_force and self._stop.command(step_s, self._watches.measured) is not None
        return self._tick(is_sent, self._latch.reason, (*limits, Event(str(self.state))))

    def _tick(self, is_sent: bool, reason: str, kinds: tuple[str, ...], age_s: float | None = None) -> Tick:
        command_rad = self._filter.command_rad if is_sent and self._in_force else None
        category = self._stop.category if self._latch.is_stopped else None
        refusals = tuple(self._refusals)
        self._refusals.clear()
        return Tick(command_rad, self.state, reason, category, self._mux.lead, age_s, kinds, refusals)

    def _refuse(self, refusals: Sequence[str]) -> None:
        self._counts[Event.CHUNK_REFUSED] += len(refusals)
        self._refusals.extend(refusals)

    def _stop_for(self, trigger: Trigger, reason: str) -> None:
        if self._latch.stop(trigger, reason):
            self._stop.begin(may_park=trigger is Trigger.ESTOP)
            self._mux.clear(self._now_s)

    def _cause_left(self) -> str:
        """Why the arm is not in order for a reset; "" when it is."""
        if self._now_s is None:
            return "no tick yet"
        if faults := self._watches.faults(self._now_s, self._steady_s):
            return faults[0].reason
        if not self._in_force:
            return ""
        if self._latch.is_stopped:
            return self._stop.left
        return "" if self._filter.at_rest else MOVES
