"""What holds the arm until a person lifts it: the state, why it is latched, and whether it is armed."""

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.contract.names import SAFETY_RESET, SAFETY_START
from sovereign_robot.control.safety_state import STOPPED, State, Trigger, after

_CALLED = {State.ESTOP: "emergency stop", State.PROTECTIVE_STOP: "protective stop"}


class SafetyLatch:
    """The state machine with its memory.

    Attributes:
        state: where the machine is.
        reason: why it is latched, as a sentence; "" when it is not.
        is_armed: whether chunks may move the arm; a reset disarms, `start` arms.
    """

    def __init__(self) -> None:
        """Start in `init`, armed: at power-up the first chunk runs the arm."""
        self.state = State.INIT
        self.reason = ""
        self.is_armed = True
        self._pressed: dict[str, bool] = {}

    @property
    def is_stopped(self) -> bool:
        """Whether a stop is latched."""
        return self.state in STOPPED

    @property
    def barred(self) -> str:
        """Why no chunk may be taken now; "" when any may."""
        if self.is_stopped:
            kind = "an emergency" if self.state is State.ESTOP else "a protective"
            return f"action chunk refused during {kind} stop: {self.reason}"
        if self.reason:
            return f"action chunk refused: {self.reason}"
        return "" if self.is_armed else f"action chunk refused until {SAFETY_START} is called"

    def follow(self, trigger: Trigger) -> None:
        """Go where a trigger leads.

        Raises:
            CommandError: it is refused in this state.
        """
        self.state = after(self.state, trigger)

    def stop(self, trigger: Trigger, reason: str) -> bool:
        """Latch a stop, unless one of no lesser weight is latched; whether the arm has to begin to stop."""
        before = self.state
        self.follow(trigger)
        if self.state is not before:
            self.reason = reason
        return before not in STOPPED

    def hold(self, reason: str) -> None:
        """Latch a hold, unless something is latched."""
        self.reason = self.reason or f"{reason}; call {SAFETY_RESET}, then {SAFETY_START}"

    def press(self, name: str, is_pressed: bool) -> None:
        """Note the position of an emergency stop button."""
        self._pressed[name] = is_pressed

    def reset(self, cause: str) -> None:
        """Lift what is latched, into `ready` and disarmed.

        Args:
            cause: why the arm is not in order yet; "" when it is.

        Raises:
            CommandError: nothing is latched, a button is pressed, or there is a cause left.
        """
        state = after(self.state, Trigger.RESET)
        if not self.reason:
            raise CommandError(f"reset is refused in {self.state}: nothing is latched")
        pressed = ", ".join(name for name, is_pressed in self._pressed.items() if is_pressed)
        if cause := f"{pressed} is still pressed" if pressed else cause:
            raise CommandError(f"the {_CALLED.get(self.state, 'hold')} stays latched: {cause}")
        self.state, self.reason, self.is_armed = state, "", False

    def start(self) -> None:
        """Arm.

        Raises:
            CommandError: something is latched, joints are missing, or the arm runs.
        """
        state = after(self.state, Trigger.START)
        if self.reason:
            raise CommandError(f"start is refused: {self.reason}")
        self.state, self.is_armed = state, True

    def clear(self) -> None:
        """A new scene: a stop stays latched, and of a latched hold it stays that `start` is needed."""
        if self.reason and not self.is_stopped:
            self.reason, self.is_armed = "", False
        self.follow(Trigger.CLEAR)
