"""A supervisor on a bench: an arm whose joints are measured afresh, a plan that waves, and two clocks."""

import numpy as np

from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.contract.types import ActionChunk, Array, JointState
from sovereign_robot.control.supervisor import RequiredNode, State, Supervisor, Tick

SO101 = load_robot("so101")
STEP_S = SO101.policy_step_s
TICK_S = SO101.control_step_s
ROWS = 16
UNFOLDING = np.array([1.0, 1.0, -1.0, -1.0, 1.0, 1.0])  # from home, where the arm is folded


def wave(time_s: float) -> Array:
    return SO101.home + 0.1 * UNFOLDING * (1.0 - np.cos(2.0 * time_s))


def chunk(stamp_s: float, offset_rad: float = 0.0, length: int = ROWS) -> ActionChunk:
    rows = np.array([wave(stamp_s + (i + 1) * STEP_S) + offset_rad for i in range(length)])
    return ActionChunk(stamp_s, STEP_S, SO101.joint_names, rows)


def joints(stamp_s: float, position_rad: Array = SO101.home) -> JointState:
    return JointState(stamp_s, SO101.joint_names, position_rad, np.zeros(6))


class Bench:
    """A supervisor whose joints are measured freshly before each tick, at home unless told otherwise."""

    def __init__(
        self,
        contract: RobotContract = SO101,
        start_s: float = 0.0,
        required: tuple[RequiredNode, ...] = (),
    ) -> None:
        self.supervisor = Supervisor(contract, required=required)
        self.now_s = self.steady_s = start_s
        self.measured_rad = SO101.home.copy()

    def tick(self, step_s: float = TICK_S, measured: bool = True, steady_step_s: float | None = None) -> Tick:
        """Let the clock go on by `step_s`, and the steady one too unless told otherwise."""
        self.now_s += step_s
        self.steady_s += step_s if steady_step_s is None else steady_step_s
        if measured:
            self.supervisor.on_joint_state(joints(self.now_s, self.measured_rad))
        return self.supervisor.tick(self.now_s, self.steady_s)

    def run(self, ticks: int) -> list[Tick]:
        return [self.tick() for _ in range(ticks)]

    def start(self) -> None:
        """Bring it to `running` with a plan of this moment."""
        self.tick()
        self.supervisor.on_chunk(chunk(self.now_s))
        assert self.tick().state is State.RUNNING


def contract_that_stops_by(stop: str) -> RobotContract:
    return RobotContract.from_data(SO101.model_dump() | {"stop": stop}, "test")
