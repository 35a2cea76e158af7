import yaml
from rich.console import Console

from sovereign_robot.cli.bench_ablation import cells_of, run
from sovereign_robot.cli.main import main
from tests.evaluation.ablation_samples import SampleSteps, sample_plan

PLAN = sample_plan({"episodes": 30})


def test_every_cell_is_done_once_though_two_ablations_share_one(tmp_path, capsys):
    steps = SampleSteps()

    for _ in range(2):
        run(PLAN, PLAN.only(""), tmp_path, steps, Console())

    assert len(cells_of(PLAN, PLAN.only(""))) == 4
    assert len(steps.trained) == len(set(steps.trained)) == 3
    assert "3/4 A2 one, training seed 0, done before" in capsys.readouterr().out


def test_the_page_is_rendered_from_what_is_saved_and_names_what_is_missing(tmp_path, capsys):
    plan, out, page = tmp_path / "plan.yaml", tmp_path / "out", tmp_path / "page.md"
    plan.write_text(yaml.safe_dump(PLAN.model_dump(mode="json"), sort_keys=False))
    flags = ["--plan", str(plan), "--out", str(out), "--page", str(page), "--render"]

    assert main(["bench", "ablation", *flags]) == 1
    assert "not measured yet: A1 low, A1 high, A2 one, A2 four" in capsys.readouterr().out

    assert main(["bench", "ablation", *flags, "--only", "A7"]) == 2
    assert "choose one of A1, A2" in capsys.readouterr().err
