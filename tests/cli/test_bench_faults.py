import json
from pathlib import Path

import pytest

from sovereign_robot.cli.bench_faults import Args, main
from sovereign_robot.contract.errors import ContractError, UsageError
from sovereign_robot.evaluation.fault_report import BEGIN, END
from tests.nodes.conftest import next_domain_id


@pytest.mark.parametrize(
    ("given", "error", "sentence"),
    [
        ({"repeat": 0}, UsageError, "--repeat 0: expected at least 1 round"),
        ({"only": "coffee"}, UsageError, "no fault 'coffee', expected one of "),
        ({"robot": "hal"}, ContractError, "robot 'hal' is not known"),
    ],
)
def test_bad_input_is_refused_before_anything_is_written(tmp_path: Path, given, error, sentence: str):
    out = tmp_path / "out"
    with pytest.raises(error, match=sentence):
        main(Args(out=out, **given))
    assert not out.exists()


def test_a_short_campaign_writes_report_page_and_table(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setenv("ROS_DOMAIN_ID", str(next_domain_id()))
    table = tmp_path / "safety.md"
    table.write_text(f"{BEGIN}\n{END}\n", encoding="utf-8")
    status = main(Args(out=tmp_path / "out", only="joint_missing", page=table))
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert (status, report["passed"]) == (0, True), report
    assert [result["name"] for result in report["results"]] == ["joint_missing"]
    assert "one joint is missing" in table.read_text(encoding="utf-8")
    assert "passed: 1 of 1 faults" in capsys.readouterr().out
