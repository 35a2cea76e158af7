import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from sovereign_robot.cli.main import main
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.datasets.content import content_sha256
from sovereign_robot.datasets.frames import load_frames
from sovereign_robot.datasets.lerobot_v3 import open_dataset
from sovereign_robot.policy.bundle import open_bundle

TASKS = ("--tasks", "reach,place_in_bin")


def collect(out: Path, *flags: str) -> int:
    return main(["collect", "--out", str(out), "--workers", "0", *TASKS, *flags])


@pytest.fixture(scope="module")
def collected(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("collected") / "dataset"
    assert collect(out, "--episodes", "1", "--noise", "0.05", "--seed", "3") == 0
    return out


def test_only_successes_are_written_and_every_seed_is_accounted_for(collected):
    dataset = open_dataset(collected, load_robot("so101"))
    report = dataset.collection

    assert dataset.episodes == report["successes"] == 2
    assert dataset.frames == report["frames"] == sum(e["frames"] for e in report["episodes"])
    assert [e["task"] for e in report["episodes"]] == ["place_in_bin", "reach"]
    for task in ("place_in_bin", "reach"):
        tried = [*report["episodes"], *report["failures"]]
        seeds = sorted(take["seed"] for take in tried if take["task"] == task)
        assert seeds == list(range(3, 3 + len(seeds)))
    assert sum(report["languages"].values()) == 2
    assert all(set(e["goal"]) and e["split"] == "train" for e in report["episodes"])
    assert report["version"]
    assert report["content_sha256"] == content_sha256(collected)


def test_the_time_of_the_workers_is_accounted_for(collected):
    report = open_dataset(collected, load_robot("so101")).collection

    assert set(report["seconds"]) == {"starting", "physics", "rendering", "planning", "encoding", "waiting"}
    assert all(seconds > 0.0 for seconds in report["seconds"].values())
    assert sum(report["seconds"].values()) < report["elapsed_s"]


def test_a_full_dataset_is_reported_and_left_alone(collected, capsys):
    before = {p: p.stat().st_mtime_ns for p in collected.rglob("*")}

    assert collect(collected, "--episodes", "1", "--noise", "0.05", "--seed", "3") == 0
    assert {p: p.stat().st_mtime_ns for p in collected.rglob("*")} == before
    printed = capsys.readouterr().out
    assert "episodes/min" in printed
    assert "rendering" in printed


def test_the_same_command_goes_on_with_two_workers_and_gives_the_same_dataset(collected, tmp_path, capsys):
    flags = ("--episodes", "2", "--noise", "0.05", "--seed", "3", "--json")
    assert collect(tmp_path / "at_once", *flags) == 0
    at_once = json.loads(capsys.readouterr().out)

    shutil.copytree(collected, tmp_path / "resumed")
    assert collect(tmp_path / "resumed", *flags, "--workers", "2") == 0
    resumed = json.loads(capsys.readouterr().out)

    assert resumed["successes"] == 4
    assert [e["episode_index"] for e in resumed["episodes"]] == [0, 1, 2, 3]
    assert resumed["content_sha256"] == at_once["content_sha256"]
    assert len(resumed["workers"]) > len(at_once["workers"]) == 1


def test_a_ray_cluster_gives_the_same_dataset(collected, ray_cluster, tmp_path, capsys):
    flags = ("--episodes", "1", "--noise", "0.05", "--seed", "3", "--json")

    assert collect(tmp_path / "dataset", *flags, "--workers", "2", "--ray", ray_cluster) == 0

    report = json.loads(capsys.readouterr().out)
    assert report["content_sha256"] == content_sha256(collected)
    assert len(report["workers"]) == 2


def test_a_ray_cluster_that_is_not_there_is_one_sentence(tmp_path, capsys):
    assert collect(tmp_path / "dataset", "--workers", "1", "--ray", "127.0.0.1:9") == 2

    captured = capsys.readouterr()
    assert "no Ray cluster answers at '127.0.0.1:9'" in captured.err
    assert "Traceback" not in captured.err


def test_a_task_of_a_file_is_collected_as_it_says(tmp_path):
    path = tmp_path / "two_colours.yaml"
    path.write_text("task: place_in_bin\ncolours: [red, blue]\ndistractors_max: 1\n")
    out = tmp_path / "dataset"

    assert (
        main(["collect", "--out", str(out), "--workers", "0", "--tasks", str(path), "--episodes", "1"]) == 0
    )

    report = open_dataset(out, load_robot("so101")).collection
    assert report["tasks"]["place_in_bin"]["colours"] == ["red", "blue"]
    assert report["episodes"][0]["goal"]["colour"] in {"red", "blue"}


def test_a_student_acts_and_the_expert_labels_its_attempts(tiny_policy_dir, tmp_path, capsys):
    out = tmp_path / "dataset"
    flags = ["--student", str(tiny_policy_dir), "--tasks", "reach", "--episodes", "1", "--json"]
    assert main(["collect", "--out", str(out), "--workers", "0", *flags]) == 0

    report = json.loads(capsys.readouterr().out)
    assert report["student"] == open_bundle(tiny_policy_dir, load_robot("so101")).sha256
    assert (report["rescue"], report["noise"]) == (True, 0.0)
    assert (report["successes"], report["failures"]) == (1, [])
    assert report["goals_reached"] == sum(e["success"] for e in report["episodes"])
    frames = load_frames(out, load_robot("so101"))
    assert frames.rate_hz == 5.0
    assert frames.labels is not None
    assert len(frames.labels.rows_rad) == len(frames) == report["frames"]

    assert main(["collect", "--out", str(out), "--workers", "0", *flags, "--no-rescue"]) == 2
    assert "rescue True != False" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--tasks", "place_in_bim"], "task 'place_in_bim' is not known; give a YAML file or one of"),
        (["--workers", "-1"], "expected at least 1 episode"),
        (["--split", "test"], "split 'test' is not known; choose one of train, layout"),
        (["--robot", "panda"], "robot 'panda' is not known"),
        (["--episodes", "0"], "expected at least 1 episode"),
        (["--tasks", "reach,reach"], "--tasks reach,reach names reach twice"),
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
    assert "noise 0.05 != 0.5" in capsys.readouterr().err


def test_going_on_with_another_robot_is_refused(collected, tmp_path, capsys):
    robot = tmp_path / "so101.yaml"
    robot.write_text(
        load_robot("so101").model_copy(update={"policy_rate_hz": 10.0}).model_dump_json(), encoding="utf-8"
    )

    assert collect(collected, "--episodes", "9", "--noise", "0.05", "--seed", "3", "--robot", str(robot)) == 2
    assert "policy_rate_hz: 10.0 != 20.0" in capsys.readouterr().err


def test_ctrl_c_keeps_what_was_collected_and_ends_every_process(tmp_path):
    out = tmp_path / "dataset"
    command = [sys.executable, "-m", "sovereign_robot.cli.main", "collect", "--out", str(out)]
    process = subprocess.Popen(
        [*command, "--tasks", "reach", "--episodes", "99", "--workers", "1"],
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
