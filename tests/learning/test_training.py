import json
from dataclasses import asdict
from pathlib import Path

import pytest
import torch

from sovereign_robot.learning import checkpoint
from sovereign_robot.learning.training import LOG, Recipe, Trainer

STEPS, BATCH = 12, 8


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def ignore(step: int, loss: float, rate: float) -> None:
    pass


def trainer(small_dataset, robot, out, recipe=None, **options) -> Trainer:
    return Trainer([small_dataset], robot, recipe or Recipe(STEPS, BATCH, 1e-3, 0, 1), out, **options)


def test_the_loss_falls(small_dataset, robot, untrained_dir, out):
    losses = []
    run = trainer(small_dataset, robot, out, Recipe(40, BATCH, 1e-2, 0, 1))
    run.begin(untrained_dir)
    run.run(lambda step, loss, rate: losses.append(loss))

    assert len(losses) == 40
    assert losses[-1] < 0.7 * losses[0]


def test_a_stopped_and_resumed_run_ends_with_the_same_bits(small_dataset, robot, untrained_dir, tmp_path):
    folders = {name: tmp_path / name for name in ("whole", "stopped")}
    for folder in folders.values():
        folder.mkdir()
    whole = trainer(small_dataset, robot, folders["whole"])
    whole.begin(untrained_dir)
    whole.run(ignore)

    def stop(step: int, loss: float, rate: float) -> None:
        if step == 8:
            raise KeyboardInterrupt

    stopped = trainer(small_dataset, robot, folders["stopped"], checkpoint_steps=5)
    stopped.begin(untrained_dir)
    with pytest.raises(KeyboardInterrupt):
        stopped.run(stop)
    resumed = trainer(small_dataset, robot, folders["stopped"])
    resumed.resume()
    assert resumed.step == 5
    resumed.run(ignore)

    one, other = (checkpoint.load(folder, robot) for folder in folders.values())
    assert one.tensors.keys() == other.tensors.keys()
    assert [name for name in one.tensors if not torch.equal(one.tensors[name], other.tensors[name])] == []
    assert one.facts["history"] == other.facts["history"]


def test_the_same_recipe_gives_the_same_bits_and_another_seed_does_not(
    small_dataset, robot, untrained_dir, tmp_path
):
    made = []
    for index, seed in enumerate((0, 0, 1)):
        folder = tmp_path / str(index)
        folder.mkdir()
        run = trainer(small_dataset, robot, folder, Recipe(3, BATCH, 1e-3, seed, 1))
        run.begin(untrained_dir)
        run.run(ignore)
        made.append(checkpoint.load(folder, robot).tensors["average/student.chunk.weight"])

    assert torch.equal(made[0], made[1])
    assert not torch.equal(made[0], made[2])


def test_a_checkpoint_tells_its_recipe_its_data_and_the_run_it_began_with(
    small_dataset, robot, untrained_dir, out
):
    recipe = Recipe(2, BATCH, 1e-3, 0, 1)
    run = trainer(small_dataset, robot, out, recipe)
    run.begin(untrained_dir)
    run.run(ignore)
    facts = checkpoint.load(out, robot).facts

    assert facts["recipe"] == asdict(recipe)
    assert facts["step"] == 2
    assert facts["samples"] == run.frames == 72
    (dataset,) = facts["datasets"]
    assert (dataset["successes"], dataset["failures"], dataset["seed"]) == (3, 1, 0)
    assert not {"episodes", "workers"} & set(dataset)
    assert [earlier["step"] for earlier in facts["history"]] == [0]


def test_the_log_has_a_line_for_every_fiftieth_step(small_dataset, robot, untrained_dir, out):
    run = trainer(small_dataset, robot, out, Recipe(50, 2, 1e-3, 0, 1))
    run.begin(untrained_dir)
    run.run(ignore)
    lines = [json.loads(line) for line in (out / LOG).read_text().splitlines()]

    assert [line["step"] for line in lines] == [50]
    assert {"step", "loss", "seconds"} == set(lines[0])


def test_only_process_0_makes_the_weights(small_dataset, robot, out):
    """The others take them from it, so they neither teach words nor read a checkpoint."""
    helper = trainer(small_dataset, robot, out, rank=1)

    helper.begin(out / "nowhere")
    assert helper.step == 0


def test_no_checkpoint_holds_code(small_dataset, robot, untrained_dir, out):
    run = trainer(small_dataset, robot, out, Recipe(1, BATCH, 1e-3, 0, 1))
    run.begin(untrained_dir)
    run.run(ignore)

    assert {path.name for path in out.iterdir()} == {checkpoint.TENSORS, checkpoint.FACTS}
