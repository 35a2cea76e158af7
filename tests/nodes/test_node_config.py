from pathlib import Path

import pytest

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.nodes.node_config import config_folder, read_node_config
from sovereign_robot.nodes.parameters import PARAMETERS

RATE = "safety_node:\n  ros__parameters:\n    blend_s: 0.2\n"


def test_every_node_has_a_file_and_every_file_a_node():
    assert {path.stem for path in config_folder().glob("*.yaml")} == set(PARAMETERS)
    for executable in PARAMETERS:
        read_node_config(executable, ())


def test_a_file_gives_the_parameters_of_its_node(tmp_path: Path):
    (tmp_path / "safety_node.yaml").write_text(RATE)
    assert read_node_config("safety_node", ("robot",), tmp_path) == {"blend_s": 0.2}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (RATE.replace("blend_s", "blend"), r"safety_node\.yaml: .* 'blend' \(did you mean blend_s\?\)"),
        (RATE.replace("0.2", "-1.0"), r"safety_node\.yaml: .*blend_s: should be greater than or equal to 0"),
        (RATE.replace("0.2", "fast"), r"safety_node\.yaml: .*blend_s: should be a valid number, got 'fast'"),
        (RATE.replace("blend_s: 0.2", "robot: so101"), r"sets robot, which is chosen per run: give robot:="),
        (RATE.replace("safety_node", "safty_node"), r"another form than safety_node: ros__parameters:"),
        ("safety_node: {blend_s: 0.2}", r"another form than safety_node: ros__parameters:"),
        ("safety_node: {ros__parameters: 3}", r"another form than safety_node: ros__parameters:"),
        ("[", r"safety_node\.yaml is not valid YAML"),
    ],
)
def test_a_wrong_file_is_refused_by_name(tmp_path: Path, text: str, sentence: str):
    (tmp_path / "safety_node.yaml").write_text(text)
    with pytest.raises(UsageError, match=sentence):
        read_node_config("safety_node", ("robot",), tmp_path)


def test_a_missing_file_is_refused_by_name(tmp_path: Path):
    with pytest.raises(UsageError, match=r"safety_node\.yaml cannot be read: No such file"):
        read_node_config("safety_node", (), tmp_path)
