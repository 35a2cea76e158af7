import json

import pytest

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.evaluation.compare import Comparison, read_measured
from tests.evaluation.samples import sample_report, sample_result


def write(folder, failed=(), n=60, **fields):
    """A report where the scenes of some seeds failed."""
    folder.mkdir()
    episodes = [sample_result(i, success=i not in failed, **fields) for i in range(n)]
    data = sample_report(episodes).as_dict()
    (folder / "report.json").write_text(json.dumps(data))
    return folder


@pytest.fixture
def compare(tmp_path):
    def between(first, second):
        return Comparison(
            read_measured(write(tmp_path / "a", **first)), read_measured(write(tmp_path / "b", **second))
        )

    return between


def test_a_policy_that_gains_many_scenes_and_loses_few_is_better(compare):
    comparison = compare({"failed": range(12)}, {"failed": range(11, 13)})

    assert comparison.pairs.p == pytest.approx(2 * 13 / 2**12)
    assert "/b is better than " in comparison.verdict
    assert "80.0% and 96.7% of the same 60 scenes, +16.7 points" in comparison.verdict
    assert "only the first succeeded in 1 and only the second in 11" in comparison.verdict
    assert not comparison.worse


def test_the_first_can_be_the_better_one(compare):
    comparison = compare({}, {"failed": range(9)})

    assert "/a is better than " in comparison.verdict
    assert comparison.worse


def test_few_discordant_scenes_show_no_difference(compare):
    comparison = compare({"failed": range(5)}, {})

    assert comparison.verdict.startswith("no difference is shown between ")
    assert not comparison.worse


def test_the_same_run_twice_is_no_difference(compare):
    assert compare({"failed": [3]}, {"failed": [3]}).pairs.p == 1.0


def test_control_arms_are_not_compared(tmp_path):
    folder = write(tmp_path / "a")
    arms = [sample_result(i, arm="expert") for i in range(9)]
    data = sample_report([*(sample_result(i) for i in range(50)), *arms]).as_dict()
    (folder / "report.json").write_text(json.dumps(data))

    assert len(read_measured(folder).episodes) == 50


@pytest.mark.parametrize(
    ("second", "sentence"),
    [
        ({"n": 61}, r"different seeds, 0 \.\. 59 \(60\) and 0 \.\. 60 \(61\)"),
        ({"task": "lift"}, "different tasks, place_in_bin and lift: evaluate both on the same --tasks"),
        ({"split": "combo"}, "different splits, layout and combo"),
        ({"colour": "blue"}, "do not hold the same scene for place_in_bin, layout, seed 0"),
        ({"language": "en"}, "do not hold the same scene"),
    ],
)
def test_other_scenes_are_no_pairs(compare, second, sentence):
    with pytest.raises(UsageError, match=sentence):
        compare({}, second)


def test_fewer_than_50_pairs_are_refused(compare):
    with pytest.raises(UsageError, match="share 49 scenes, too few to claim a difference"):
        compare({"n": 49}, {"n": 49})


def test_another_robot_is_refused(compare, tmp_path):
    folder = write(tmp_path / "c")
    data = json.loads((folder / "report.json").read_text())
    (folder / "report.json").write_text(json.dumps(data | {"contract_sha256": "0"}))

    with pytest.raises(UsageError, match="different robots"):
        Comparison(read_measured(write(tmp_path / "d")), read_measured(folder))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "cannot be read as a report"),
        ("[]", "holds no report, expected a report of `eval`"),
        ('{"kind": "suite"}', "holds suite, expected a report of `eval` or `demo`"),
        ('{"kind": "eval", "episodes": [{"seed": 0}]}', "an episode lacks 'arm'"),
    ],
)
def test_what_is_no_report_of_episodes_is_one_sentence(tmp_path, text, sentence):
    (tmp_path / "report.json").write_text(text)

    with pytest.raises(UsageError, match=sentence):
        read_measured(tmp_path)


def test_a_run_through_ros_is_compared_with_one_without(tmp_path):
    first, second = write(tmp_path / "eval"), write(tmp_path / "demo")
    report = json.loads((second / "report.json").read_text())
    (second / "report.json").write_text(json.dumps(report | {"kind": "demo"}))

    assert Comparison(read_measured(first), read_measured(second)).pairs.difference == 0.0


def test_a_missing_report_is_one_sentence(tmp_path):
    with pytest.raises(UsageError, match="cannot be read as a report"):
        read_measured(tmp_path / "nowhere")
