"""Declare a frozen dataclass as read-only ROS parameters and give it back filled in.

Each field is made with `parameters.parameter`, which carries what ROS shows of it: a sentence and bounds.
"""

from dataclasses import MISSING, Field, fields
from typing import Any

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.exceptions import InvalidParameterTypeException, InvalidParameterValueException
from rclpy.node import Node

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.nodes.parameters import refuse_unknown


def declare_from[P](node: Node, parameters: type[P]) -> P:
    """Declare each field of a dataclass of `parameter`s on a node and read its overrides.

    Raises:
        UsageError: an override is misspelt (names the closest), has another type or is out of bounds.
    """
    names = [item.name for item in fields(parameters)]  # type: ignore[arg-type]
    _refuse_unknown(node, names)
    values = {item.name: _declare(node, item) for item in fields(parameters)}  # type: ignore[arg-type]
    return parameters(**values)


def _refuse_unknown(node: Node, names: list[str]) -> None:
    # rclpy keeps overrides that nobody declared and says nothing; they are only in this private dict.
    for name in node._parameter_overrides:
        if not node.has_parameter(name) and not name.startswith("qos_overrides."):
            refuse_unknown(node.get_name(), name, names)


def _declare(node: Node, item: Field[Any]) -> Any:
    if item.default is MISSING:
        raise TypeError(f"field {item.name} has no default: make it with parameter()")
    descriptor = ParameterDescriptor(description=item.metadata["description"], read_only=True)
    lower, upper = item.metadata["lower"], item.metadata["upper"]
    if lower is not None and upper is not None and isinstance(item.default, float):
        descriptor.floating_point_range = [FloatingPointRange(from_value=float(lower), to_value=float(upper))]
    elif lower is not None and upper is not None:
        descriptor.integer_range = [IntegerRange(from_value=int(lower), to_value=int(upper), step=1)]
    try:
        return node.declare_parameter(item.name, item.default, descriptor).value
    except (InvalidParameterTypeException, InvalidParameterValueException) as error:
        given = node._parameter_overrides[item.name].value
        bounds = f" in {lower} .. {upper}" if lower is not None else ""
        raise UsageError(
            f"parameter {item.name} of node {node.get_name()} is {given!r}, "
            f"expected {type(item.default).__name__}{bounds}: {item.metadata['description']}"
        ) from error
