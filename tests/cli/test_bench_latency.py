import json
import os
import time
from pathlib import Path

import pytest

from sovereign_robot.cli.main import main
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.evaluation.latency import PARTS
from tests.nodes.still_policy import write_still_policy

GENEROUS = [
    word
    for flag in ("p50-ms", "p99-ms", "jitter-ms", "lost-pictures-percent", "memory-growth-percent")
    for word in (f"--{flag}", "1e6")
]


@pytest.fixture(autouse=True)
def domain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROS_DOMAIN_ID", str(1 + (os.getpid() * 7 + time.monotonic_ns() // 1000) % 99))


def test_the_running_robot_is_measured_and_the_report_says_what_was_printed(tmp_path: Path, capsys):
    policy = write_still_policy(tmp_path, load_robot("so101"))
    out = tmp_path / "latency"

    flags = ["--policy", str(policy), "--seconds", "4", "--processor-percent", "1e6", *GENEROUS, "--json"]
    status = main(["bench", "latency", "--out", str(out), *flags])

    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((out / "report.json").read_text(encoding="utf-8"))
    short = {check["name"] for check in printed["checks"] if not check["passed"]}
    assert status == bool(short)
    assert short <= {"missed ticks"}  # a busy machine misses some
    assert printed["spreads"]["camera to command"]["n"] > 0
    assert set(PARTS) < set(printed["spreads"])
    assert printed["pictures"]["sent"] > 0
    assert {name: load["cores"] > 0.0 for name, load in printed["processes"].items()} == dict.fromkeys(
        ("sim_node", "policy_node", "safety_node"), True
    )
    assert "内訳" in (out / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--seconds", "0"], "--seconds 0 --seed 0 --replan-every-steps 4: expected at least 1 s"),
        (["--p99-ms", "0"], "--p99-ms 0: expected bounds above 0"),
        (["--task", "fold"], "task 'fold' is not known"),
        (["--policy", "/nowhere"], "policy folder /nowhere holds no policy.json"),
    ],
)
def test_bad_input_is_refused_before_anything_runs(tmp_path: Path, capsys, flags: list[str], sentence: str):
    out = tmp_path / "latency"
    assert main(["bench", "latency", "--out", str(out), *flags]) == 2
    assert sentence in capsys.readouterr().err
    assert not out.exists()
