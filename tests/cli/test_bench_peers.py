"""`sovereign-robot bench peers`: LeRobot's own training beside ours, seconds of it, and one table."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from sovereign_robot.cli.main import main
from tests.datasets.samples import small_robot

SMALL_ACT = (
    "--batch_size=2 --num_workers=0 --policy.chunk_size=8 --policy.n_action_steps=8 --policy.dim_model=32 "
    "--policy.n_heads=2 --policy.dim_feedforward=32 --policy.n_encoder_layers=1 "
    "--policy.n_vae_encoder_layers=1"
)


@pytest.fixture(scope="module")
def flags(tmp_path_factory, small_dataset, untrained_dir) -> list[str]:
    robot = tmp_path_factory.mktemp("robot") / "small.yaml"
    robot.write_text(yaml.safe_dump(small_robot().model_dump(mode="json")))
    quick = [
        "--train-minutes",
        "0.001",
        "--episodes",
        "1",
        "--workers",
        "0",
        "--calls",
        "2",
        "--threads",
        "1",
    ]
    ours = f"--start-from {untrained_dir} --batch 8 --processes 1"
    models = [f"--act-flags={SMALL_ACT}", f"--sovereign-flags={ours}"]
    return ["--dataset", str(small_dataset), "--robot", str(robot), *quick, *models]


def bench(out: Path, flags: list[str], *more: str) -> int:
    return main(["bench", "peers", "--out", str(out), *flags, *more])


@pytest.fixture(scope="module")
def finished(tmp_path_factory, flags) -> Path:
    out = tmp_path_factory.mktemp("peers") / "out"
    assert bench(out, flags, "--only", "act") == 0
    return out


def test_lerobot_trains_act_and_our_code_measures_it(finished):
    found = json.loads((finished / "report.json").read_text())["policies"]["act"]
    assert found["success"]["n"] == 1
    assert found["training"]["step"] == 20
    assert found["training"]["seconds"] > 1.0
    assert "lerobot-train --policy.type=act, LeRobot's defaults, 1 threads" in found["training"]["note"]
    assert found["parameters"] > 10_000_000
    assert found["inference"]["1"]["n"] == found["inference"]["2"]["n"] == 2
    assert found["against_ours"] is None
    assert not (finished / "act" / "training").exists()


def test_ours_joins_the_table_later_and_nothing_finished_is_repeated(finished, flags, tmp_path, capsys):
    out = shutil.copytree(finished, tmp_path / "out")
    before = (out / "act" / "policy" / "model.safetensors").stat().st_mtime_ns

    assert bench(out, flags, "--only", "sovereign,act") == 0
    assert (out / "act" / "policy" / "model.safetensors").stat().st_mtime_ns == before
    found = json.loads((out / "report.json").read_text())
    assert found["tasks"] == ["place_in_bin"]
    assert list(found["policies"]) == ["sovereign", "act"]
    assert found["policies"]["act"]["against_ours"]["pairs"] == 1
    assert found["policies"]["sovereign"]["training"]["step"] == 20
    page = (out / "report.html").read_text()
    assert "they can only guess" in page
    printed = capsys.readouterr().out
    assert "McNemar p" in printed
    assert "too few" in printed


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--only", "act,pi0"], "policy 'pi0' is not known; choose of sovereign, act, diffusion"),
        (["--train-minutes", "0"], "expected more than 0 minutes"),
        (["--train-minutes", "9", "--only", "act"], "use the same flags or another --out"),
        (["--dataset", "nowhere"], "dataset nowhere does not exist"),
    ],
)
def test_a_wrong_flag_is_one_sentence(finished, flags, capsys, more, sentence):
    assert bench(finished, flags, *more) == 2
    assert sentence in capsys.readouterr().err
