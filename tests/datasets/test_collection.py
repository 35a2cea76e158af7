import json
from dataclasses import asdict, replace

import pytest

from sovereign_robot.contract.errors import DatasetError
from sovereign_robot.datasets.collection import report
from sovereign_robot.datasets.takes import TakeFacts, TakeId
from tests.datasets.samples import sample_recipe

RECIPE = replace(
    sample_recipe(episodes_per_task=2, tasks=("reach", "place_in_bin")),
    tasks={"reach": {"far": 1}, "lift": {}},
)


def facts(task: str, seed: int, language: str = "ja", worker: str = "a/1") -> TakeFacts:
    return TakeFacts(
        task=task,
        seed=seed,
        split="train",
        goal={"colour": "red"},
        instruction="赤に触って",
        language=language,
        success=True,
        teaches=True,
        rate_hz=20.0,
        frames=12,
        expert_frames=9,
        worker=worker,
        seconds={"physics": 1.0, "rendering": 2.0},
    )


EPISODES = [facts("lift", 0), facts("lift", 2, "en", "b/2"), facts("reach", 0)]
FAILURES = [facts("lift", 1)]


def test_episodes_failures_languages_and_time_are_counted():
    made = report(RECIPE, EPISODES, FAILURES, 30.0)

    assert (made["successes"], made["failures"]) == (3, [{"task": "lift", "seed": 1}])
    assert made["by_task"] == {
        "lift": {"episodes": 2, "failed": 1, "goals_reached": 2},
        "reach": {"episodes": 1, "failed": 0, "goals_reached": 1},
    }
    assert made["languages"] == {"en": 1, "ja": 2}
    assert (made["frames"], made["expert_frames"]) == (36, 27)
    assert made["episodes_per_minute"] == pytest.approx(6.0)
    assert made["seconds"] == {"physics": 4.0, "rendering": 8.0}
    assert made["workers"] == [{"physics": 3.0, "rendering": 6.0}, {"physics": 1.0, "rendering": 2.0}]


def test_every_episode_says_what_it_shows():
    episode = report(RECIPE, EPISODES, FAILURES, 30.0)["episodes"][1]

    assert episode == {
        "episode_index": 1,
        "task": "lift",
        "seed": 2,
        "split": "train",
        "goal": {"colour": "red"},
        "instruction": "赤に触って",
        "language": "en",
        "success": True,
        "frames": 12,
        "expert_frames": 9,
    }


def test_a_students_attempt_teaches_whether_or_not_it_reached_the_goal():
    missed = replace(facts("reach", 0), success=False)
    made = report(RECIPE, [*EPISODES[:2], missed], FAILURES, 30.0)

    assert (made["successes"], made["goals_reached"]) == (3, 2)
    assert made["by_task"]["reach"] == {"episodes": 1, "failed": 0, "goals_reached": 0}
    assert [e["success"] for e in made["episodes"]] == [True, True, False]


def test_a_collection_is_complete_when_every_task_has_its_episodes():
    assert not report(RECIPE, EPISODES, FAILURES, 30.0)["complete"]
    assert report(RECIPE, [*EPISODES, facts("reach", 1)], FAILURES, 30.0)["complete"]


def test_a_dataset_holds_the_first_seeds_of_each_task_task_after_task():
    done = [TakeId("reach", 3), TakeId("lift", 9), TakeId("reach", 1), TakeId("reach", 0), TakeId("stack", 0)]

    assert RECIPE.choose(done) == [("lift", 9), ("reach", 0), ("reach", 1)]


def test_the_same_recipe_goes_on_with_more_episodes():
    replace(RECIPE, episodes_per_task=9).require_match(json.loads(json.dumps(asdict(RECIPE))))


def test_another_recipe_is_refused_with_every_difference():
    other = replace(RECIPE, noise=0.5, seed=7, tasks={"reach": {"far": 2}})

    with pytest.raises(DatasetError) as refusal:
        other.require_match(asdict(RECIPE))
    assert "seed 0 != 7; noise 0.03 != 0.5; tasks ['lift', 'reach'] != ['reach']; reach.far 1 != 2" in str(
        refusal.value
    )


def test_a_dataset_of_an_older_kind_is_another_recipe():
    with pytest.raises(DatasetError, match=r"version None != '0\.1\.0'"):
        RECIPE.require_match({"task": "place_in_bin"})
