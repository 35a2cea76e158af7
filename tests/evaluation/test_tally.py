from sovereign_robot.evaluation.results import Phase
from sovereign_robot.evaluation.tally import Tally
from tests.evaluation.samples import sample_result


def test_a_wrong_sentence_is_counted_by_what_was_asked_and_by_what_was_told():
    told = [
        sample_result(0, arm="wrong_sentence", success=False, listened=True),
        sample_result(1, arm="wrong_sentence", success=True, listened=False),
        sample_result(2, arm="wrong_sentence", success=False, listened=False),
        sample_result(3, arm="wrong_sentence", success=False, listened=True),
    ]

    tally = Tally([sample_result(0), *told])

    assert {name: (r.successes, r.n) for name, r in tally.arms.items()} == {
        "wrong_sentence": (1, 4),
        "listened": (2, 4),
    }
    assert (tally.rate.successes, tally.rate.n) == (1, 1)


def test_a_part_is_cut_out_by_task_split_and_language():
    episodes = [
        sample_result(0, task="lift"),
        sample_result(1, task="lift", language="en", split="combo"),
        sample_result(2, task="reach"),
    ]

    tally = Tally(episodes)

    assert [e.seed for e in tally.of("lift").episodes] == [0, 1]
    assert [e.seed for e in tally.of(split="layout").episodes] == [0, 2]
    assert [e.seed for e in tally.of("lift", language="en").episodes] == [1]


def test_failures_are_counted_by_where_they_happened():
    episodes = [sample_result(0)] + [
        sample_result(i, success=False, phase=phase)
        for i, phase in enumerate((Phase.NOT_BEGUN, Phase.LOST_AGAIN, Phase.NOT_BEGUN), start=1)
    ]

    assert Tally(episodes).phases == {"not begun": 2, "lost again": 1}
    assert Tally(episodes).failed_seeds == [1, 2, 3]
