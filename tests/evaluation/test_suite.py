import dataclasses

import pytest

from sovereign_robot.contract.robot import load_robot
from sovereign_robot.evaluation.suite import SceneResult, SuiteBench, TaskResult

SCENE = SceneResult("lift", 0, "ja", True, 3.0, 0.8, 0.9, False)


def results(successes: int, blind: int, n: int = 100, task: str = "lift", **fields: float) -> TaskResult:
    scenes = (
        dataclasses.replace(SCENE, seed=i, success=i < successes, blind_success=i < blind, **fields)
        for i in range(n)
    )
    return TaskResult(task, tuple(scenes))


def test_a_task_passes_with_an_able_expert_within_limits_whose_sentence_is_needed():
    assert results(97, 55).passed
    assert not results(96, 55).passed
    assert not results(97, 56).passed
    assert not results(97, 55, velocity_share=1.01).passed
    assert not results(97, 55, acceleration_share=1.01).passed


def test_where_two_millimetres_decide_95_percent_pass():
    assert results(95, 0, task="insert_peg").passed
    assert not results(94, 0, task="insert_peg").passed


def test_the_table_names_failed_seeds_and_only_times_successes():
    short = results(98, 10)
    late = dataclasses.replace(SCENE, seed=500, success=False, time_s=14.0)
    both = TaskResult("lift", (*short.scenes, late))

    assert both.as_dict()["failed_seeds"] == [98, 99, 500]
    assert both.seconds == pytest.approx(3.0)


def test_the_same_scenes_are_measured_by_one_and_by_two_processes():
    bench = SuiteBench(load_robot("so101"), ("place_in_bin",), 3, 20, "layout")

    alone, together = list(bench.run(0)), list(bench.run(2))

    assert alone == together
    assert [scene.seed for scene in alone] == [20, 21, 22]
    assert all(scene.success and scene.velocity_share <= 1.0 for scene in alone)
    assert not all(scene.blind_success for scene in alone)
