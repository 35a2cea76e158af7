import json
import time
from dataclasses import asdict
from pathlib import Path

import pytest
import torch

from sovereign_robot.learning import checkpoint
from sovereign_robot.learning.recipe import Recipe
from sovereign_robot.learning.student_config import StudentOptions
from sovereign_robot.learning.training import LOG, SNAPSHOTS, Trainer
from tests.learning.samples import small_recipe


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def ignore(done: float, step: int, loss: float, rate: float) -> None:
    pass


def trainer(small_dataset, robot, out, recipe: Recipe | None = None, **options) -> Trainer:
    return Trainer([small_dataset], robot, recipe or small_recipe(), StudentOptions(), out, **options)


def test_the_loss_falls(small_dataset, robot, untrained_dir, out):
    losses = []
    # Where the things are seen is drawn at random in this data: it cannot be learnt.
    recipe = small_recipe(steps=40, learning_rate=1e-2, attention=0.0)
    run = trainer(small_dataset, robot, out, recipe)
    run.begin(untrained_dir)
    run.run(lambda done, step, loss, rate: losses.append(loss))

    assert len(losses) == 40
    assert losses[-1] < 0.7 * losses[0]


@pytest.mark.parametrize("how", [{}, {"bf16": True, "text": "tuned"}], ids=["fp32", "bf16"])
def test_a_stopped_and_resumed_run_ends_with_the_same_bits(
    small_dataset, robot, untrained_dir, tmp_path, how
):
    recipe = small_recipe(**how)
    folders = {name: tmp_path / name for name in ("whole", "stopped")}
    for folder in folders.values():
        folder.mkdir()
    whole = trainer(small_dataset, robot, folders["whole"], recipe)
    whole.begin(untrained_dir)
    whole.run(ignore)

    def stop(done: float, step: int, loss: float, rate: float) -> None:
        if step == 8:
            raise KeyboardInterrupt

    stopped = trainer(small_dataset, robot, folders["stopped"], recipe, checkpoint_steps=5)
    stopped.begin(untrained_dir)
    with pytest.raises(KeyboardInterrupt):
        stopped.run(stop)
    resumed = trainer(small_dataset, robot, folders["stopped"], recipe)
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
        run = trainer(small_dataset, robot, folder, small_recipe(steps=3, seed=seed))
        run.begin(untrained_dir)
        run.run(ignore)
        made.append(checkpoint.load(folder, robot).tensors["average/student.head.out.weight"])

    assert torch.equal(made[0], made[1])
    assert not torch.equal(made[0], made[2])


def test_a_checkpoint_tells_its_recipe_its_data_and_the_run_it_began_with(
    small_dataset, robot, untrained_dir, out
):
    recipe = small_recipe(steps=2)
    run = trainer(small_dataset, robot, out, recipe)
    run.begin(untrained_dir)
    run.run(ignore)
    facts = checkpoint.load(out, robot).facts

    assert facts["recipe"] == asdict(recipe)
    assert facts["step"] == 2
    assert facts["samples"] == 72
    (dataset,) = facts["datasets"]
    assert (dataset["successes"], dataset["failures"], dataset["seed"]) == (3, 1, 0)
    assert not {"episodes", "workers"} & set(dataset)
    assert [earlier["step"] for earlier in facts["history"]] == [0]


def test_the_log_has_a_line_for_every_fiftieth_step(small_dataset, robot, untrained_dir, out):
    run = trainer(small_dataset, robot, out, small_recipe(steps=50, batch=2))
    run.begin(untrained_dir)
    run.run(ignore)
    lines = [json.loads(line) for line in (out / LOG).read_text().splitlines()]

    assert [line["step"] for line in lines] == [50]
    assert {"step", "loss", "seconds"} == set(lines[0])


@pytest.mark.parametrize("text", ["frozen", "tuned"])
def test_the_text_encoder_learns_only_where_it_is_told_to(small_dataset, robot, untrained_dir, out, text):
    run = trainer(small_dataset, robot, out, small_recipe(steps=3, text=text))
    run.begin(untrained_dir)
    run.run(ignore)
    before, after = (checkpoint.load(folder, robot).tensors for folder in (untrained_dir, out))
    names = [name for name in before if name.startswith("average/text.")]
    moved = [name for name in names if not torch.equal(before[name], after[name])]

    assert names
    assert bool(moved) == (text == "tuned")
    if text == "frozen":
        assert all(torch.equal(after[f"model/{name[8:]}"], before[name]) for name in names)


def test_the_last_tenth_of_a_run_leaves_snapshots_of_the_averaged_weights(
    small_dataset, robot, untrained_dir, out
):
    run = trainer(small_dataset, robot, out, small_recipe(steps=20))
    run.begin(untrained_dir)
    run.run(ignore)
    snapshots = {path.name: checkpoint.load(path, robot) for path in (out / SNAPSHOTS).iterdir()}

    assert {name: kept.facts["step"] for name, kept in snapshots.items()} == {"090": 18, "095": 19, "100": 20}
    last = checkpoint.load(out, robot).tensors
    for name, tensor in snapshots["100"].tensors.items():
        assert name.startswith("average/")
        assert torch.equal(tensor, last[name])


def test_a_run_ends_when_its_time_is_over_and_its_checkpoint_says_so(
    small_dataset, robot, untrained_dir, out
):
    shares = []
    recipe = small_recipe(steps=1_000_000, seconds=1.0, batch=2)
    run = trainer(small_dataset, robot, out, recipe)
    run.begin(untrained_dir)
    run.run(lambda done, step, loss, rate: shares.append(done))
    facts = checkpoint.load(out, robot).facts

    assert shares == sorted(shares)
    assert all(share < 1.0 for share in shares[:-1])
    assert shares[-1] >= 1.0
    assert facts["step"] == len(shares) < recipe.steps
    assert facts["seconds"] >= 1.0
    again = trainer(small_dataset, robot, out, recipe)
    again.resume()
    again.run(lambda done, step, loss, rate: pytest.fail("the time was over"))


def test_on_the_processors_clock_a_wait_is_no_training(small_dataset, robot, untrained_dir, out):
    run = trainer(small_dataset, robot, out, small_recipe(steps=1_000_000, seconds=1.0, clock="cpu", batch=2))
    run.begin(untrained_dir)
    began_s = time.monotonic()
    run.run(lambda done, step, loss, rate: time.sleep(0.2))

    facts = checkpoint.load(out, robot).facts
    assert facts["seconds"] >= 1.0
    assert time.monotonic() - began_s > facts["seconds"] + 0.1 * facts["step"]


def test_no_checkpoint_holds_code(small_dataset, robot, untrained_dir, out):
    run = trainer(small_dataset, robot, out, small_recipe(steps=1))
    run.begin(untrained_dir)
    run.run(ignore)

    files = {path.name for path in out.rglob("*") if path.is_file()}
    assert files == {checkpoint.TENSORS, checkpoint.FACTS}
