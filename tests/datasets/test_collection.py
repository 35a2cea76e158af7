import json
from dataclasses import replace

import pytest

from sovereign_robot.contract.errors import DatasetError
from sovereign_robot.datasets.collection import Collection, Recipe
from tests.datasets.samples import sample_episode

RECIPE = Recipe("0.1.0", "place_in_bin", "so101", "abc", "train", 5, 0.03, "")


def collected() -> Collection:
    collection = Collection(RECIPE, RECIPE.seed, elapsed_s=30.0)
    collection.add(5, sample_episode(5))
    collection.add(6, None)
    collection.add(7, sample_episode(7, language="en"))
    return collection


def test_successes_failures_and_languages_are_counted_by_seed():
    report = collected().report()

    assert (report["successes"], report["failures"], report["next_seed"]) == (2, [6], 8)
    assert report["languages"] == {"en": 1, "ja": 1}
    assert [e["seed"] for e in report["episodes"]] == [5, 7]
    assert [e["episode_index"] for e in report["episodes"]] == [0, 1]
    assert (report["frames"], report["expert_frames"]) == (24, 18)
    assert report["episodes_per_minute"] == pytest.approx(4.0)


def test_a_collection_goes_on_where_its_report_ends():
    report = json.loads(json.dumps(collected().report()))

    again = Collection.go_on(RECIPE, report)

    assert again.report() == report
    assert again.next_seed == 8


def test_another_recipe_is_refused_with_every_difference():
    other = replace(RECIPE, noise=0.5, seed=0)

    with pytest.raises(DatasetError, match=r"seed 5 != 0; noise 0\.03 != 0\.5"):
        Collection.go_on(other, collected().report())
