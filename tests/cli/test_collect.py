import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from sovereign_robot.cli.main import main
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.datasets.lerobot_v3 import CONTRACT_FILE, open_dataset


def collect(out: Path, *flags: str) -> int:
    return main(["collect", "--out", str(out), "--workers", "0", *flags])


@pytest.fixture(scope="module")
def collected(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("collected") / "dataset"
    assert collect(out, "--episodes", "2", "--noise", "0", "--seed", "3") == 0
    return out


def test_only_successes_are_written_and_every_seed_is_accounted_for(collected):
    dataset = open_dataset(collected, load_robot("so101"))
    report = dataset.collection

    assert dataset.episodes == report["successes"] == 2
    assert dataset.frames == report["frames"] == sum(e["frames"] for e in report["episodes"])
    seeds = sorted([e["seed"] for e in report["episodes"]] + report["failures"])
    assert seeds == list(range(3, report["next_seed"]))
    assert sum(report["languages"].values()) == 2
    assert {e["language"] for e in report["episodes"]} <= {"ja", "en"}
    assert report["version"]


def test_the_same_command_goes_on_where_it_stopped(collected, capsys):
    assert collect(collected, "--episodes", "3", "--noise", "0", "--seed", "3", "--json") == 0

    report = json.loads(capsys.readouterr().out)
    assert report["successes"] == open_dataset(collected, load_robot("so101")).episodes == 3
    assert [e["episode_index"] for e in report["episodes"]] == [0, 1, 2]


def test_a_full_dataset_is_reported_and_left_alone(collected):
    before = {p: p.stat().st_mtime_ns for p in collected.rglob("*")}

    assert collect(collected, "--episodes", "1", "--noise", "0", "--seed", "3") == 0
    assert {p: p.stat().st_mtime_ns for p in collected.rglob("*")} == before


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (
            ["--task", "place_in_bim"],
            "task 'place_in_bim' is not known; give a YAML file or one of place_in_bin",
        ),
        (["--split", "test"], "split 'test' is not known; choose one of train, held_out"),
        (["--robot", "panda"], "robot 'panda' is not known"),
        (["--episodes", "0"], "expected at least 1 episode"),
        (["--noise", "2"], "noise in 0 .. 1"),
        (["--student", "nowhere"], "policy folder nowhere holds no policy.json"),
    ],
)
def test_a_wrong_flag_is_one_sentence_and_nothing_is_written(tmp_path, capsys, flags, sentence):
    assert collect(tmp_path / "dataset", *flags) == 2

    captured = capsys.readouterr()
    assert sentence in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""
    assert not list(tmp_path.iterdir())


def test_a_folder_that_holds_something_else_is_refused_and_kept(tmp_path, capsys):
    (tmp_path / "thesis.tex").write_text("mine")

    assert collect(tmp_path) == 2
    assert "holds something that this command did not write" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.tex"]


def test_going_on_with_other_flags_is_refused(collected, capsys):
    assert collect(collected, "--episodes", "9", "--noise", "0.5", "--seed", "3") == 2
    assert "noise 0.0 != 0.5" in capsys.readouterr().err


def test_going_on_with_another_robots_dataset_is_refused(collected, tmp_path, capsys):
    path = collected / CONTRACT_FILE
    before = path.read_text()
    contract = json.loads(before)
    contract["policy_rate_hz"] = 10.0
    path.write_text(json.dumps(contract))

    status = collect(collected, "--episodes", "9", "--noise", "0", "--seed", "3")
    path.write_text(before)

    assert status == 2
    assert "policy_rate_hz: 20.0 != 10.0" in capsys.readouterr().err


def test_ctrl_c_keeps_what_was_collected_and_ends_every_process(tmp_path):
    out = tmp_path / "dataset"
    command = [sys.executable, "-m", "sovereign_robot.cli.main", "collect", "--out", str(out)]
    process = subprocess.Popen(
        [*command, "--episodes", "99", "--workers", "1"],
        stderr=subprocess.PIPE,
        env={**os.environ, "FORCE_COLOR": "1", "COLUMNS": "200"},
        start_new_session=True,
    )
    try:
        wait_for(process, b"1/99")
        process.send_signal(signal.SIGINT)
        # Every process of the command holds this pipe: its end is the end of them all.
        process.communicate(timeout=60)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    assert process.returncode == 130
    dataset = open_dataset(out, load_robot("so101"))
    assert dataset.episodes == dataset.collection["successes"] >= 1


def wait_for(process: subprocess.Popen, words: bytes) -> None:
    assert process.stderr is not None
    seen = b""
    while words not in seen:
        chunk = process.stderr.read1()
        assert chunk, seen.decode()
        seen += chunk
