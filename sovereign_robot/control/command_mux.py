"""Whose chunks move the arm: a person before the policy, the policy before a replay.

Each source has a plan of its own, so that stamps of two sources are never compared. A higher source takes
the lead with its first chunk that is fresh and well formed; a lower one only once the plan above has ended.

A person leads in a stricter way. The leader arm must be within 5 degrees of the follower to engage, also
after every hold. A trajectory without points means that the dead-man switch was let go; then, and when the
leader falls silent, the arm is held, and what a person has stopped only a person starts: teleoperation by
pressing again, lower sources after `clear`. A leader is declared at the policy rate; between two of its
messages the arm goes to the last pose. It may be silent for two of its periods (`command_hold_periods`), and
after half a second (`command_stop_s`) it counts as broken, which is a protective stop. A policy or a replay
that is silent is none of this: it may have nothing to do, and its plan ends by itself. Where it knows that
the plan must not be played to its end, it sends a trajectory without points: the plan is withdrawn, the arm
held at once, and its next chunk goes on.
"""

from collections import deque
from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.contract.names import (
    ACTION_CHUNK,
    DIAGNOSTICS,
    REPLAY_CHUNK,
    SAFETY_START,
    TELEOP_COMMAND,
)
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import ActionChunk, Array
from sovereign_robot.contract.units import deg_from_rad
from sovereign_robot.control.chunk_player import ChunkPlayer
from sovereign_robot.control.chunking import Chunking
from sovereign_robot.control.safety_state import Event, Fault, State

CHUNKS_PER_TICK = 8
PUBLISHER_ALIVE_S = 1.0
OBSERVATION_MAX_AGE_S = 2.0
"""By how old an observation the arm may still be moved [s], however far its plan reaches.

A policy that is in time never comes near: its plan reaches 0.8 s (sixteen rows at 20 Hz). One that answers
late is played slower (`pace`), down to 0.3 of its pace, where the same rows reach 2.7 s; there the next plan
is due by 1.2 s, after a latency of 1 s and the time between two plans. Two seconds leave room for that and
for it to be late, not for a whole plan to be lost. Nothing in the contract tells for how long a scene stays
as it was seen, so this is no value of a robot.
"""
ENGAGE_DEG = 5.0
KEPT_ROWS = 4  # of a leader that sends its pose alone: it may be silent for two periods, and comes late
ROUNDING_S = 1e-6


class Source(StrEnum):
    """Who may command the arm, in order of rank."""

    TELEOP = "teleop"
    POLICY = "policy"
    REPLAY = "replay"


class InForce(NamedTuple):
    """The command in force: (J,) position [rad] and velocity [rad/s]."""

    position_rad: Array
    velocity_rad_s: Array


TOPIC = {Source.TELEOP: TELEOP_COMMAND, Source.POLICY: ACTION_CHUNK, Source.REPLAY: REPLAY_CHUNK}
_RANK = {source: i for i, source in enumerate(Source)}


