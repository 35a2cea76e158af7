"""The safety state machine as a table: what each trigger makes of each state.

    init             no fresh joint state yet, nothing is commanded
    ready            joints are fresh and nothing plays: the arm is held
    running          an action chunk is being played
    holding          something is late or wrong: the arm is held, the reason says why
    protective_stop  latched stop that the robot called for itself
    estop            latched stop that somebody called for

The order of words follows ISO 10218-1: a reset is a separate, deliberate act, and alone it moves nothing.
"""

from dataclasses import dataclass
from enum import StrEnum

from sovereign_robot.contract.errors import CommandError


class State(StrEnum):
    """What the supervisor is doing."""

    INIT = "init"
    READY = "ready"
    RUNNING = "running"
    HOLDING = "holding"
    PROTECTIVE_STOP = "protective_stop"
    ESTOP = "estop"


class Trigger(StrEnum):
    """What moves the machine: what a tick finds, a stop, a new scene, and what only a person does."""

    IDLE = "idle"
    PLAN = "plan"
    FAULT = "fault"
    PROTECTIVE_STOP = "protective_stop"
    ESTOP = "estop"
    CLEAR = "clear"
    RESET = "reset"
    START = "start"


STOPPED = (State.PROTECTIVE_STOP, State.ESTOP)
STOP_CATEGORY = {"limp": 0, "park_then_release": 1, "hold": 2}
"""Stop category of IEC 60204-1 by what the contract calls a stop."""

_INIT, _READY, _RUNNING, _HOLDING, _PROTECTIVE, _ESTOP = State
TRANSITIONS: dict[Trigger, tuple[State | None, ...]] = {
    # from:                  init         ready        running      holding      protective_stop  estop
    Trigger.IDLE:            (_READY,      _READY,      _READY,      _READY,      _PROTECTIVE,     _ESTOP),
    Trigger.PLAN:            (None,        _RUNNING,    _RUNNING,    _RUNNING,    None,            None),
    Trigger.FAULT:           (_INIT,       _HOLDING,    _HOLDING,    _HOLDING,    _PROTECTIVE,     _ESTOP),
    Trigger.PROTECTIVE_STOP: (_PROTECTIVE, _PROTECTIVE, _PROTECTIVE, _PROTECTIVE, _PROTECTIVE,     _ESTOP),
    Trigger.ESTOP:           (_ESTOP,      _ESTOP,      _ESTOP,      _ESTOP,      _ESTOP,          _ESTOP),
    Trigger.CLEAR:           (_INIT,       _INIT,       _INIT,       _INIT,       _PROTECTIVE,     _ESTOP),
    Trigger.RESET:           (None,        None,        None,        _READY,      _READY,          _READY),
    Trigger.START:           (None,        _READY,      None,        _HOLDING,    None,            None),
}  # fmt: skip
"""State after each trigger, in the order of `State`; None where the trigger is refused."""


class Event(StrEnum):
    """What is counted besides the limits of the safety filter: refusals by message, the others by tick."""

    STALE = "stale"
    STARVED = "starved"
    WITHDRAWN = "withdrawn"
    RELEASED = "released"
    MISALIGNED = "misaligned"
    HEARTBEAT_LOST = "heartbeat_lost"
    CLOCK_JUMP = "clock_jump"
    CLOCK_STOPPED = "clock_stopped"
    OVERRUN = "overrun"
    TARGET_REFUSED = "target_refused"
    PROTECTIVE_STOP = "protective_stop"
    ESTOP = "estop"
    CHUNK_REFUSED = "chunk_refused"
    JOINT_STATE_REFUSED = "joint_state_refused"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why the arm may not go on.

    Attributes:
        event: by what it is counted.
        reason: the sentence that people read.
        state: `holding` for what heals by itself, `protective_stop` for what latches.
    """

    event: Event
    reason: str
    state: State = State.HOLDING


def after(state: State, trigger: Trigger) -> State:
    """The state that a trigger leads to.

    Raises:
        CommandError: the trigger is refused in this state; the sentence says in which it is not.
    """
    row = TRANSITIONS[trigger]
    following = row[_ORDER[state]]
    if following is None:
        possible = [str(s) for s, then in zip(State, row, strict=True) if then is not None]
        raise CommandError(f"{trigger} is refused in {state}; it is taken in {', '.join(possible)}")
    return following


_ORDER = {state: i for i, state in enumerate(State)}
