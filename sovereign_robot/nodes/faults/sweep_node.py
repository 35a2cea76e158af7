"""The real policy_node with a known motion in place of the network: two joints sweep, never both still.

The parameter `policy` names the motion: "sweep", or "counter" for its mirror image.
"""

import math
import sys
from collections.abc import Sequence
from functools import partial

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.fakes import ScriptedPolicy
from sovereign_robot.contract.ports import Policy
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Array
from sovereign_robot.nodes.policy_node import PolicyNode
from sovereign_robot.nodes.ros_main import run_node

SWEEP_RAD = 0.4
SWEEP_HZ = 0.25
WAYS = {"sweep": 1.0, "counter": -1.0}


def sweep_policy(motion: str, robot: RobotContract) -> Policy:
    """A policy whose first and last arm joint move about home, a quarter period apart.

    Raises:
        UsageError: the motion has another name than those of `WAYS`.
    """
    if motion not in WAYS:
        raise UsageError(f"motion {motion!r} is not known, expected one of {', '.join(WAYS)}")
    arm = [i for i in range(len(robot.joints)) if i != robot.gripper_index]

    def at(time_s: float) -> Array:
        phase = 2.0 * math.pi * SWEEP_HZ * time_s
        position_rad = robot.home.copy()
        position_rad[arm[0]] += WAYS[motion] * SWEEP_RAD * math.sin(phase)
        position_rad[arm[-1]] += WAYS[motion] * SWEEP_RAD * math.cos(phase)
        return position_rad

    return ScriptedPolicy(robot, at)


def main(args: Sequence[str] | None = None) -> int:
    """Entry point of the module as a process."""
    return run_node("policy_node", partial(PolicyNode, sweep_policy), args)


if __name__ == "__main__":
    sys.exit(main())
