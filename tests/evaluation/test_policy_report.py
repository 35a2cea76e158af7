import json

from sovereign_robot.evaluation.policy_report import write_policy_report
from tests.evaluation.test_policy_bench import BOUNDS, COST


def test_both_files_say_the_same_of_each_bound(tmp_path):
    checks = COST.checks(BOUNDS)

    page = write_policy_report(tmp_path, COST, checks, {"processor": "a <fast> one"})

    report, html = json.loads((tmp_path / "report.json").read_text()), page.read_text()
    assert report["kind"] == "policy"
    assert report["passed"]
    assert [row["name"] for row in report["checks"]] == [check.name for check in checks]
    assert all(f"{check.value:.2f} {check.unit}" in html for check in checks)
    assert "a &lt;fast&gt; one" in html
    assert COST.bundle.sha256 in html
    assert "推論時間" in html
