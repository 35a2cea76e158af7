import json
from pathlib import Path

import pytest

from sovereign_robot.cli.main import main
from tests.evaluation.samples import sample_report, sample_result


@pytest.fixture
def reports(tmp_path) -> tuple[str, str]:
    folders = []
    for name, failed in (("weak", range(20)), ("strong", range(2))):
        episodes = [
            sample_result(i, split=split, success=i not in failed)
            for split in ("layout", "combo")
            for i in range(30)
        ]
        (tmp_path / name).mkdir()
        text = json.dumps(sample_report(episodes).as_dict())
        (tmp_path / name / "report.json").write_text(text)
        folders.append(str(tmp_path / name))
    return folders[0], folders[1]


def test_the_verdict_is_a_sentence_and_status_0_unless_the_second_is_worse(reports, capsys):
    weak, strong = reports

    assert main(["bench", "compare", weak, strong]) == 0
    out = capsys.readouterr().out
    assert f"{strong} is better than {weak}" in out
    assert "too few" in out
    assert "seeds 0 .. 29" in out

    assert main(["bench", "compare", strong, weak]) == 1


def test_json_holds_every_split_and_task(reports, capsys):
    assert main(["bench", "compare", *reports, "--json"]) == 0

    data = json.loads(capsys.readouterr().out)
    assert (data["all"]["pairs"], data["all"]["first_only"], data["all"]["second_only"]) == (60, 0, 36)
    assert data["by_split"]["combo"]["too_few_to_claim"]
    assert data["by_task"]["place_in_bin"]["pairs"] == 60


def test_a_report_that_is_missing_is_one_sentence(reports, tmp_path, capsys):
    assert main(["bench", "compare", reports[0], str(Path(tmp_path) / "none")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
