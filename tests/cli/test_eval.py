import json
from pathlib import Path

import pytest

from sovereign_robot.cli.main import main
from sovereign_robot.contract.robot import load_robot
from tests.evaluation.tiny_policy import write_hold_policy

QUICK = ["--episodes", "2", "--workers", "0", "--videos", "1"]


@pytest.fixture(scope="module")
def policy(tmp_path_factory) -> Path:
    return write_hold_policy(tmp_path_factory.mktemp("policies") / "hold", load_robot("so101"))


def evaluate(out: Path, policy: Path, *flags: str) -> int:
    return main(["eval", "--out", str(out), "--policy", str(policy), *QUICK, *flags])


def test_a_policy_below_the_threshold_falls_short_with_status_1(tmp_path, policy, capsys):
    assert evaluate(tmp_path / "eval", policy, "--json") == 1

    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((tmp_path / "eval" / "report.json").read_text())
    assert printed["success"] == {
        "successes": 0,
        "n": 2,
        "rate": 0.0,
        "interval95": [0.0, 0.6576],
        "too_few_to_claim": True,
    }
    assert (printed["seeds"], printed["splits"], printed["passed"]) == ([0, 1], ["layout"], False)
    assert (tmp_path / "eval" / "report.html").is_file()


def test_a_policy_at_the_threshold_passes_with_status_0(tmp_path, policy, capsys):
    assert evaluate(tmp_path / "eval", policy, "--threshold", "0", "--seed", "5") == 0

    out = " ".join(capsys.readouterr().out.split())
    assert "too few to claim" in out
    assert "seeds" in out
    assert "5 .. 6, split layout" in out


def test_a_policy_of_lerobot_is_measured_by_the_same_code(tmp_path, capsys):
    from tests.learning import with_lerobot

    act = with_lerobot.write_untrained_act(tmp_path / "act", with_lerobot.SovereignEnv())
    flags = ["--episodes", "1", "--tasks", "reach", "--json"]
    assert main(["eval", "--out", str(tmp_path / "eval"), "--policy", f"lerobot:{act}", *QUICK, *flags]) == 1

    printed = json.loads(capsys.readouterr().out)
    assert printed["policy"]["name"] == f"lerobot:{act}"
    assert len(printed["policy"]["sha256"]) == 64
    assert printed["inference"]["n"] > 10


def cut_short(folder: Path) -> None:
    graph = folder / "policy.onnx"
    graph.write_bytes(graph.read_bytes()[:50])


def remove_graph(folder: Path) -> None:
    (folder / "policy.onnx").unlink()


def swap_joints(folder: Path) -> None:
    facts = json.loads((folder / "policy.json").read_text())
    joints = facts["contract"]["joints"]
    joints[0], joints[1] = joints[1], joints[0]
    (folder / "policy.json").write_text(json.dumps(facts))


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (cut_short, "it was cut short or altered"),
        (remove_graph, "policy.onnx is missing"),
        (swap_joints, "joint order"),
    ],
)
def test_a_policy_that_does_not_fit_is_one_sentence_and_nothing_is_written(
    tmp_path, capsys, damage, sentence
):
    folder = write_hold_policy(tmp_path / "policy", load_robot("so101"))
    damage(folder)

    assert evaluate(tmp_path / "eval", folder) == 2

    captured = capsys.readouterr()
    assert sentence in captured.err
    assert captured.err.count("\n") == 1
    assert not (tmp_path / "eval").exists()


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--tasks", "place_in_bin,juggle"], "task 'juggle' is not known"),
        (["--splits", "layout,test"], "split 'test' is not known"),
        (["--arms", "expert,teacher"], "arm 'teacher' is not known; choose one of expert, still"),
        (["--threshold", "90"], "expected a success rate in 0 .. 1"),
        (["--latency", "-1"], "latency_s -1.0"),
        (["--episodes", "0"], "--episodes 0"),
    ],
)
def test_a_wrong_flag_is_one_sentence_and_nothing_is_written(tmp_path, policy, capsys, flags, sentence):
    assert evaluate(tmp_path / "eval", policy, *flags) == 2

    captured = capsys.readouterr()
    assert sentence in captured.err
    assert captured.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_folder_that_holds_something_else_is_refused_and_kept(tmp_path, policy, capsys):
    (tmp_path / "thesis.tex").write_text("mine")

    assert evaluate(tmp_path, policy) == 2
    assert "holds something that this command did not write" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.tex"]
