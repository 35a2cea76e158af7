import json

from sovereign_robot.evaluation.results import Phase, by
from tests.evaluation.samples import sample_result


def test_a_summary_is_plain_json_with_what_was_asked_and_where_it_failed():
    failed = sample_result(4, success=False, progress=0.3, phase=Phase.LOST_AGAIN)

    data = json.loads(json.dumps(failed.summary()))

    assert (data["arm"], data["task"], data["split"], data["seed"]) == ("policy", "place_in_bin", "layout", 4)
    assert data["goal"] == {"colour": "red", "bin": "left"}
    assert (data["success"], data["progress"], data["phase"]) == (False, 0.3, "lost again")
    assert data["latency"]["p50_s"] == 0.03


def test_without_traces_nothing_is_lost_but_what_is_drawn():
    whole = sample_result(1)
    light = whole.without_traces()

    assert light.summary() == whole.summary()
    assert [len(v) for v in (light.stamp_s, light.joint_position_rad, light.command_rad, light.qpos)] == [
        0
    ] * 4
    assert len(light.inference_s) == len(whole.inference_s)


def test_groups_come_in_the_order_in_which_they_first_occur():
    episodes = [sample_result(0, task="lift"), sample_result(1, task="reach"), sample_result(2, task="lift")]

    assert {k: [e.seed for e in v] for k, v in by(episodes, lambda e: e.task).items()} == {
        "lift": [0, 2],
        "reach": [1],
    }
