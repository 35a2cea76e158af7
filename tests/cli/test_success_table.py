from rich.console import Console

from sovereign_robot.cli.success_table import success_table
from sovereign_robot.evaluation.matrix import rows_of
from tests.evaluation.samples import sample_report, sample_result


def test_every_task_and_language_stands_with_its_number_of_episodes_and_interval():
    episodes = [
        sample_result(seed, success=seed < 3, language=language, task=task)
        for task in ("lift", "reach")
        for seed, language in enumerate(("ja", "en", "ja", "en"))
    ]
    rows = rows_of(sample_report(episodes))
    console = Console(width=100)

    with console.capture() as capture:
        console.print(success_table(rows, ["layout"]))

    printed = capture.get()
    assert [row.name for row in rows] == ["lift", "reach", "all tasks", "en", "ja"]
    assert all(row.name in printed for row in rows)
    assert "75% 3/4" in printed
    assert "75% 6/8" in printed
    assert "30% .. 95%" in printed
