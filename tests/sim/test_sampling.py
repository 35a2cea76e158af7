"""Scenes: what task, seed and split decide, and what every scene of every task keeps to."""

import hashlib
import json
from dataclasses import asdict

import pytest

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.sim.clutter import PIECES
from sovereign_robot.sim.sampling import sample_scene
from sovereign_robot.sim.scene import SPLITS
from sovereign_robot.sim.tasks.registry import TASKS, load_task
from sovereign_robot.sim.variation import NOMINAL

SEEDS = range(60)


@pytest.fixture(scope="module", params=TASKS)
def task(request):
    return load_task(request.param)


@pytest.fixture(scope="module")
def scenes(robot, task):
    return {split: [sample_scene(robot, task, seed, split) for seed in SEEDS] for split in SPLITS}


def test_a_scene_asks_for_one_of_several_goals_by_the_tasks_slots(task, scenes):
    for drawn in scenes.values():
        for scene in drawn:
            assert scene.goal in scene.choices
            assert len(scene.choices) >= 2
            for choice in scene.choices:
                assert set(choice) == set(task.slots)
                assert all(value in task.slots[slot] for slot, value in choice.items())
            assert len({tuple(sorted(choice.items())) for choice in scene.choices}) == len(scene.choices)


def test_everything_that_a_scene_names_is_in_the_world(task, scenes):
    for drawn in scenes.values():
        for scene in drawn:
            assert set(scene.props) <= set(task.props()) | set(PIECES)
            assert {name.split("/")[0] for name in scene.joints} <= set(scene.props)


def test_only_clutter_has_pieces_lie_around_and_none_that_a_sentence_could_mean(scenes):
    for split, drawn in scenes.items():
        for scene in drawn:
            pieces = [PIECES[name] for name in scene.props if name in PIECES]
            assert len(pieces) >= 2 if split == "clutter" else not pieces
            named = {value for choice in scene.choices for value in choice.values()}
            assert not named & {piece.colour for piece in pieces}


def test_training_varies_much_visual_the_look_and_no_other_split_anything(scenes):
    for split, drawn in scenes.items():
        varied = [scene.variation for scene in drawn if scene.variation != NOMINAL]
        if split == "train":
            assert len(SEEDS) / 2 < len(varied) < len(SEEDS)
        elif split == "visual":
            assert len(varied) == len(SEEDS)
            assert {one.dynamics for one in varied} == {None}
            assert len({one.look for one in varied}) == len(SEEDS)
        else:
            assert not varied


def test_no_two_splits_share_a_layout(scenes):
    layouts = [
        json.dumps([asdict(pose) for pose in scene.props.values()])
        for drawn in scenes.values()
        for scene in drawn
    ]

    assert len(set(layouts)) == len(layouts)


def test_only_combo_asks_for_combinations_that_training_never_shows(task, scenes):
    for split, drawn in scenes.items():
        assert all(task.is_held_out(scene.goal) == (split == "combo") for scene in drawn)


def test_both_languages_occur_in_every_split(scenes):
    for drawn in scenes.values():
        assert {scene.language for scene in drawn} == {"ja", "en"}


def test_an_unknown_split_is_refused_with_those_there_are(robot, task):
    with pytest.raises(UsageError, match="split 'test' is not known; choose one of train, layout, phrase"):
        sample_scene(robot, task, 0, "test")


def fingerprint(scene) -> str:
    text = json.dumps(asdict(scene), sort_keys=True, ensure_ascii=False, default=float)
    rounded = json.loads(text, parse_float=lambda number: round(float(number), 9))
    return hashlib.sha256(json.dumps(rounded, sort_keys=True).encode()).hexdigest()[:12]
