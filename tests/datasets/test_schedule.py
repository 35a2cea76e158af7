import random

from hypothesis import given, settings
from hypothesis import strategies as st

from sovereign_robot.datasets.schedule import FAILURES_ALLOWED, Schedule
from sovereign_robot.datasets.takes import TakeId

TASKS = ["lift", "reach", "stack"]


def run(schedule: Schedule, workers: int, failing: set[TakeId], order: random.Random) -> list[TakeId]:
    """Every seed that is tried when as many workers finish in a random order."""
    tried, running = [], []
    while True:
        while len(running) < workers and (take := schedule.next()) is not None:
            tried.append(take)
            running.append(take)
        if not running:
            return tried
        take = running.pop(order.randrange(len(running)))
        schedule.finish(take, success=take not in failing)


def test_tasks_take_turns():
    schedule = Schedule(TASKS, 5, 2)

    assert [schedule.next() for _ in range(7)] == [
        ("lift", 5),
        ("reach", 5),
        ("stack", 5),
        ("lift", 6),
        ("reach", 6),
        ("stack", 6),
        None,
    ]


def test_a_failed_seed_is_made_up_for_by_the_next():
    schedule = Schedule(["lift"], 0, 2)
    first, second = schedule.next(), schedule.next()
    assert schedule.next() is None

    schedule.finish(first, success=False)

    assert schedule.next() == ("lift", 2)
    schedule.finish(second, success=True)
    assert not schedule.complete
    schedule.finish(TakeId("lift", 2), success=True)
    assert schedule.complete
    assert (schedule.wanted, schedule.successes, schedule.failures) == (2, 2, 1)


def test_a_gap_that_a_kill_left_is_filled_though_there_are_enough_behind_it():
    done = [TakeId("lift", seed) for seed in (0, 2, 3)]
    schedule = Schedule(["lift"], 0, 3, done)

    assert not schedule.complete
    assert schedule.next() == ("lift", 1)
    assert schedule.next() is None


def test_a_task_that_fails_too_often_is_given_up_and_the_others_go_on():
    failed = [TakeId("lift", seed) for seed in range(FAILURES_ALLOWED + 1)]
    schedule = Schedule(["lift", "reach"], 0, 2, failed=failed)

    assert [schedule.next() for _ in range(3)] == [("reach", 0), ("reach", 1), None]
    assert schedule.is_hopeless("lift")
    assert not schedule.complete


@settings(deadline=None)
@given(
    failing=st.sets(st.builds(TakeId, st.sampled_from(TASKS), st.integers(0, 12))),
    workers=st.integers(1, 7),
    episodes=st.integers(1, 6),
    order=st.randoms(use_true_random=False),
)
def test_the_seeds_that_are_tried_do_not_depend_on_the_workers(failing, workers, episodes, order):
    alone = run(Schedule(TASKS, 0, episodes), 1, failing, order)

    schedule = Schedule(TASKS, 0, episodes)
    assert sorted(run(schedule, workers, failing, order)) == sorted(alone)
    assert schedule.complete
    assert schedule.successes == schedule.wanted
