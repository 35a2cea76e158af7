"""Success is judged over time: held, and never after something else was spoilt."""

from dataclasses import dataclass

import pytest

from sovereign_robot.sim.judge import Judge


@dataclass
class Switch:
    """A task whose world is a word."""

    hold_s: float = 0.2

    def in_place(self, world, goal):
        return world == goal["word"]

    def spoilt(self, world, goal):
        return world == "broken"


def judge(*seen: str) -> Judge:
    """What is thought of a world that was looked at every 0.1 s."""
    judge = Judge(Switch(), {"word": "done"})
    for index, world in enumerate(seen):
        judge.look(world, 0.1 * index)
    return judge


@pytest.mark.parametrize(
    ("seen", "success"),
    [
        (("done", "done"), False),
        (("done", "done", "done", "done"), True),
        (("done", "done", "not yet", "done", "done"), False),
        (("broken", "done", "done", "done", "done"), False),
        ((), False),
    ],
)
def test_success_is_a_goal_that_stays_in_place_for_the_hold_time(seen, success):
    assert judge(*seen).success() is success


def test_what_is_spoilt_stays_spoilt():
    assert judge("broken", "done").spoilt
    assert not judge("done").spoilt
