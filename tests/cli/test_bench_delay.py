import json
from pathlib import Path

import pytest

from sovereign_robot.cli.main import main


def test_a_small_bench_writes_report_and_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    flags = "--tasks reach --episodes 1 --added-delay-ms 0 200 --chunking prefix switch --workers 0"
    out, page = tmp_path / "delay", tmp_path / "latency.md"
    status = main(["bench", "delay", *flags.split(), "--out", str(out), "--page", str(page)])
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    cells = [(c["chunking"], c["added_delay_ms"], c["success"]["n"]) for c in report["cells"]]
    assert cells == [("prefix", 0, 1), ("prefix", 200, 1), ("switch", 0, 1), ("switch", 200, 1)]
    assert status in (0, 1)
    assert "`switch` | 200 ms" in page.read_text(encoding="utf-8")
    assert "recommended" in capsys.readouterr().out


def test_a_delay_below_0_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["bench", "delay", "--added-delay-ms", "-1", "--out", str(tmp_path / "d")]) == 2
    assert "expected at least one delay of 0 or more" in capsys.readouterr().err
