import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from sovereign_robot.contract.errors import ContractMismatch, DatasetError
from sovereign_robot.datasets.durable import read_json, write_json
from sovereign_robot.datasets.lerobot_v3 import open_dataset
from sovereign_robot.datasets.merge import (
    MERGED,
    RECIPE_FILE,
    begin,
    collected,
    elapsed_s,
    hold,
    merge,
    write_elapsed,
)
from sovereign_robot.datasets.takes import TAKES, unfinished
from tests.datasets.samples import sample_episode, sample_recipe, small_robot, write_dataset, write_takes

EPISODES = [sample_episode(2), sample_episode(0), sample_episode(1, frames=9, language="en")]
FAILED = replace(sample_episode(3), success=False)


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    return write_dataset(
        tmp_path_factory.mktemp("written") / "dataset", [*EPISODES, FAILED], sample_recipe(3)
    )


@pytest.fixture
def copied(written, tmp_path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "dataset"))


def seeds(root: Path) -> list[int]:
    return [e["seed"] for e in open_dataset(root, small_robot()).collection["episodes"]]


def test_a_dataset_holds_the_whole_takes_in_order_and_tells_of_the_failures(written):
    dataset = open_dataset(written, small_robot())

    assert (dataset.episodes, dataset.frames) == (3, 33)
    assert seeds(written) == [0, 1, 2]
    assert dataset.collection["failures"] == [{"task": "place_in_bin", "seed": 3}]
    assert dataset.collection["complete"]


def test_the_order_of_recording_does_not_change_the_content(written, tmp_path):
    other = write_dataset(tmp_path / "other", sorted(EPISODES, key=lambda e: e.seed), sample_recipe(3))

    assert collected(other)["content_sha256"] == collected(written)["content_sha256"]


def test_a_collection_that_was_killed_is_merged_when_it_is_opened(tmp_path):
    with hold(tmp_path):
        begin(tmp_path, sample_recipe(), small_robot())
        write_elapsed(tmp_path, 60.0)
    write_takes(tmp_path, EPISODES[1:])
    half = unfinished(tmp_path) / "half"
    half.mkdir(parents=True)

    dataset = open_dataset(tmp_path, small_robot())

    assert seeds(tmp_path) == [0, 1]
    assert not dataset.collection["complete"]
    assert dataset.collection["elapsed_s"] >= 60.0
    assert not half.exists()


def test_takes_that_came_later_are_in_the_dataset_when_it_is_opened_again(tmp_path):
    write_dataset(tmp_path, EPISODES[:1])
    write_takes(tmp_path, EPISODES[1:])

    assert seeds(tmp_path) == [0, 1, 2]


@pytest.mark.parametrize("moved", [(), ("data",), ("data", "videos"), ("data", "videos", "meta")])
def test_a_merge_that_was_killed_while_it_moved_is_finished(copied, tmp_path, moved):
    """The parts that are not `moved` still wait in takes/merged; the old ones lie about or are half gone."""
    (copied / MERGED).mkdir()
    for part in ("data", "videos", "meta"):
        if part not in moved:
            shutil.copytree(copied / part, copied / MERGED / part)
            shutil.rmtree(copied / part)
            (copied / part).mkdir()

    assert seeds(copied) == [0, 1, 2]
    assert not (copied / MERGED).exists()


def test_opening_a_merged_dataset_writes_nothing(copied):
    before = {p: p.stat().st_mtime_ns for p in copied.rglob("*")}

    open_dataset(copied, small_robot())

    assert {p: p.stat().st_mtime_ns for p in copied.rglob("*")} == before


def test_a_collection_without_a_whole_episode_is_one_sentence(tmp_path):
    with hold(tmp_path):
        begin(tmp_path, sample_recipe(), small_robot())
        write_takes(tmp_path, [FAILED])
        merge(tmp_path)

    with pytest.raises(DatasetError, match="holds no whole episode yet: go on with"):
        open_dataset(tmp_path, small_robot())
    assert (collected(tmp_path)["successes"], len(collected(tmp_path)["failures"])) == (0, 1)


def test_a_dataset_that_another_process_collects_is_left_to_it(tmp_path):
    with hold(tmp_path):
        begin(tmp_path, sample_recipe(), small_robot())
        write_takes(tmp_path, EPISODES)

        with pytest.raises(DatasetError, match=r"is being collected by process \d+: wait"), hold(tmp_path):
            pass
        with pytest.raises(DatasetError, match="is being collected"):
            open_dataset(tmp_path, small_robot())


def test_the_same_recipe_goes_on_and_may_ask_for_more(copied):
    begin(copied, sample_recipe(4), small_robot())
    write_takes(copied, [sample_episode(4)])

    assert seeds(copied) == [0, 1, 2, 4]


def test_fewer_episodes_are_the_first_ones(copied):
    begin(copied, sample_recipe(2), small_robot())

    assert seeds(copied) == [0, 1]


def test_another_recipe_or_robot_is_refused(copied):
    with pytest.raises(DatasetError, match=r"noise 0\.03 != 0\.5"):
        begin(copied, replace(sample_recipe(), noise=0.5), small_robot())
    faster = small_robot().model_copy(update={"policy_rate_hz": 25.0})
    with pytest.raises(ContractMismatch, match=r"policy_rate_hz: 25\.0 != 20\.0"):
        begin(copied, sample_recipe(), faster)


def test_a_collection_of_another_version_is_refused(copied):
    recipe = read_json(copied / RECIPE_FILE)
    write_json(copied / RECIPE_FILE, {**recipe, "version": "9.0.0", "weather": "rain"})

    with pytest.raises(DatasetError, match=r"was begun by version 9\.0\.0"):
        open_dataset(copied, small_robot())


def test_a_dataset_without_its_takes_opens_but_cannot_grow(copied):
    shutil.rmtree(copied / TAKES)

    assert seeds(copied) == [0, 1, 2]
    with pytest.raises(DatasetError, match="cannot grow, because its folder takes was deleted"):
        begin(copied, sample_recipe(4), small_robot())


def test_the_time_of_all_runs_is_kept(tmp_path):
    (tmp_path / TAKES).mkdir()
    assert elapsed_s(tmp_path) == 0.0
    write_elapsed(tmp_path, 12.5)
    assert elapsed_s(tmp_path) == 12.5
