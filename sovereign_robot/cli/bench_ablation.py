"""Train the arms of a plan alike, measure them on the same scenes, and keep what its rules keep.

Each cell is saved as soon as it is done; the same command goes on where it was stopped.
"""

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from sovereign_robot.cli.ablation_steps import CommandSteps
from sovereign_robot.cli.output import check_out, prepare_out
from sovereign_robot.evaluation.ablation_cells import Steps, read_cell, run_cell
from sovereign_robot.evaluation.ablation_page import write_page
from sovereign_robot.evaluation.ablation_plan import Ablation, Cell, Plan, read_plan

KIND = "ablation"


@dataclass
class Args:
    """What `sovereign-robot bench ablation` takes."""

    plan: Path = Path("config/ablations.yaml")
    """The plan: what is common, and the arms and rule of each ablation."""
    only: str = ""
    """Ablations of the plan, separated by commas; without it every one."""
    out: Path = Path("outputs/ablations")
    """Folder of the cells: new, empty, or of an earlier ablation."""
    page: Path = Path("docs/ablations.md")
    """The page, and beside it its picture, that are written from what is saved."""
    render: bool = False
    """Only write the page; train and measure nothing."""
    workers: int = 2
    """Processes that simulate; 0 simulates in the command's own."""
    robot: str = "so101"
    """Robot name or YAML file."""


def main(args: Args) -> int:
    """Does what is missing and writes the page; 0 when every cell of the chosen ablations is done, else 1."""
    plan = read_plan(args.plan)
    chosen = plan.only(args.only)
    check_out(args.out, KIND)
    console = Console()
    if not args.render:
        steps = CommandSteps(args.robot, args.workers, lambda what: console.print(f"  {what}"))
        run(plan, chosen, prepare_out(args.out, KIND), steps, console)
    write_page(plan, args.out, args.page)
    missing = [name for name, cell in cells_of(plan, chosen) if read_cell(args.out, cell) is None]
    console.print(f"page: {args.page}")
    if missing:
        console.print(f"not measured yet: {', '.join(dict.fromkeys(missing))}")
    return int(bool(missing))


def cells_of(plan: Plan, chosen: dict[str, Ablation]) -> list[tuple[str, Cell]]:
    """Every cell of some ablations, with the name of its arm."""
    return [
        (f"{name} {arm_name}", cell)
        for name, ablation in chosen.items()
        for arm_name, arm in ablation.arms.items()
        for cell in plan.cells(ablation, arm)
    ]


def run(plan: Plan, chosen: dict[str, Ablation], out: Path, steps: Steps, console: Console) -> None:
    """Do every cell that is not done."""
    cells = cells_of(plan, chosen)
    for number, (name, cell) in enumerate(cells, start=1):
        done = read_cell(out, cell) is not None
        note = ", done before" if done else ""
        console.print(f"{number}/{len(cells)} {name}, training seed {cell.train_seed}{note}")
        run_cell(out, cell, steps)
