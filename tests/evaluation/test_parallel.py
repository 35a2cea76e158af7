import os
from functools import partial
from itertools import count

import pytest

from sovereign_robot.contract.errors import SovereignError, UsageError
from sovereign_robot.evaluation.parallel import as_finished, for_seeds, local_pool
from sovereign_robot.evaluation.statistics import wilson

# Called once in a worker, each gives the function that is called with a seed.
TWO_TO_THE = partial(partial, pow, 2)
THREADS = partial(partial, os.getenv, "OMP_NUM_THREADS")
FAILS_ABOVE_2 = partial(partial, wilson, n=2)
DIES = partial(partial, os._exit)


@pytest.mark.parametrize("workers", [0, 2])
def test_results_come_in_the_order_of_the_seeds(workers):
    results = list(for_seeds(TWO_TO_THE, range(3, 12), workers))

    assert results == [(i, 2**i) for i in range(3, 12)]


def test_workers_have_one_thread_each_and_the_caller_is_left_as_it_was(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)

    assert list(for_seeds(THREADS, range(2), 1)) == [(0, "1"), (1, "1")]
    assert "OMP_NUM_THREADS" not in os.environ


def test_endless_seeds_end_with_the_iterator():
    results = for_seeds(TWO_TO_THE, count(), 1)
    first = [next(results) for _ in range(3)]
    results.close()

    assert first == [(0, 1), (1, 2), (2, 4)]


@pytest.mark.parametrize("workers", [0, 2])
def test_jobs_may_depend_on_what_is_finished(workers):
    jobs = [1]
    results = []
    with local_pool(TWO_TO_THE, workers) as pool:
        for job, result in as_finished(pool, lambda: jobs.pop() if jobs else None):
            results.append((job, result))
            if len(results) < 3:
                jobs.append(result)

    assert results == [(1, 2), (2, 4), (4, 16)]


def test_jobs_are_all_done_in_any_order():
    jobs = iter(range(9))
    with local_pool(TWO_TO_THE, 2) as pool:
        results = as_finished(pool, lambda: next(jobs, None))
        assert sorted(results) == [(i, 2**i) for i in range(9)]


def test_a_fault_in_a_worker_reaches_the_caller_as_itself():
    with pytest.raises(ValueError, match="3 successes of 2 episodes"):
        list(for_seeds(FAILS_ABOVE_2, range(4), 1))


def test_a_worker_that_dies_is_one_sentence():
    with pytest.raises(SovereignError, match="a worker process died at seed"):
        list(for_seeds(DIES, range(1, 4), 1))


def test_a_negative_number_of_workers_is_refused():
    with pytest.raises(UsageError, match="workers is -1"):
        list(for_seeds(TWO_TO_THE, range(4), -1))
