"""`sovereign-robot train`: two processes, resuming, and every refusal before anything is written."""

import shutil
from pathlib import Path

import pytest
import yaml

from sovereign_robot.cli.main import main
from sovereign_robot.learning import checkpoint
from tests.datasets.samples import small_robot


@pytest.fixture(scope="module")
def robot_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("robot") / "small.yaml"
    path.write_text(yaml.safe_dump(small_robot().model_dump(mode="json")))
    return path


@pytest.fixture
def train(small_dataset, untrained_dir, robot_file, tmp_path):
    """Run the command with a small recipe; later flags win."""

    def run(*flags: str, out: Path = tmp_path / "out") -> int:
        recipe = ["--steps", "4", "--batch", "8", "--processes", "1"]
        folders = ["--dataset", str(small_dataset), "--out", str(out), "--robot", str(robot_file)]
        return main(["train", *folders, *recipe, "--start-from", str(untrained_dir), *flags])

    return run


def refused(capsys, status: int) -> str:
    """The one sentence of a refusal."""
    said = capsys.readouterr()
    assert status == 2
    assert said.out == ""
    assert said.err.startswith("sovereign-robot train: ")
    assert said.err.count("\n") == 1
    return said.err


@pytest.mark.parametrize("processes", ["1", "2"])
def test_it_trains_with_one_process_per_core(train, tmp_path, processes):
    assert train("--processes", processes) == 0

    trained = checkpoint.load(tmp_path / "out", small_robot())
    assert trained.facts["step"] == 4
    assert 0.0 < trained.facts["loss"] < 50.0
    assert trained.facts["recipe"]["processes"] == int(processes)


def test_what_looks_wrong_with_the_data_is_said_before_the_first_step(train, small_dataset, capsys):
    assert train() == 0

    warning = f"warning: dataset {small_dataset}, episode 0: observation.state of joint gripper is -0.300 rad"
    assert warning in capsys.readouterr().err


def test_a_finished_run_may_be_resumed_and_is_not_begun_again_by_mistake(train, tmp_path, capsys):
    assert train() == 0
    before = (tmp_path / "out" / checkpoint.TENSORS).read_bytes()
    capsys.readouterr()

    assert "holds a training run already: add --resume" in refused(capsys, train())
    assert "was begun with steps 4 != 9: use the same flags" in refused(
        capsys, train("--resume", "--steps", "9")
    )
    assert train("--resume") == 0
    assert (tmp_path / "out" / checkpoint.TENSORS).read_bytes() == before


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--batch", "7", "--processes", "2"], "a batch that the processes share evenly"),
        (["--batch", "0"], "--batch 0"),
        (["--steps", "0"], "--steps 0"),
        (["--processes", "0"], "--processes 0"),
        (["--learning-rate", "0"], "--learning-rate 0"),
        (["--learning-rate", "nan"], "--learning-rate nan"),
        (["--robot", "so102"], "robot 'so102' is not known"),
        (["--dataset", "nowhere"], "dataset nowhere does not exist"),
        (["--start-from", "nowhere"], "training folder nowhere holds no checkpoint.safetensors"),
        (["--resume"], "holds no checkpoint.safetensors"),
        (["--robot", "so101"], "the dataset was made for another contract than the robot so101"),
    ],
)
def test_a_wrong_flag_is_one_sentence_and_nothing_is_written(train, tmp_path, capsys, flags, sentence):
    assert sentence in refused(capsys, train(*flags))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_else_is_refused_and_kept(train, tmp_path, capsys):
    (tmp_path / "thesis.tex").write_text("mine")

    assert "holds something that this command did not write" in refused(capsys, train(out=tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("flag", ["--resume", "--start-from"])
def test_a_truncated_checkpoint_is_refused_whether_resumed_or_begun_with(
    train, untrained_dir, tmp_path, capsys, flag
):
    broken = shutil.copytree(untrained_dir, tmp_path / "broken")
    path = broken / checkpoint.TENSORS
    path.write_bytes(path.read_bytes()[:10_000])
    (broken / ".sovereign_robot.json").write_text('{"kind": "training"}')
    status = train(flag, out=broken) if flag == "--resume" else train(flag, str(broken))

    assert "is cut short or not a checkpoint" in refused(capsys, status)
    assert [path.name for path in tmp_path.iterdir()] == ["broken"]
