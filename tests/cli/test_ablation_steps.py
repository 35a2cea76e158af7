import json
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from sovereign_robot.cli.ablation_steps import LAST, SNAPSHOTS, TENSORS, CommandSteps, run_command
from sovereign_robot.cli.main import main
from sovereign_robot.contract.errors import SovereignError
from tests.evaluation.ablation_samples import sample_plan

PLAN = sample_plan({"splits": ["layout", "phrase"], "seed": 7}, overrides={"train.learning_rate": 0.01})
(CELL,) = PLAN.cells(PLAN.ablations["A1"], PLAN.ablations["A1"].arms["high"])
STEPS = CommandSteps("so101", 2, lambda what: None)


def pairs(command: list[str]) -> dict[str, str]:
    words = command[3:]
    return {a: b for a, b in pairwise(words) if a.startswith("--")}


def test_a_cell_is_trained_for_its_time_with_the_flags_of_its_arm(tmp_path):
    command = STEPS.train_command(CELL, tmp_path)

    found = pairs(command)
    assert command[3:6] == ["train", "--dataset", "data"]
    assert float(found["--minutes"]) == pytest.approx(5 / 60, rel=1e-5)
    assert found["--clock"] == "cpu"
    assert (found["--learning-rate"], found["--student.skill"]) == ("0.01", "0.9")


def test_a_policy_is_measured_on_the_scenes_of_its_cell(tmp_path):
    found = pairs(STEPS.eval_command(CELL, tmp_path / "policy", tmp_path / "out"))

    assert (found["--splits"], found["--seed"], found["--episodes"]) == ("layout,phrase", "7", "50")
    assert found["--threshold"] == "0"


def test_what_is_done_is_not_done_again(tmp_path):
    for name in ("090", "095", LAST):
        (tmp_path / "training" / SNAPSHOTS / name).mkdir(parents=True)
    (tmp_path / "training" / SNAPSHOTS / LAST / TENSORS).touch()
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "report.json").write_text(json.dumps({"kind": "eval"}))

    assert [path.name for path in STEPS.train(CELL, tmp_path)] == ["090", "095", "100"]
    assert STEPS.evaluate(CELL, tmp_path / "policy", tmp_path / "report") == {"kind": "eval"}


def test_a_command_that_fails_is_named_with_its_last_sentence(tmp_path):
    command = [sys.executable, "-c", "raise SystemExit('the data are broken')", "train", "--steps", "3"]

    with pytest.raises(SovereignError, match=r"ended with status 1: the data are broken"):
        run_command(command, tmp_path / "log.txt")
    with pytest.raises(SovereignError, match="it said nothing"):
        run_command([sys.executable, "-c", "raise SystemExit(3)", "train"], tmp_path / "log.txt")


def test_the_flags_of_eval_exist(tmp_path: Path, capsys):
    command = STEPS.eval_command(CELL, tmp_path / "nowhere", tmp_path / "out")

    assert main(command[3:]) == 2
    assert "nowhere holds no policy.json" in capsys.readouterr().err
