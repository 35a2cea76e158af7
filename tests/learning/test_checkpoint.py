import json
import shutil
from dataclasses import asdict
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from sovereign_robot.contract.errors import CheckpointError, ContractMismatch, UsageError
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.learning import checkpoint
from sovereign_robot.learning.objective import StudentWithText
from sovereign_robot.learning.training import open_run
from sovereign_robot.policy.run_datasets import spread
from tests.learning.samples import small_recipe
from tests.policies import student_of


@pytest.fixture
def folder(untrained_dir: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(untrained_dir, tmp_path / "training"))


def rewrite(folder: Path, change) -> None:
    """Write the checkpoint again with changed facts."""
    path = folder / checkpoint.TENSORS
    with safe_open(path, "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        facts = json.loads(file.metadata()["facts"])
    change(facts, tensors)
    save_file(tensors, path, metadata={"facts": json.dumps(facts)})


def test_what_was_saved_comes_back(folder, robot):
    loaded = checkpoint.load(folder, robot)

    assert loaded.contract == robot
    assert loaded.config == student_of(robot)
    loaded.restore(StudentWithText(loaded.config), "average")


def test_a_crash_between_the_two_files_cannot_mix_two_checkpoints(folder, robot):
    (folder / checkpoint.FACTS).write_text('{"step": 999')

    assert checkpoint.load(folder, robot).facts["step"] == 0


def test_the_facts_lie_beside_it_for_people(folder, robot):
    assert spread(json.loads((folder / checkpoint.FACTS).read_text())) == checkpoint.load(folder, robot).facts


def test_a_missing_checkpoint_is_refused_with_how_to_make_one(tmp_path, robot):
    with pytest.raises(
        CheckpointError, match=r"holds no checkpoint\.safetensors: train first with `sovereign-robot"
    ):
        checkpoint.load(tmp_path, robot)


@pytest.mark.parametrize("length", [0, 7, 500, -1])
def test_a_checkpoint_that_was_cut_short_is_refused(folder, robot, length):
    path = folder / checkpoint.TENSORS
    path.write_bytes(path.read_bytes()[:length])

    with pytest.raises(CheckpointError, match=r"checkpoint\.safetensors is cut short or not a checkpoint"):
        checkpoint.load(folder, robot)


@pytest.mark.parametrize("field", ["student", "contract", "recipe", "history"])
def test_a_checkpoint_that_lacks_a_fact_is_refused_by_its_name(folder, robot, field):
    rewrite(folder, lambda facts, tensors: facts.pop(field))

    with pytest.raises(CheckpointError, match=f"not a checkpoint of this version .*{field}"):
        checkpoint.load(folder, robot)


def test_a_safetensors_file_of_something_else_is_refused(tmp_path, robot):
    save_file({"x": torch.zeros(3)}, tmp_path / checkpoint.TENSORS)

    with pytest.raises(CheckpointError, match="not a checkpoint of this version"):
        checkpoint.load(tmp_path, robot)


def test_a_checkpoint_for_another_robot_is_refused_with_both_sides(folder):
    with pytest.raises(ContractMismatch, match="camera front width_px: 128 != 64"):
        checkpoint.load(folder, load_robot("so101"))


def test_weights_of_another_student_are_refused(folder, robot):
    rewrite(folder, lambda facts, tensors: tensors.pop("average/student.enter.weight"))
    loaded = checkpoint.load(folder, robot)

    with pytest.raises(CheckpointError, match="holds other average weights than this version of the student"):
        loaded.restore(StudentWithText(loaded.config), "average")


def test_another_recipe_is_refused_with_the_flags_that_differ(folder, robot):
    recipe = small_recipe(steps=100)
    begun = asdict(recipe) | {"steps": 200, "seed": 5}
    rewrite(folder, lambda facts, tensors: facts.update(recipe=begun))

    with pytest.raises(UsageError, match="was begun with steps 200 != 100, seed 5 != 0: use the same flags"):
        open_run(folder, robot, recipe, student_of(robot), [])


def test_another_student_is_refused_with_the_options_that_differ(folder, robot):
    recipe, other = small_recipe(), student_of(robot, action_space="state", trunk_blocks=2)
    rewrite(folder, lambda facts, tensors: facts.update(recipe=asdict(recipe)))

    with pytest.raises(
        UsageError, match=r"student\.trunk_blocks 4 != 2, student\.action_space committed != state"
    ):
        open_run(folder, robot, recipe, other, [])


def test_other_datasets_are_refused(folder, robot, small_dataset):
    recipe = small_recipe(steps=100)
    rewrite(folder, lambda facts, tensors: facts.update(recipe=asdict(recipe)))

    assert open_run(folder, robot, recipe, student_of(robot), []).facts["step"] == 0
    with pytest.raises(
        UsageError, match=f"was begun with other datasets than {small_dataset}: resume with those"
    ):
        open_run(folder, robot, recipe, student_of(robot), [small_dataset])
