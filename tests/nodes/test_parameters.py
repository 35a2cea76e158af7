from dataclasses import fields

import pytest

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.nodes.parameters import PARAMETERS, PolicyParameters, SafetyParameters, check_values


def test_the_defaults_of_every_node_are_within_their_own_bounds():
    for node, parameters in PARAMETERS.items():
        defaults = {item.name: item.default for item in fields(parameters)}
        check_values(node, parameters, defaults)
        assert all(item.metadata["description"] for item in fields(parameters))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"blend": 0.2}, r"node safety_node has no parameter 'blend' \(did you mean blend_s\?\): it has"),
        ({"blend_s": 1.5}, r"blend_s: should be less than or equal to 1, got 1\.5"),
        ({"blend_s": "0.1"}, r"blend_s: should be a valid number, got '0\.1'"),
        ({"autostart": 1}, r"autostart: should be a valid boolean, got 1"),
    ],
)
def test_a_value_that_the_node_would_refuse_is_refused_before_there_is_a_node(values, sentence: str):
    with pytest.raises(UsageError, match=sentence):
        check_values("safety_node", SafetyParameters, values)


def test_a_text_is_no_number_and_a_fraction_no_count():
    with pytest.raises(UsageError, match="replan_every_steps: should be a valid integer"):
        check_values("policy_node", PolicyParameters, {"replan_every_steps": 4.0})
