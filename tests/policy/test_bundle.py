"""A policy folder is whole and made for this robot, or it is refused by name."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sovereign_robot.contract.errors import CheckpointError, ContractMismatch
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.policy.bundle import FACTS, GRAPHS, POLICY_GRAPH, TEXT_GRAPH, open_bundle, write_facts
from sovereign_robot.policy.onnx_policy import OnnxPolicy

ROBOT = load_robot("so101")


@pytest.fixture
def folder(tiny_policy_dir: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_policy_dir, tmp_path / "policy"))


def change_facts(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    facts = json.loads((folder / FACTS).read_text())
    change(facts)
    (folder / FACTS).write_text(json.dumps(facts))


def test_a_whole_folder_opens_and_has_a_name(folder):
    bundle = open_bundle(folder, ROBOT)

    assert bundle.contract == ROBOT
    assert (bundle.horizon, bundle.max_committed) == (16, 4)
    assert len(bundle.sha256) == 64


def test_it_names_the_tasks_that_it_was_taught_each_once(folder):
    assert open_bundle(folder, ROBOT).tasks == ()
    data = [{"task": "lift"}, {"tasks": {"stack": {}, "lift": {}}}, {"tasks": ["reach"]}]
    change_facts(folder, lambda facts: facts.update(dataset_summaries=data, datasets=[0, 1, 2]))

    assert open_bundle(folder, ROBOT).tasks == ("lift", "stack", "reach")


def test_the_folder_may_move(folder, tmp_path):
    name = open_bundle(folder, ROBOT).sha256
    moved = folder.rename(tmp_path / "elsewhere")

    assert open_bundle(moved, ROBOT).sha256 == name


def test_a_folder_that_does_not_exist_is_refused_with_how_to_make_one(tmp_path):
    with pytest.raises(
        CheckpointError, match=r"nowhere holds no policy\.json: make one with `sovereign-robot export"
    ):
        open_bundle(tmp_path / "nowhere", ROBOT)


@pytest.mark.parametrize("name", [FACTS, *GRAPHS])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()

    with pytest.raises(CheckpointError, match=name.replace(".", r"\.")):
        open_bundle(folder, ROBOT)


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("length", [0, 1000, -1])
def test_a_graph_that_was_cut_short_is_named_with_its_length(folder, name, length):
    path = folder / name
    path.write_bytes(path.read_bytes()[:length])

    with pytest.raises(
        CheckpointError, match=rf"{path} \({path.stat().st_size} bytes\) .* cut short or altered"
    ):
        open_bundle(folder, ROBOT)


@pytest.mark.parametrize("name", GRAPHS)
def test_a_single_flipped_bit_is_refused(folder, name):
    path = folder / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)

    with pytest.raises(CheckpointError, match="it was cut short or altered"):
        open_bundle(folder, ROBOT)


def test_swapped_graphs_are_refused(folder):
    shutil.move(folder / POLICY_GRAPH, folder / "kept")
    shutil.move(folder / TEXT_GRAPH, folder / POLICY_GRAPH)
    shutil.move(folder / "kept", folder / TEXT_GRAPH)

    with pytest.raises(CheckpointError, match=POLICY_GRAPH):
        open_bundle(folder, ROBOT)


def test_a_file_that_is_no_graph_is_refused_though_its_hash_fits(folder):
    facts = json.loads((folder / FACTS).read_text())
    (folder / POLICY_GRAPH).write_bytes(b"not a graph" * 100)
    write_facts(folder, {k: v for k, v in facts.items() if k not in ("format", "sha256")})

    with pytest.raises(CheckpointError, match=r"policy\.onnx cannot be loaded by ONNX Runtime"):
        OnnxPolicy.load(folder, ROBOT)


@pytest.mark.parametrize("text", ["{", "[]", "", "\udcff", '{"format": 99}'])
def test_facts_that_are_no_policy_are_refused_by_their_path(folder, text):
    (folder / FACTS).write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(CheckpointError, match=r"policy\.json .*export the policy again"):
        open_bundle(folder, ROBOT)


@pytest.mark.parametrize("field", ["contract", "student", "sha256"])
def test_facts_that_lack_a_field_are_refused_by_its_name(folder, field):
    change_facts(folder, lambda facts: facts.pop(field))

    with pytest.raises(CheckpointError, match=rf"policy\.json lacks '{field}'"):
        open_bundle(folder, ROBOT)


def reverse_two_joints(contract: dict[str, Any]) -> None:
    for part in ("joints", "home_rad"):
        contract[part][0], contract[part][1] = contract[part][1], contract[part][0]
    contract["home_rad"] = [0.0] * len(contract["home_rad"])


MISMATCHES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "joint order": (
        reverse_two_joints,
        "joint order: shoulder_pan, shoulder_lift, .* != shoulder_lift, shoulder_pan",
    ),
    "unit": (lambda c: c.update(joint_unit="deg"), "joint_unit: rad != deg"),
    "camera name": (lambda c: c["cameras"][0].update(name="top"), "cameras: front, wrist != top, wrist"),
    "camera size": (lambda c: c["cameras"][1].update(width_px=64), "camera wrist width_px: 128 != 64"),
    "camera rate": (lambda c: c["cameras"][0].update(rate_hz=30.0), "camera front rate_hz: 20.0 != 30.0"),
    "policy rate": (lambda c: c.update(policy_rate_hz=10.0), "policy_rate_hz: 20.0 != 10.0"),
    "control rate": (lambda c: c.update(control_rate_hz=200.0), "control_rate_hz: 100.0 != 200.0"),
    "joint limit": (
        lambda c: c["joints"][2].update(upper_rad=1.5),
        "joint elbow_flex upper_rad: 1.69 != 1.5",
    ),
    "gripper": (lambda c: c["gripper"].update(open_rad=1.0), "gripper: .*1.74533.* != .*1.0"),
    "stop": (lambda c: c.update(stop="limp"), "stop: hold != limp"),
}


@pytest.mark.parametrize("what", MISMATCHES)
def test_a_policy_for_another_robot_is_refused_with_both_sides(folder, what):
    change, sentence = MISMATCHES[what]
    change_facts(folder, lambda facts: change(facts["contract"]))

    with pytest.raises(ContractMismatch, match=sentence):
        OnnxPolicy.load(folder, ROBOT)


def test_every_difference_is_listed_at_once(folder):
    change_facts(
        folder, lambda facts: facts["contract"].update(joint_unit="deg", policy_rate_hz=10.0, stop="limp")
    )

    with pytest.raises(ContractMismatch) as refusal:
        open_bundle(folder, ROBOT)
    assert all(field in str(refusal.value) for field in ("joint_unit", "policy_rate_hz", "stop"))
