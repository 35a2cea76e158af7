"""Scenes: what task, seed and split decide, and what every scene of every task keeps to."""

import hashlib
import json
from dataclasses import asdict

import pytest

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.sim.clutter import PIECES
from sovereign_robot.sim.language.grammar import grammar_of
from sovereign_robot.sim.sampling import ask_for, sample_scene
from sovereign_robot.sim.scene import SPLITS
from sovereign_robot.sim.tasks.registry import TASKS, load_task
from sovereign_robot.sim.variation import NOMINAL

SEEDS = range(60)
PINNED = {  # of seed 7, by task and split
    "reach": {"train": "76344fc7a18c", "phrase": "b3d7193cf40b", "clutter": "8484c55eb398"},
    "lift": {"train": "22d34e5841d7", "phrase": "76f9e8ed160d", "clutter": "7d11db3097ed"},
    "place_in_bin": {"train": "dbe1ace42002", "phrase": "b5c8e8ea1d5f", "clutter": "bf21e93ddf88"},
    "stack": {"train": "3b0f070d0738", "phrase": "fedcfbc9c1ae", "clutter": "d6a6fe9411ae"},
    "push_to_zone": {"train": "5a231dac1ca0", "phrase": "9e6e9d5bd9ea", "clutter": "6a36c8d0e4d1"},
    "press_button": {"train": "8694962c73d2", "phrase": "185f88c4e1b6", "clutter": "efa1bc2db7fc"},
    "open_drawer": {"train": "01b192d1e7d5", "phrase": "df170f5e6df7", "clutter": "8f09a687613c"},
    "close_drawer": {"train": "32e32f4e8f2f", "phrase": "91855c8ea2a9", "clutter": "650aef090543"},
    "insert_peg": {"train": "d5ac023be47d", "phrase": "c9e3d50fbe7e", "clutter": "20f742e3898c"},
    "turn_knob": {"train": "6b639fd32025", "phrase": "0a2742427aa5", "clutter": "5f4b9a968cd2"},
    "bring_to_tray": {"train": "796b59778ecf", "phrase": "5f9f7a2447a9", "clutter": "6b0f6331d208"},
    "sort_two": {"train": "6d3b9a4e4ed8", "phrase": "fbc33f054c34", "clutter": "aa0da82ed6b6"},
}


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


def test_only_a_typo_scene_says_its_sentence_with_a_slip(task, scenes):
    for split in scenes.keys() - {"typo"}:
        for scene in scenes[split]:
            assert reads(task, scene.instruction, scene.choices) == scene.goal
    known = {scene.instruction for split in ("train", "phrase") for scene in scenes[split]}
    mistyped = [scene.instruction not in known for scene in scenes["typo"]]
    assert sum(mistyped) > 0.9 * len(mistyped)


def test_another_goal_of_a_typo_scene_is_asked_for_with_a_slip_as_well(task, scenes):
    for scene in scenes["typo"][:10]:
        other = next(goal for goal in scene.choices if goal != scene.goal)
        assert ask_for(task, scene, other) == ask_for(task, scene, other)
        assert ask_for(task, scene, other).instruction != scene.instruction


def test_both_languages_occur_in_every_split(scenes):
    for drawn in scenes.values():
        assert {scene.language for scene in drawn} == {"ja", "en"}


def test_an_unknown_split_is_refused_with_those_there_are(robot, task):
    with pytest.raises(UsageError, match="split 'test' is not known; choose one of train, layout, phrase"):
        sample_scene(robot, task, 0, "test")


def reads(task, instruction, choices):
    return grammar_of(task.name).goal_of(instruction, choices)


def fingerprint(scene) -> str:
    text = json.dumps(asdict(scene), sort_keys=True, ensure_ascii=False, default=float)
    rounded = json.loads(text, parse_float=lambda number: round(float(number), 9))
    return hashlib.sha256(json.dumps(rounded, sort_keys=True).encode()).hexdigest()[:12]


def test_a_seed_is_the_same_scene_on_every_machine(robot, task):
    pinned = PINNED[task.name]

    assert {split: fingerprint(sample_scene(robot, task, 7, split)) for split in pinned} == pinned
