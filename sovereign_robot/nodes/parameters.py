"""Every parameter of every node, once: ROS declares them, `config/nodes/` and the command line fill them in.

It imports no ROS, so that a configuration is checked before any node starts. What limits the arm stands in
the robot contract, never here.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationError, create_model

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.validation import sentence

ROBOT = "name in config/robots, or a YAML file"
CHUNKING = "how action chunks become one plan: prefix, ensemble or switch"


def parameter[T](default: T, description: str, lower: float | None = None, upper: float | None = None) -> T:
    """One field of a parameter dataclass; numbers may be bounded, both ends included."""
    metadata = {"description": description, "lower": lower, "upper": upper}
    made: T = field(default=default, metadata=metadata)
    return made


@dataclass(frozen=True)
class NodeParameters:
    """Parameters of every managed node."""

    autostart: bool = parameter(True, "configure and activate the node as it starts, not on a service call")


@dataclass(frozen=True)
class SimParameters(NodeParameters):
    """Parameters of sim_node."""

    robot: str = parameter("so101", ROBOT)
    task: str = parameter("place_in_bin", "task on the table until another is named on sim/task")
    seed: int = parameter(0, "seed of the first scene", 0, 2**31)
    split: str = parameter("layout", "kind of scenes: train, layout, phrase, combo, visual or clutter")
    real_time_factor: float = parameter(1.0, "simulated seconds per second", 0.01, 20.0)


@dataclass(frozen=True)
class PolicyParameters(NodeParameters):
    """Parameters of policy_node."""

    robot: str = parameter("so101", ROBOT)
    policy: str = parameter("default", "policy folder; 'default' is the one that the package carries")
    instruction: str = parameter("", "what the robot is asked from the start on; '' waits for the topic")
    replan_every_steps: int = parameter(4, "policy steps from one action chunk to the next", 1, 1000)
    chunking: str = parameter("prefix", CHUNKING)


@dataclass(frozen=True)
class SafetyParameters(NodeParameters):
    """Parameters of safety_node."""

    robot: str = parameter("so101", ROBOT)
    blend_s: float = parameter(0.1, "least time from one chunk's motion into the next [s]", 0.0, 1.0)
    chunking: str = parameter("prefix", CHUNKING)
    required_nodes: str = parameter(
        "", "nodes without whose heartbeats the arm is held, separated by commas; '' requires none"
    )
    arm_driver: str = parameter(
        "", "node that drives the arm: required too, and its silence is a protective stop; '' names none"
    )

    @property
    def required_names(self) -> tuple[str, ...]:
        """Names in `required_nodes`."""
        return tuple(name.strip() for name in self.required_nodes.split(",") if name.strip())


@dataclass(frozen=True)
class EstopInputParameters(NodeParameters):
    """Parameters of estop_input_node."""

    path: str = parameter("/dev/ttyACM0", "character device or FIFO of the line, see nodes/estop_line.py")


PARAMETERS: Mapping[str, type[NodeParameters]] = {
    "sim_node": SimParameters,
    "safety_node": SafetyParameters,
    "policy_node": PolicyParameters,
    "estop_input_node": EstopInputParameters,
}
"""Parameters by executable."""


def refuse_unknown(node: str, given: str, known: list[str]) -> None:
    """Refuse a parameter that a node does not have.

    Raises:
        UsageError: names the closest one that it has.
    """
    if given not in known:
        close = difflib.get_close_matches(given, known, n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        raise UsageError(f"node {node} has no parameter {given!r}{hint}: it has {', '.join(known)}")


def check_values(node: str, parameters: type[NodeParameters], values: Mapping[str, object]) -> None:
    """Check values before the node that gets them exists.

    Raises:
        UsageError: one is misspelt (names the closest), has another type or is out of bounds.
    """
    items = fields(parameters)
    for name in values:
        refuse_unknown(node, name, [item.name for item in items])
    bounded: dict[str, Any] = {
        item.name: (
            Annotated[type(item.default), Field(ge=item.metadata["lower"], le=item.metadata["upper"])],
            item.default,
        )
        for item in items
    }
    model = create_model(parameters.__name__, __config__=ConfigDict(strict=True), **bounded)
    try:
        model.model_validate(dict(values))
    except ValidationError as error:
        raise UsageError(f"parameters of node {node}: {sentence(error, node)}") from error
