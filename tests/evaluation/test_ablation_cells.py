import pytest

from sovereign_robot.contract.errors import CheckpointError
from sovereign_robot.evaluation.ablation_cells import cell_file, read_cell, run_cell
from tests.evaluation.ablation_samples import SampleSteps, sample_plan

SCENES = {"episodes": 10, "splits": ["layout", "phrase"], "seed": 7, "controls": "wrong_sentence"}
PLAN = sample_plan(SCENES)
(CELL,) = PLAN.cells(PLAN.ablations["A1"], PLAN.ablations["A1"].arms["high"])


def test_every_checkpoint_is_kept_with_each_scene(tmp_path):
    result = run_cell(tmp_path, CELL, SampleSteps())

    assert [c.name for c in result.checkpoints] == ["00000", "00001", "00002"]
    first = result.checkpoints[0]
    assert set(first.marks["success"]) == {
        f"{t} {s} 7" for t in ("lift", "reach") for s in CELL.scenes.splits
    }
    assert set(first.scenes("success")) == {
        (task, split, seed)
        for task in ("lift", "reach")
        for split in CELL.scenes.splits
        for seed in range(7, 17)
    }
    assert all(first.scenes("listened").values())
    assert (first.parameters, first.labels) == (1_500_000, 27_000)


def test_a_cell_that_is_done_is_read_and_not_repeated(tmp_path):
    steps = SampleSteps()

    first, second = (run_cell(tmp_path, CELL, steps) for _ in range(2))

    assert steps.trained == [CELL.train_key]
    assert first == second == read_cell(tmp_path, CELL)


def test_a_cell_that_was_stopped_is_not_done(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run_cell(tmp_path, CELL, SampleSteps(broken=("00002",)))

    assert read_cell(tmp_path, CELL) is None
    assert len(run_cell(tmp_path, CELL, SampleSteps()).checkpoints) == 3


def test_a_broken_result_is_named_with_what_to_do(tmp_path):
    run_cell(tmp_path, CELL, SampleSteps())
    cell_file(tmp_path, CELL).write_text('{"cell": {}}')

    with pytest.raises(CheckpointError, match=rf"{CELL.key}\.json cannot be read .*delete it to repeat"):
        read_cell(tmp_path, CELL)
