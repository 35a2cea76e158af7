import subprocess
import sys
from pathlib import Path

import pytest

import sovereign_robot
from sovereign_robot.cli.main import COMMANDS, main, missing_package_sentence


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]):
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {command} " in out and line in out for command, line in COMMANDS.items())


def test_no_command_is_bad_input_and_shows_the_commands(capsys: pytest.CaptureFixture[str]):
    assert main([]) == 2
    assert "commands:" in capsys.readouterr().out


def test_a_group_of_commands_lists_its_own(capsys: pytest.CaptureFixture[str]):
    assert main(["dataset", "--help"]) == 0
    out = capsys.readouterr().out
    assert "  dataset view  " in out
    assert "  collect  " not in out
    assert main(["dataset"]) == 2
    assert capsys.readouterr().out == out


def test_a_misspelt_command_of_a_group_is_one_sentence_with_the_closest(capsys: pytest.CaptureFixture[str]):
    assert main(["dataset", "veiw", "somewhere"]) == 2
    assert "there is no command 'dataset veiw' (did you mean dataset view?)" in capsys.readouterr().err


def test_version_is_the_packages(capsys: pytest.CaptureFixture[str]):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"sovereign-robot {sovereign_robot.__version__}\n"


def test_a_misspelt_command_is_one_sentence_with_the_closest(capsys: pytest.CaptureFixture[str]):
    assert main(["colect"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("sovereign-robot: there is no command 'colect' (did you mean collect?)")
    assert captured.err.count("\n") == 1


def run_program(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sovereign_robot.cli.main", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=240)


def test_bad_input_is_one_sentence_with_status_2_and_nothing_is_written(tmp_path: Path):
    (tmp_path / "thesis.tex").write_text("mine")
    run = run_program("collect", "--out", str(tmp_path), "--episodes", "1")
    assert run.returncode == 2
    assert run.stderr.startswith(f"sovereign-robot collect: output folder {tmp_path} holds something")
    assert run.stderr.count("\n") == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_misspelt_flag_is_refused_with_status_2():
    run = run_program("doctor", "--jsn")
    assert run.returncode == 2
    assert "--jsn" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("package", "extra"),
    [("torch", "train"), ("lerobot.datasets", "train"), ("rclpy", "ros"), ("rerun", "viz")],
)
def test_a_missing_optional_package_names_the_extra_that_brings_it(package: str, extra: str):
    sentence = missing_package_sentence(ModuleNotFoundError(f"No module named {package!r}", name=package))
    assert package.partition(".")[0] in sentence
    assert f"pip install -e '.[{extra}]'" in sentence


def test_a_missing_core_package_is_installed_without_an_extra():
    sentence = missing_package_sentence(ModuleNotFoundError("No module named 'mujoco'", name="mujoco"))
    assert "pip install -e . -c constraints.txt" in sentence


def test_an_import_that_no_extra_brings_is_a_bug_and_not_hidden():
    with pytest.raises(ModuleNotFoundError):
        missing_package_sentence(ModuleNotFoundError("No module named 'nonsense'", name="nonsense"))


def test_help_imports_no_heavy_package():
    code = (
        "import sys; from sovereign_robot.cli.main import main; main(['--help']); "
        "heavy = {'mujoco', 'torch', 'rclpy', 'onnxruntime', 'cv2', 'lerobot'} & set(sys.modules); "
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
