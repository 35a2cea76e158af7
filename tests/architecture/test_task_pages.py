"""docs/tasks.md is what its generator writes from the tasks as they are now."""

import importlib.util
import re
from pathlib import Path

import cv2
import pytest

from sovereign_robot.contract.robot import load_robot
from sovereign_robot.sim.tasks.registry import TASKS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/tasks.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def generator():
    spec = importlib.util.spec_from_file_location("make_task_pages", ROOT / "tools/make_task_pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_lists_exactly_the_tasks_that_exist():
    assert re.findall(r"^## `(\w+)`$", PAGE, flags=re.MULTILINE) == list(TASKS)


def test_every_picture_of_the_page_exists_and_no_other():
    shown = set(re.findall(r'src="(images/\w+\.png)"', PAGE))
    assert shown == {f"images/{path.name}" for path in (ROOT / "docs/images").iterdir()}
    assert len(shown) == 4 * len(TASKS)


@pytest.mark.parametrize(
    ("view", "shape"),
    [("begin", (360, 480)), ("end", (360, 480)), ("policy_front", (96, 128)), ("policy_wrist", (96, 128))],
)
def test_a_picture_is_small_and_shows_something(view, shape):
    for task in TASKS:
        path = ROOT / "docs/images" / f"{task}_{view}.png"
        image = cv2.imread(str(path))
        assert image.shape == (*shape, 3)
        assert image.std() > 10.0
        assert path.stat().st_size < 40_000


def test_every_task_has_a_sentence_in_japanese(generator):
    assert set(generator.JAPANESE) == set(TASKS)


def test_the_page_is_written_from_the_tasks_as_they_are(generator):
    assert generator.page(load_robot(generator.ROBOT)) == PAGE, "run `make docs`"
