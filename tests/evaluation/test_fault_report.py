import json
from pathlib import Path

import pytest

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.evaluation.fault_judge import Audit, Promise, Sign, Verdict
from sovereign_robot.evaluation.fault_report import (
    BEGIN,
    END,
    markdown,
    rows_of,
    summary,
    write_fault_report,
    write_table,
)
from sovereign_robot.evaluation.fault_result import FaultResult

PROMISE = Promise(Sign.STATE, 0.2, frozenset({"holding"}), "gone")


def result(name: str = "camera_gone", detected_s: float | None = 0.1, *broken: str) -> FaultResult:
    verdict = Verdict(detected_s, "holding", "camera <front> | gone", 0.0, 0.4, Audit(0.0, 0.5, 0.3), broken)
    return FaultResult(name, "cameras", f"{name} in words", PROMISE, verdict, broken, "by itself", 1.0)


RESULTS = [result(), result("camera_black"), result(detected_s=0.3), result("camera_black", 0.2, "it moved")]


def test_rounds_of_one_fault_are_one_row_with_median_and_longest_time():
    gone, black = rows_of(RESULTS)
    assert (gone.survived, gone.passed, gone.detected) == (2, True, "0.20 s, at most 0.30 s")
    assert (black.survived, black.passed) == (1, False)


def test_the_summary_counts_faults_and_cases():
    numbers = summary(RESULTS)
    counts = [numbers[k] for k in ("faults", "survived_in_every_round", "cases", "cases_survived")]
    assert counts == [2, 1, 4, 3]
    assert numbers["worst_speed_share"] == 0.5


def test_both_files_say_the_same(tmp_path: Path):
    page = write_fault_report(tmp_path, RESULTS, {"cores": "2"}).read_text(encoding="utf-8")
    data = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert (data["passed"], data["faults"], len(data["results"])) == (False, 2, 4)
    assert "1/2" in page
    assert "it moved" in page
    assert "camera &lt;front&gt;" in page
    assert "<front>" not in page


def test_a_fault_without_a_sign_shows_a_dash():
    assert rows_of([result(detected_s=None)])[0].detected == "-"


def test_the_table_is_written_between_its_marks_and_nothing_else_changes(tmp_path: Path):
    path = tmp_path / "safety.md"
    path.write_text(f"# Safety\n\n{BEGIN}\nlast time\n{END}\n\nthe end\n", encoding="utf-8")
    write_table(path, RESULTS, {"cores": "2"})
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# Safety\n\n{BEGIN}\n")
    assert text.endswith(f"{END}\n\nthe end\n")
    assert "last time" not in text
    assert markdown(RESULTS, {"cores": "2"}) in text
    assert "1 of 2 faults survived in every round (3 of 4 cases)" in text


def test_a_bar_in_a_sentence_does_not_break_the_table():
    lines = [line for line in markdown(RESULTS, {}).splitlines() if line.startswith("|")]
    assert {line.count("|") for line in lines} == {8}


def test_a_page_without_marks_is_refused(tmp_path: Path):
    (tmp_path / "page.md").write_text("nothing here", encoding="utf-8")
    with pytest.raises(UsageError, match="has no lines"):
        write_table(tmp_path / "page.md", RESULTS, {})
