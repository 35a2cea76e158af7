"""A student that was never trained: as a training folder, and as the policy folder exported from it."""

from dataclasses import asdict
from pathlib import Path

import torch

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.learning import checkpoint
from sovereign_robot.learning.export import export
from sovereign_robot.learning.goal_code import GoalCode
from sovereign_robot.learning.objective import StudentWithText
from sovereign_robot.learning.recipe import Recipe
from sovereign_robot.learning.student_config import StudentConfig, StudentOptions

RECIPE = Recipe(
    steps=0,
    seconds=0.0,
    batch=8,
    learning_rate=1e-3,
    seed=0,
    processes=1,
    bf16=False,
    text="frozen",
    attention=0.1,
    keyframe=0.2,
    augment=1.0,
)
FACTS = {
    "recipe": asdict(RECIPE),
    "datasets": [],
    "samples": 0,
    "step": 0,
    "loss": 0.0,
    "seconds": 0.0,
    "history": [],
}


def student_of(robot: RobotContract, **options: object) -> StudentConfig:
    """The student of a robot; options as in `StudentOptions`."""
    return StudentConfig.of(StudentOptions(**options), robot, GoalCode().width)


def write_untrained(folder: Path, robot: RobotContract, seed: int = 0, **options: object) -> Path:
    """A training folder of real size; its random weights move each joint by a few hundredths of a radian."""
    torch.manual_seed(seed)
    config = student_of(robot, **options)
    model = StudentWithText(config)
    model.student.state_mean.copy_(torch.from_numpy(robot.home.copy()))
    model.student.state_std.fill_(0.5)
    model.student.step_std.fill_(0.05)
    with (
        torch.no_grad()
    ):  # an encoder that was never taught says the same of every sentence, unless it shouts
        for parameter in model.text.parameters():
            parameter.mul_(2.0)
    average = {f"average/{name}": tensor for name, tensor in model.state_dict().items()}
    checkpoint.save(folder, robot, config, average, FACTS)
    return folder


def write_policy(folder: Path, robot: RobotContract, seed: int = 0, **options: object) -> Path:
    """A policy folder with those weights."""
    folder.mkdir(parents=True, exist_ok=True)
    training = folder.with_name(f"{folder.name}-training")
    export(write_untrained(training, robot, seed, **options), folder, robot, draws=20)
    return folder