class CommandMux:
    """The plans of all sources and which of them leads.

    Attributes:
        lead: the source that leads; None when nobody does.
    """

    def __init__(self, contract: RobotContract, blend_s: float, chunking: Chunking) -> None:
        """Start without a plan; see `ChunkPlayer`. `chunking` is the policy's: a person is never averaged."""
        self.lead: Source | None = None
        self._joint_names = contract.joint_names
        self._silent_s = contract.safety.command_hold_periods * contract.policy_step_s
        self._silent_stop_s = contract.safety.command_stop_s
        how = dict.fromkeys(Source, Chunking.SWITCH) | {Source.POLICY: chunking}
        self._players = {source: ChunkPlayer(contract, blend_s, how[source]) for source in Source}
        self._queues = {source: deque[ActionChunk](maxlen=CHUNKS_PER_TICK) for source in Source}
        self._publishers: dict[Source, tuple[str, float]] = {}
        self._heard_s = -float("inf")
        self._engaged = False
        self._leader_rad: Array = contract.home
        self._misaligned = self._withdrawn = ""

    def take(self, chunk: ActionChunk, source: Source, publisher: str, now_s: float) -> None:
        """Keep a chunk for the next `accept`; one without rows lets go or withdraws the plan at once.

        Raises:
            CommandError: another publisher of the same source is alive.
        """
        if source is Source.TELEOP and len(chunk.position_rad) == 0:
            self._let_go(now_s)
            return
        first, seen_s = self._publishers.get(source, (publisher, now_s))
        if first != publisher and 0.0 <= now_s - seen_s <= PUBLISHER_ALIVE_S:
            raise CommandError(
                f"{TOPIC[source]} of {publisher!r} is refused: {first!r} already publishes it, and one "
                "publisher is expected; stop one of them"
            )
        self._publishers[source] = (publisher, now_s)
        if len(chunk.position_rad) == 0:
            self._withdraw(source, publisher, now_s)
            return
        self._queues[source].append(chunk)

    def accept(self, now_s: float, command: InForce | None, barred: str) -> list[str]:
        """Let the players take what came, higher sources first.

        Args:
            now_s: current time [s].
            command: the command in force; None before the first one.
            barred: why no chunk may be taken now; "" when any may.

        Returns:
            Why each chunk that was refused was refused.
        """
        refusals: list[str] = []
        for source, queue in self._queues.items():
            while queue:
                chunk = queue.popleft()
                try:
                    if barred:
                        raise CommandError(barred)
                    self._accept(chunk, source, now_s, command)
                except CommandError as error:
                    refusals.append(str(error))
        return refusals

    def follow(self, now_s: float) -> Array | Fault | None:
        """Target (J,) [rad] of the lead at a time [s], or why not to follow it; None without a lead."""
        lead = self.lead
        if lead is None:
            return None
        if lead is Source.TELEOP and (fault := self._dead_man(now_s)):
            return fault
        if self._withdrawn:
            return Fault(Event.WITHDRAWN, self._withdrawn)
        player = self._players[lead]
        target_rad = player.sample(now_s)
        if target_rad is None and lead is Source.TELEOP and self._engaged:
            return self._leader_rad
        if target_rad is None or player.stamp_s is None:
            return Fault(Event.STARVED, f"{TOPIC[lead]} {player.shortage(now_s) or 'has to begin anew'}")
        age_s = now_s - player.stamp_s
        if age_s > OBSERVATION_MAX_AGE_S + ROUNDING_S:
            return Fault(
                Event.STALE,
                f"the observation behind {TOPIC[lead]} is {age_s:.3f} s old, expected at most "
                f"{OBSERVATION_MAX_AGE_S:.3f} s",
            )
        return target_rad

    @property
    def stamp_s(self) -> float | None:
        """Time of the observation behind the leading plan [s]."""
        return None if self.lead is None else self._players[self.lead].stamp_s

    def committed(self, stamp_s: float, steps: int) -> Array:
        """Rows that the leading plan will play; see `ChunkPlayer.committed`."""
        player = self._players[self.lead or Source.POLICY]
        return player.committed(stamp_s, steps if self.lead is not None else 0)

    def hold(self, now_s: float) -> None:
        """The arm is held: a person who led must engage again."""
        if self._engaged:
            self._engaged = False
            self._players[Source.TELEOP].clear(now_s)

    def look_again(self, now_s: float) -> None:
        """Nobody looked until now [s]: a leader that was silent meanwhile counts as heard now."""
        self._heard_s = max(self._heard_s, now_s)

    def rejoin(self, now_s: float, command: InForce) -> None:
        """Lead from the command back into the plan after the arm was held elsewhere."""
        if self.lead is not None:
            self._players[self.lead].rejoin(now_s, command.position_rad, command.velocity_rad_s)

    def clear(self, not_before_s: float | None = None) -> None:
        """Drop every plan and refuse chunks observed before a time [s]; None takes any."""
        for player in self._players.values():
            player.clear(not_before_s)
        for queue in self._queues.values():
            queue.clear()
        self._publishers.clear()
        self.lead, self._engaged, self._misaligned, self._withdrawn = None, False, "", ""

    def _accept(self, chunk: ActionChunk, source: Source, now_s: float, command: InForce | None) -> None:
        lead = self.lead
        if lead is not None and _RANK[source] > _RANK[lead] and self._is_busy(lead, now_s):
            raise CommandError(f"{TOPIC[source]} is refused while {TOPIC[lead]} leads")
        if source is Source.TELEOP and command is None:
            raise CommandError(f"{TELEOP_COMMAND} cannot engage before it is known where the arm is")
        if source is Source.TELEOP:
            chunk = _kept(chunk)
        position_rad, velocity_rad_s = command or (None, None)
        self._players[source].accept(chunk, now_s, position_rad, velocity_rad_s)
        if lead is not None and lead is not source:
            self._players[lead].clear(now_s)
        self.lead, self._withdrawn = source, ""
        if source is Source.TELEOP and command is not None:
            self._heard_s, self._leader_rad = now_s, chunk.position_rad[-1]
            self._engage(chunk, command.position_rad)

    def _is_busy(self, lead: Source, now_s: float) -> bool:
        """Whether a source holds on to its lead: a person until `clear`, others until their plan ends."""
        return lead is Source.TELEOP or self._players[lead].sample(now_s) is not None

    def _engage(self, chunk: ActionChunk, command_rad: Array) -> None:
        """Follow the leader arm from where both agree."""
        if self._engaged:
            return
        away_deg = deg_from_rad(chunk.position_rad[0] - command_rad)
        j = int(np.argmax(np.abs(away_deg)))
        self._engaged, self._misaligned = bool(abs(away_deg[j]) <= ENGAGE_DEG), ""
        if not self._engaged:
            self._players[Source.TELEOP].clear(chunk.stamp_s)
            self._misaligned = (
                f"{TELEOP_COMMAND} cannot engage: {self._joint_names[j]} of the leader is {away_deg[j]:+.1f} "
                f"degrees from the arm's, expected within {ENGAGE_DEG:g}; move the leader to the arm"
            )
            raise CommandError(self._misaligned)

    def _withdraw(self, source: Source, publisher: str, now_s: float) -> None:
        self._queues[source].clear()
        if self.lead is source:
            self._players[source].clear(now_s)
            who = publisher or "its publisher"
            self._withdrawn = f"{TOPIC[source]} was withdrawn by {who}, which says why on {DIAGNOSTICS}"

    def _let_go(self, now_s: float) -> None:
        self._queues[Source.TELEOP].clear()
        if self.lead is Source.TELEOP:
            self._players[Source.TELEOP].clear(now_s)
            self._engaged, self._misaligned, self._heard_s = False, "", float("inf")

    def _dead_man(self, now_s: float) -> Fault | None:
        """What a person's hand says."""
        silent_s = now_s - self._heard_s
        if silent_s < 0.0:
            reason = f"{TELEOP_COMMAND} let go of its dead-man switch; press it, or call {SAFETY_START}"
            return Fault(Event.RELEASED, reason)
        said = f"{TELEOP_COMMAND} has been silent for {silent_s:.3f} s"
        if silent_s > self._silent_stop_s + ROUNDING_S:
            return Fault(Event.STALE, f"{said}, and its switch was not let go", State.PROTECTIVE_STOP)
        if silent_s > self._silent_s + ROUNDING_S:
            return Fault(Event.STALE, f"{said}, expected at most {self._silent_s:.3f} s")
        return Fault(Event.MISALIGNED, self._misaligned) if self._misaligned else None


def _kept(chunk: ActionChunk) -> ActionChunk:
    """A leader's chunk that stays at its last pose, so that the next one turns a motion that is under way."""
    missing = KEPT_ROWS - len(chunk.position_rad)
    if missing <= 0:
        return chunk
    rest = np.repeat(chunk.position_rad[-1:], missing, axis=0)
    return replace(chunk, position_rad=np.concatenate((chunk.position_rad, rest)))
