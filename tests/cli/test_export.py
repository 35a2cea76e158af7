"""`sovereign-robot export`: a policy folder that opens, or one sentence and nothing written."""

import shutil
from pathlib import Path

import pytest
import yaml

from sovereign_robot.cli.main import main
from sovereign_robot.learning import checkpoint
from sovereign_robot.learning.export import CARD
from sovereign_robot.policy.bundle import FACTS, GRAPHS, open_bundle
from tests.datasets.samples import small_robot


@pytest.fixture
def robot_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("robot") / "small.yaml"
    path.write_text(yaml.safe_dump(small_robot().model_dump(mode="json")))
    return path


def export(training: Path, out: Path, robot: str) -> int:
    return main(["export", "--training", str(training), "--out", str(out), "--robot", robot])


def test_the_policy_opens_and_its_parity_is_told(untrained_dir, robot_file, tmp_path, capsys):
    out = tmp_path / "policy"

    assert export(untrained_dir, out, str(robot_file)) == 0
    bundle = open_bundle(out, small_robot())
    assert bundle.sha256[:12] in capsys.readouterr().out
    assert {path.name for path in out.iterdir()} == {FACTS, CARD, *GRAPHS, ".sovereign_robot.json"}


def test_a_folder_of_lerobot_is_written_and_becomes_a_policy_again(
    untrained_dir, robot_file, tmp_path, capsys
):
    theirs, again = tmp_path / "theirs", tmp_path / "again"
    given = ["--training", str(untrained_dir), "--robot", str(robot_file)]
    assert main(["export", *given, "--out", str(theirs), "--format", "lerobot"]) == 0
    assert "policy sovereign in" in capsys.readouterr().out
    assert {"config.json", "model.safetensors", "policy_preprocessor.json"} <= {
        path.name for path in theirs.iterdir()
    }

    assert export(theirs, again, str(robot_file)) == 0
    assert open_bundle(again, small_robot()).facts["step"] == 0


def refuse(capsys, status: int, sentence: str) -> None:
    said = capsys.readouterr()
    assert status == 2
    assert said.out == ""
    assert said.err.startswith("sovereign-robot export: ")
    assert sentence in said.err
    assert said.err.count("\n") == 1


def test_a_missing_training_folder_is_refused(tmp_path, capsys):
    status = export(tmp_path / "nowhere", tmp_path / "policy", "so101")

    refuse(capsys, status, "holds no checkpoint.safetensors: train first")
    assert list(tmp_path.iterdir()) == []


def test_a_truncated_checkpoint_is_refused(untrained_dir, robot_file, tmp_path, capsys):
    broken = shutil.copytree(untrained_dir, tmp_path / "broken")
    path = broken / checkpoint.TENSORS
    path.write_bytes(path.read_bytes()[:-100])

    refuse(capsys, export(broken, tmp_path / "policy", str(robot_file)), "is cut short or not a checkpoint")
    assert not (tmp_path / "policy").exists()


def test_a_student_of_another_robot_is_refused(untrained_dir, tmp_path, capsys):
    status = export(untrained_dir, tmp_path / "policy", "so101")

    refuse(capsys, status, "camera front width_px: 128 != 64")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_else_is_refused_and_kept(untrained_dir, robot_file, tmp_path, capsys):
    (tmp_path / "thesis.tex").write_text("mine")

    refuse(
        capsys,
        export(untrained_dir, tmp_path, str(robot_file)),
        "holds something that this command did not write",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
