"""`sovereign-robot train`: two processes, resuming, and every refusal before anything is written."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from sovereign_robot.cli.main import main
from sovereign_robot.datasets.frames import CACHE
from sovereign_robot.learning import checkpoint
from sovereign_robot.learning.training import LOG
from tests.datasets.samples import small_robot
from tests.policies import write_untrained

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def robot_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("robot") / "small.yaml"
    path.write_text(yaml.safe_dump(small_robot().model_dump(mode="json")))
    return path


@pytest.fixture
def train(small_dataset, untrained_dir, robot_file, tmp_path):
    """Run the command with a small recipe; later flags win."""

    def run(*flags: str, out: Path = tmp_path / "out") -> int:
        recipe = ["--steps", "4", "--batch", "8", "--processes", "1", "--precision", "fp32"]
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


def test_it_trains_with_the_recipe_and_the_student_of_its_flags(train, tmp_path):
    # A camera less is another student: its weights are new, but teaching the words anew would take minutes.
    untrained = write_untrained(tmp_path / "one_camera", small_robot(), cameras=("front",), head="flow")
    flags = ("--student.cameras", "front", "--student.head", "flow", "--start-from", str(untrained))
    assert train(*flags, "--text", "tuned", "--attention", "0", "--keyframe", "0.5", "--augment", "0") == 0

    trained = checkpoint.load(tmp_path / "out", small_robot())
    assert trained.facts["step"] == 4
    assert 0.0 < trained.facts["loss"] < 50.0
    assert (trained.config.cameras, trained.config.head) == (("front",), "flow")
    recipe = {
        "text": "tuned",
        "attention": 0.0,
        "keyframe": 0.5,
        "augment": 0.0,
        "bf16": False,
        "seconds": 0.0,
    }
    assert recipe.items() <= trained.facts["recipe"].items()


def test_a_time_limit_ends_the_run(train, tmp_path):
    assert train("--minutes", "0.01", "--steps", "1000000") == 0

    facts = checkpoint.load(tmp_path / "out", small_robot()).facts
    assert facts["step"] < 1_000_000
    assert facts["seconds"] >= 0.6


STEPS = 50  # as many as it takes to write a line into the log


def result(folder: Path) -> tuple[list[float], dict]:
    """The losses of the log, and the checkpoint's tensors."""
    lines = (folder / LOG).read_text(encoding="utf-8").splitlines()
    trained = checkpoint.load(folder, small_robot())
    assert trained.facts["step"] == STEPS
    return [json.loads(line)["loss"] for line in lines], dict(trained.tensors)


def require_parity(one: tuple[list[float], dict], other: tuple[list[float], dict]) -> None:
    assert other[0] == pytest.approx(one[0], rel=1e-4)
    assert other[1].keys() == one[1].keys()
    for name in ("average/student.head.out.weight", "average/student.eyes.0.stem.0.weight"):
        assert (other[1][name] - one[1][name]).abs().max() < 0.01 * one[1][name].abs().max()


@pytest.fixture(scope="module")
def alone(command, tmp_path_factory) -> tuple[list[float], dict]:
    """What one process makes of a batch."""
    out = tmp_path_factory.mktemp("alone") / "out"
    assert main([*command(out), "--processes", "1"]) == 0
    return result(out)


@pytest.fixture(scope="module")
def command(small_dataset, untrained_dir, robot_file):
    """The arguments of a run whose log can be compared."""

    def arguments(out: Path) -> list[str]:
        folders = ["--dataset", str(small_dataset), "--out", str(out), "--start-from", str(untrained_dir)]
        recipe = ["--steps", str(STEPS), "--batch", "8", "--precision", "fp32"]
        return ["train", *folders, *recipe, "--robot", str(robot_file)]

    return arguments


def test_two_processes_learn_what_one_learns(alone, command, tmp_path):
    assert main([*command(tmp_path / "out"), "--processes", "2"]) == 0

    require_parity(alone, result(tmp_path / "out"))
    assert checkpoint.load(tmp_path / "out", small_robot()).facts["recipe"]["processes"] == 2


def test_two_processes_may_tune_the_text_encoder(train, tmp_path, untrained_dir):
    assert train("--processes", "2", "--text", "tuned") == 0

    before, after = (checkpoint.load(f, small_robot()).tensors for f in (untrained_dir, tmp_path / "out"))
    assert any((before[n] != after[n]).any() for n in before if n.startswith("average/text."))


def test_the_same_command_under_accelerate_launch_learns_the_same(alone, command, small_dataset, tmp_path):
    own = shutil.copytree(small_dataset, tmp_path / "dataset", ignore=shutil.ignore_patterns(CACHE))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    launch = ["accelerate.commands.launch", "--cpu", "--num_processes", "2", "--num_machines", "1"]
    launch += ["--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port", str(port)]
    arguments = [*command(tmp_path / "out"), "--dataset", str(own)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    run = subprocess.run(
        [sys.executable, "-m", *launch, "-m", "sovereign_robot.cli.main", *arguments],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=500,
    )

    assert run.returncode == 0, run.stderr
    require_parity(alone, result(tmp_path / "out"))
    assert len(list((own / CACHE).iterdir())) == 1  # both found it not decoded yet


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
        (["--minutes", "-1"], "--minutes -1"),
        (["--attention", "nan"], "--attention nan"),
        (["--keyframe", "-0.5"], "--keyframe -0.5"),
        (["--augment", "inf"], "--augment inf"),
        (["--student.horizon", "0"], "student.horizon is 0"),
        (["--student.cameras", "side"], "student.cameras names side, expected some of front, wrist"),
        (["--student.width", "16"], "was begun with student.width 32 != 16: use the same flags"),
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
