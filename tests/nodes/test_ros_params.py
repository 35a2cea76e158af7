from dataclasses import dataclass

import pytest
from rcl_interfaces.srv import SetParameters
from rclpy.node import Node
from rclpy.parameter import Parameter

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.nodes.parameters import parameter
from sovereign_robot.nodes.ros_params import declare_from
from tests.nodes.conftest import Ros


@dataclass(frozen=True)
class Parameters:
    rate_hz: float = parameter(10.0, "how often", 1.0, 100.0)
    count: int = parameter(3, "how many", 1, 9)
    name: str = parameter("arm", "which one")
    loud: bool = parameter(False, "whether it speaks")


class Declared(Node):
    def __init__(self, **node: object) -> None:
        super().__init__("declared", **node)
        self.parameters = declare_from(self, Parameters)


def test_without_overrides_every_field_has_its_default(ros: Ros):
    assert ros.node(Declared).parameters == Parameters()


def test_an_override_fills_its_field(ros: Ros):
    node = ros.node(Declared, rate_hz=20.0, name="leg", loud=True)
    assert node.parameters == Parameters(rate_hz=20.0, name="leg", loud=True)


def test_a_misspelt_override_is_refused_with_the_closest_name(ros: Ros):
    with pytest.raises(
        UsageError, match=r"no parameter 'rate_h' \(did you mean rate_hz\?\): it has rate_hz, count"
    ):
        ros.node(Declared, rate_h=20.0)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("rate_hz", 1000.0, r"rate_hz of node declared is 1000.0, expected float in 1.0 .. 100.0: how often"),
        ("rate_hz", 10, r"rate_hz of node declared is 10, expected float"),
        ("count", 0, r"count of node declared is 0, expected int in 1 .. 9: how many"),
        ("name", 7, r"name of node declared is 7, expected str: which one"),
    ],
)
def test_a_value_of_another_type_or_out_of_bounds_is_refused(
    ros: Ros, name: str, value: object, expected: str
):
    with pytest.raises(UsageError, match=expected):
        ros.node(Declared, **{name: value})


def test_parameters_cannot_be_changed_while_the_node_runs(ros: Ros):
    ros.node(Declared)
    request = SetParameters.Request(parameters=[Parameter("count", value=4).to_parameter_msg()])
    answer = ros.call(ros.peer(), SetParameters, "declared/set_parameters", request)
    assert not answer.results[0].successful
    assert "read-only" in answer.results[0].reason


def test_use_sim_time_is_not_taken_for_a_misspelling(ros: Ros):
    assert ros.node(Declared, use_sim_time=True).parameters == Parameters()


def test_ros_shows_what_a_parameter_means(ros: Ros):
    assert ros.node(Declared).describe_parameter("rate_hz").description == "how often"
