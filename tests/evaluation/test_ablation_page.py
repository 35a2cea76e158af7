import xml.etree.ElementTree as ElementTree

from sovereign_robot.evaluation.ablation_cells import cell_file, run_cell
from sovereign_robot.evaluation.ablation_page import write_page
from sovereign_robot.evaluation.ablation_plan import Ablation, Plan
from tests.evaluation.ablation_samples import SampleSteps, sample_plan

PLAN = sample_plan({"episodes": 60, "splits": ["layout", "phrase"], "controls": "wrong_sentence"})


def run_all(out, plan: Plan = PLAN) -> None:
    for ablation in plan.ablations.values():
        for arm in ablation.arms.values():
            for cell in plan.cells(ablation, arm):
                run_cell(out, cell, SampleSteps())


def test_the_page_says_what_is_kept_by_the_rule(tmp_path):
    run_all(tmp_path / "out")
    write_page(PLAN, tmp_path / "out", tmp_path / "docs" / "ablations.md")

    text = (tmp_path / "docs" / "ablations.md").read_text()
    first, second = text.split("## ")[1:]
    assert first.startswith("A1: skill")
    assert "**Kept: high.**" in first
    assert "| high | `student.skill: 0.9` |" in first
    assert "240 scenes, 3 checkpoints" in first
    assert "layout " in first
    assert "dropped: it takes 4.00 times as long, more than 2" in second
    assert "**Kept: one.**" in second
    assert "keep what gains 5 points at most twice as slow" in second


def test_the_page_is_a_function_of_what_is_saved(tmp_path):
    run_all(tmp_path / "out")
    for page in ("one.md", "two.md"):
        write_page(PLAN, tmp_path / "out", tmp_path / page)

    one, two = ((tmp_path / name).read_text() for name in ("one.md", "two.md"))
    assert one.replace("one.svg", "two.svg") == two
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_what_is_not_measured_yet_is_said(tmp_path):
    run_all(tmp_path / "out")
    (cell,) = PLAN.cells(PLAN.ablations["A1"], PLAN.ablations["A1"].arms["low"])
    cell_file(tmp_path / "out", cell).unlink()

    write_page(PLAN, tmp_path / "out", tmp_path / "page.md")

    text = (tmp_path / "page.md").read_text()
    assert "not measured yet |" in text
    assert "the baseline is not measured yet |" in text
    assert "Not all arms are measured yet." in text


def test_the_picture_names_every_arm_and_can_be_read_as_svg(tmp_path):
    write_page(PLAN, tmp_path / "out", tmp_path / "page.md")

    drawn = "".join(ElementTree.parse(tmp_path / "page.svg").getroot().itertext())
    assert all(word in drawn for word in ("A1: skill", "A2: passes", "low", "high", "four"))


def test_arms_of_other_data_are_drawn_over_their_labels_too(tmp_path):
    arms = {name: {"datasets": [name], "overrides": {"student.skill": 0.5}} for name in ("few", "many")}
    of_data = {"question": "data", "baseline": "few", "rule": {"says": "more data stay"}, "arms": arms}
    plan = PLAN.model_copy(update={"ablations": {"A5": Ablation.model_validate(of_data)}})
    run_all(tmp_path / "out", plan)

    write_page(plan, tmp_path / "out", tmp_path / "page.md")

    assert "(page-labels.svg)" in (tmp_path / "page.md").read_text()
    drawn = "".join(ElementTree.parse(tmp_path / "page-labels.svg").getroot().itertext())
    assert all(word in drawn for word in ("A5: data", "few", "many", "27000"))
