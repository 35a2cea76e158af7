import pytest
import yaml

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.resources import share_dir
from sovereign_robot.evaluation.ablation_plan import flags, read_plan
from tests.evaluation.ablation_samples import sample_plan


def test_overrides_become_flags_of_the_command_that_they_belong_to():
    common = {"train.learning_rate": 1e-3, "student.cameras": ["front"], "eval.latency": 0.1}
    plan = sample_plan(overrides=common)
    (cell,) = plan.cells(plan.ablations["A1"], plan.ablations["A1"].arms["low"])

    assert cell.train_flags == [
        *("--learning-rate", "0.001"),
        *("--student.cameras", "front"),
        *("--student.skill", "0.3"),
    ]
    assert cell.eval_flags == ["--latency", "0.1"]


def test_a_switch_is_a_flag_with_and_without_no():
    switches = {"student.use_keypoints": True, "student.film": False, "augment": False, "start": None}

    assert flags(switches) == [
        "--student.use-keypoints",
        "--student.no-film",
        "--no-augment",
        "--start",
        "None",
    ]


def test_an_arm_changes_what_all_share_and_its_data_replace_theirs():
    plan = sample_plan(overrides={"student.skill": 0.5}, train_seeds=[0, 1])
    arm = plan.ablations["A1"].arms["high"].model_copy(update={"datasets": ("more", "data")})

    cells = plan.cells(plan.ablations["A1"], arm)

    assert [cell.train_seed for cell in cells] == [0, 1]
    assert {cell.datasets for cell in cells} == {("more", "data")}
    assert {cell.overrides["student.skill"] for cell in cells} == {0.9}


def test_cells_with_the_same_settings_are_one_whatever_ablation_asks():
    plan = sample_plan()
    first, second = (
        plan.cells(plan.ablations[name], plan.ablations[name].arms[arm])[0]
        for name, arm in (("A1", "low"), ("A2", "one"))
    )

    assert first.key == second.key


def test_what_differs_in_its_scenes_alone_shares_its_training():
    one, other = sample_plan(), sample_plan({"splits": ["phrase"]}, overrides={"eval.latency": 0.1})
    longer = sample_plan(train_seconds=6)

    (first,), (second,), (third,) = (
        plan.cells(plan.ablations["A1"], plan.ablations["A1"].arms["low"]) for plan in (one, other, longer)
    )

    assert (first.key == second.key, first.train_key == second.train_key) == (False, True)
    assert first.train_key != third.train_key


def test_only_the_named_ablations_are_chosen():
    assert list(sample_plan().only("")) == ["A1", "A2"]
    assert list(sample_plan().only("A2")) == ["A2"]
    with pytest.raises(UsageError, match=r"ablation 'A9' is not in the plan; choose one of A1, A2"):
        sample_plan().only("A9")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda p: p["ablations"]["A1"].update(baseline="none"), "baseline 'none' is not one of the arms"),
        (lambda p: p["ablations"]["A1"]["rule"].update(metric="listened"), "needs wrong_sentence among"),
        (lambda p: p["common"].update(train_seconds=0), "common.train_seconds"),
        (lambda p: p["common"].update(minutes=3), "common.minutes: is not a known key"),
        (lambda p: p["common"].update(overrides={"--head": "l1"}), "common.overrides"),
    ],
)
def test_a_wrong_plan_is_refused_with_its_field(tmp_path, change, sentence):
    data = sample_plan().model_dump(mode="json")
    change(data)
    (tmp_path / "plan.yaml").write_text(yaml.safe_dump(data))

    with pytest.raises(UsageError, match=sentence):
        read_plan(tmp_path / "plan.yaml")


def test_a_plan_reads_back_as_it_was_written(tmp_path):
    (tmp_path / "plan.yaml").write_text(yaml.safe_dump(sample_plan().model_dump(mode="json")))

    assert read_plan(tmp_path / "plan.yaml") == sample_plan()


def test_the_plan_of_this_package_is_a_plan_whose_default_student_is_trained_once():
    plan = read_plan(share_dir() / "config" / "ablations.yaml")
    cells = [
        cell
        for ablation in plan.ablations.values()
        for arm in ablation.arms.values()
        if not arm.overrides and arm.datasets is None
        for cell in plan.cells(ablation, arm)
    ]

    assert list(plan.ablations) == ["A1", "A2", "A3", "A4", "A5", "A7", "A9", "A10"]
    assert len(cells) == 8
    assert len({cell.train_key for cell in cells}) == 1
