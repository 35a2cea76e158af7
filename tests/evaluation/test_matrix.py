from sovereign_robot.evaluation.matrix import failure_matrix, rows_of, success_matrix
from sovereign_robot.evaluation.results import Phase
from tests.evaluation.samples import sample_report, sample_result


def episodes(*arms: str):
    return [
        sample_result(
            i, task=task, split=split, language=("ja", "en")[i % 2], arm=arm, success=task == "lift"
        )
        for task in ("lift", "reach")
        for split in ("layout", "combo")
        for arm in ("policy", *arms)
        for i in range(4)
    ]


def test_the_table_has_a_line_per_task_all_tasks_and_each_language():
    rows = rows_of(sample_report(episodes("expert")))

    assert [row.name for row in rows] == ["lift", "reach", "all tasks", "en", "ja"]
    assert all(list(row.rates) == ["layout", "combo", "all splits", "expert"] for row in rows)
    assert [(r.successes, r.n) for r in rows[0].rates.values()] == [(4, 4), (4, 4), (8, 8), (8, 8)]
    assert [(r.successes, r.n) for r in rows[3].rates.values()] == [(2, 4), (2, 4), (4, 8), (4, 8)]


def test_one_task_and_one_split_need_no_sums():
    rows = rows_of(sample_report([sample_result(0), sample_result(1, language="en")]))

    assert [row.name for row in rows] == ["place_in_bin", "en", "ja"]
    assert list(rows[0].rates) == ["layout"]


def test_every_cell_shows_its_number_of_episodes_and_interval():
    html = success_matrix(sample_report(episodes("wrong_sentence")))

    assert html.count("<td") == 5 * (1 + 5)
    assert html.count("class='bar'") == 5 * 5
    assert "4/4 · 51% .. 100%" in html
    assert "too few to claim" in html
    assert "指示に従う" in html


def test_enough_episodes_are_not_called_too_few():
    html = success_matrix(sample_report([sample_result(i, language=("ja", "en")[i % 2]) for i in range(100)]))

    assert "Wilson" in html
    assert "too few" not in html


def test_failures_stand_by_task_and_phase():
    failed = [
        sample_result(i, task="lift", success=False, phase=phase)
        for i, phase in enumerate((Phase.LOST_AGAIN, Phase.NOT_BEGUN, Phase.LOST_AGAIN))
    ]
    html = failure_matrix(sample_report([*failed, sample_result(9, task="reach")]))

    assert html.index("not begun") < html.index("lost again")
    assert "<td>lift</td><td>1</td><td>2</td>" in html
    assert "reach" not in html


def test_a_run_without_failures_has_no_table_of_them():
    assert failure_matrix(sample_report([sample_result(0)])) == ""
