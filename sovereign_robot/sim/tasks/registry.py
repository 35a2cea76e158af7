"""The kinds of work by name."""

import difflib
from pathlib import Path

from pydantic import ValidationError

from sovereign_robot.contract.config_files import read_yaml
from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.validation import sentence
from sovereign_robot.sim.tasks.bring_to_tray import BringToTray
from sovereign_robot.sim.tasks.close_drawer import CloseDrawer
from sovereign_robot.sim.tasks.insert_peg import InsertPeg
from sovereign_robot.sim.tasks.lift import Lift
from sovereign_robot.sim.tasks.open_drawer import OpenDrawer
from sovereign_robot.sim.tasks.place_in_bin import PlaceInBin
from sovereign_robot.sim.tasks.press_button import PressButton
from sovereign_robot.sim.tasks.push_to_zone import PushToZone
from sovereign_robot.sim.tasks.reach import Reach
from sovereign_robot.sim.tasks.sort_two import SortTwo
from sovereign_robot.sim.tasks.stack import Stack
from sovereign_robot.sim.tasks.task import Task
from sovereign_robot.sim.tasks.turn_knob import TurnKnob

_KINDS: tuple[type[Task], ...] = (
    Reach,
    Lift,
    PlaceInBin,
    Stack,
    PushToZone,
    PressButton,
    OpenDrawer,
    CloseDrawer,
    InsertPeg,
    TurnKnob,
    BringToTray,
    SortTwo,
)
TASKS: dict[str, type[Task]] = {kind.name: kind for kind in _KINDS}
ALL = "all"


def load_task(name_or_path: str) -> Task:
    """The task of that name, or one that a YAML file changes: its key `task` names the kind.

    Raises:
        UsageError: unknown name, or a wrong field; names the field.
    """
    if not name_or_path.endswith((".yaml", ".yml")):
        return _kind(name_or_path)()
    path = Path(name_or_path)
    data = read_yaml("task", path, UsageError)
    if not isinstance(data, dict) or not isinstance(data.get("task"), str):
        raise UsageError(f"{path}: field task is missing, expected one of {', '.join(TASKS)}")
    fields = {str(key): value for key, value in data.items() if key != "task"}
    try:
        return _kind(data["task"]).model_validate(fields)
    except ValidationError as error:
        raise UsageError(f"{path}: {sentence(error, 'task')}") from error


def task_names(chosen: str) -> tuple[str, ...]:
    """The names or files in a comma-separated list; "all" is every kind.

    Raises:
        UsageError: one of them does not exist.
    """
    names = tuple(TASKS) if chosen == ALL else tuple(name.strip() for name in chosen.split(","))
    for name in names:
        load_task(name)
    return names


def _kind(name: str) -> type[Task]:
    if name not in TASKS:
        close = difflib.get_close_matches(name, TASKS, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise UsageError(f"task {name!r} is not known; give a YAML file or one of {', '.join(TASKS)}{hint}")
    return TASKS[name]
